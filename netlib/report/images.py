"""The maps of the report as the page holds them: lossless images that are small enough together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from netlib.jobs import WORKERS
from netlib.report.figures import Figure

# Widths in pixels to try, and the bytes that all images may take together, so that the page with
# its text, and with the 4/3 of base64, stays under 8 MB.
IMAGE_WIDTHS = (1800, 800, 640)
IMAGE_BYTES = 4_000_000
# How hard lossless WebP is packed, 0 to 6; beyond 2 it takes longer for little.
IMAGE_EFFORT = 2


def shrink_figures(figures: Sequence[Figure], folder: Path) -> dict[Path, Path]:
    """Make small images of the figures in ``folder``, as wide as a page can bear.

    Returns
    -------
    dict
        Path of the small image by that of the figure's.
    """
    every = [path for figure in figures for path in figure.pictures.values()]
    small = {path: folder / f"{number}.webp" for number, path in enumerate(every)}
    for width in IMAGE_WIDTHS:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(partial(shrink_image, width=width), small, small.values()))
        if sum(path.stat().st_size for path in small.values()) <= IMAGE_BYTES:
            break
    return small


def shrink_image(source: Path, target: Path, *, width: int) -> None:
    """Write a lossless WebP in the colours of the maps, at most ``width`` pixels wide."""
    from PIL import Image

    from netlib.maps.style import list_colours

    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(bytes.fromhex(colour[1:]) for colour in list_colours()))
    with Image.open(source) as image:
        picture = image.convert("RGB")
    if picture.width > width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    plain = picture.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
    plain.save(target, lossless=True, method=IMAGE_EFFORT)
