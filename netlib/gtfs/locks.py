"""Let one process at a time write to a place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def lock(place: Path) -> Iterator[None]:
    """Wait until no other process of this machine holds the place, then hold it.

    The system gives the place free when a process ends, however it ends. On Windows, which has no
    such locks, nobody waits.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    name = hashlib.sha256(str(place.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    path = Path(tempfile.gettempdir()) / f"netlib-{name[:16]}.lock"
    while True:
        with path.open("a+b") as stream:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
            # Whoever held it before takes the file away; then another one is the lock.
            if not path.exists() or path.stat().st_ino != os.fstat(stream.fileno()).st_ino:
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
