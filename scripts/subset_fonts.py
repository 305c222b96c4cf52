"""Cut Noto Sans SC down to the characters that the maps can need.

    python scripts/subset_fonts.py FOLDER [--text FILE ...]

FOLDER holds the static fonts of the npm package ``@expo-google-fonts/noto-sans-sc`` (0.4.3; SIL
Open Font License). The subsets keep the 3,755 common characters of GB 2312 (level 1), Latin,
punctuation, every character of ``networks/`` and of the given files, such as the documents'
claims with their traditional characters. Bold, which serves names and titles, goes without the
common characters; `netlib.maps.style` sets a text that bold cannot write in regular. Both are
written to ``netlib/maps/fonts/``.
"""

from __future__ import annotations

import argparse
import string
import sys
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "netlib" / "maps" / "fonts"
WEIGHTS = {  # our file -> file of the package, whether with the common characters
    "NotoSansSC-Regular.ttf": ("NotoSansSC_400Regular.ttf", True),
    "NotoSansSC-Bold.ttf": ("NotoSansSC_700Bold.ttf", False),
}
TEXT_SUFFIXES = {".csv", ".toml", ".geojson", ".json", ".txt", ".py"}
# Latin-1 letters, dashes, quotes, arrows, comparison signs, shapes, CJK and full-width punctuation
BLOCKS = (
    (0x00A0, 0x00FF),
    (0x2010, 0x2026),
    (0x2030, 0x203B),
    (0x2190, 0x2199),
    (0x2212, 0x2212),
    (0x2248, 0x2265),
    (0x2460, 0x2473),
    (0x25A0, 0x25CF),
    (0x2605, 0x2606),
    (0x3000, 0x3017),
    (0xFF01, 0xFF5E),
)


def collect_characters(files: list[Path], *, common: bool) -> set[str]:
    """Collect Latin, punctuation, all characters of ``files`` and, if wanted, the common ones."""
    characters = set(string.printable.strip()) | {" "}
    for first, last in BLOCKS:
        characters |= {chr(code) for code in range(first, last + 1)}
    for row in range(0xB0, 0xD8) if common else ():  # GB 2312 level 1, in EUC-CN: rows 16 to 55
        for cell in range(0xA1, 0xFF):
            characters |= set(bytes((row, cell)).decode("gb2312", errors="ignore"))
    for file in files:
        characters |= {c for c in file.read_text(encoding="utf-8-sig") if c.isprintable()}
    return characters


def write_subset(source: Path, target: Path, characters: set[str]) -> int:
    """Write the glyphs of ``characters`` as a TrueType font; return its size in bytes."""
    options = subset.Options(
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl"],
        hinting=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        drop_tables=["DSIG", "STAT", "vhea", "vmtx", "VORG"],
        recalc_timestamp=False,
    )
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters)))
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return target.stat().st_size


def main() -> int:
    """Write both weights and tell their sizes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="folder with the static fonts")
    parser.add_argument("--text", type=Path, nargs="*", default=[], help="further text files")
    arguments = parser.parse_args()
    files = [f for d in ("networks", "netlib") for f in sorted((ROOT / d).rglob("*"))]
    files = [f for f in files if f.suffix in TEXT_SUFFIXES] + arguments.text
    FONTS.mkdir(exist_ok=True)
    for target, (name, common) in WEIGHTS.items():
        source = next(arguments.folder.rglob(name), None)
        if source is None:
            print(f"{name} is not below {arguments.folder}", file=sys.stderr)
            return 2
        characters = collect_characters(files, common=common)
        size = write_subset(source, FONTS / target, characters)
        print(f"{target}: {len(characters)} characters, {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
