"""Street extracts of a user's regions: files named by hand, or ``<region>/streets/<mode>.parquet``.

The folders are not part of the repository: streets are large, and everybody's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from netlib.errors import NetlibError
from netlib.streets import Streets, read_streets

FOLDER = "streets"


def find_street_files(root: Path) -> list[Path]:
    """Find the street files of all regions of an evidence base, in a fixed order."""
    return sorted(root.glob(f"*/{FOLDER}/*.parquet"))


def name_street_file(root: Path, region: str, mode: str) -> Path:
    """Name the file in which a region of an evidence base keeps its streets for a mode."""
    return root / region / FOLDER / f"{mode}.parquet"


def read_extracts(files: Iterable[Path]) -> list[Streets]:
    """Read street files that `netlib.streets.write_streets` wrote; each says its mode.

    Raises
    ------
    NetlibError
        If a file is not there, is no street file, or pyarrow is not installed.
    """
    extracts = []
    for path in files:
        if path.suffix.lower() != ".parquet":
            message = f"{path} is no .parquet file; make one with netlib streets read {path.name}"
            raise NetlibError(message)
        extracts.append(read_streets(path))
    return extracts
