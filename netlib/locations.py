"""Where the evidence base lies."""

from __future__ import annotations

import os
from pathlib import Path

from netlib.errors import MissingFileError

ENVIRONMENT_VARIABLE = "NETLIB_NETWORKS"


def find_networks(path: str | os.PathLike[str] | None = None) -> Path:
    """Find the evidence base: ``path``, the environment variable, the checkout, or the wheel.

    Raises
    ------
    MissingFileError
        If no folder with a ``datapackage.json`` is found.
    """
    here = Path(__file__).resolve().parent
    given = path or os.environ.get(ENVIRONMENT_VARIABLE)
    candidates = [Path(given)] if given else [here.parent / "networks", here / "networks"]
    for candidate in candidates:
        if (candidate / "datapackage.json").is_file():
            return candidate
    tried = ", ".join(str(candidate) for candidate in candidates)
    raise MissingFileError(
        f"no datapackage.json in {tried}; name the folder with --networks or {ENVIRONMENT_VARIABLE}"
    )
