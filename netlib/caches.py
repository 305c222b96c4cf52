"""Where netlib keeps what took long to compute or fetch and can be had again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def find_cache() -> Path:
    """Return the folder where netlib keeps what took long to compute and can be computed again.

    ``NETLIB_CACHE`` names it; otherwise it is where the system keeps such things for a user.
    """
    named = os.environ.get("NETLIB_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "netlib"
