"""Errors that netlib raises, each a `NetlibError` and the builtin that it refines.

- `NetlibError`
    - `InputError` (`ValueError`): a file does not hold what it should; lists every problem
    - `MissingFileError` (`FileNotFoundError`): a file or folder is not there
    - `UnknownNameError` (`LookupError`): an id or name that nothing carries
    - `DateError` (`ValueError`): a date that cannot be read or lies outside the data
    - `ScenarioError` (`ValueError`): a card that matches nothing or expects another value
    - `UnreachableError` (`ValueError`): no journey where one is needed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Notice:
    """One problem of an input: where it is, which rule it breaks and how to mend it.

    Attributes
    ----------
    file : str
        File name relative to its folder.
    line : int
        Line in the file, counted from 1; 0 when the problem concerns the whole file.
    rule : str
        Name of the broken rule, in ``kebab-case``.
    message : str
        What is wrong and what to do.
    severity : {"error", "warning"}
    """

    file: str
    line: int
    rule: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Format as ``file:line: severity rule: message``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity} {self.rule}: {self.message}"


class NetlibError(Exception):
    """Base of every error that netlib raises on purpose."""


class InputError(NetlibError, ValueError):
    """An input holds problems; all of them are listed at once."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        """Keep the notices and show them one a line."""
        self.notices = tuple(notices)
        super().__init__("\n".join(str(notice) for notice in self.notices))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Notice, ...]]]:
        """Let the error travel between processes."""
        return InputError, (self.notices,)


class MissingFileError(NetlibError, FileNotFoundError):
    """A file or folder that netlib needs is not there."""


class UnknownNameError(NetlibError, LookupError):
    """A name or id that nothing in the data carries."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        """Name the nearest of ``known`` in the message."""
        candidates = sorted(set(known))
        near = get_close_matches(name, candidates, n=5, cutoff=0.4)
        hint = f"; nearest: {', '.join(near)}" if near else f"; one of: {', '.join(candidates[:8])}"
        super().__init__(f"unknown {kind} {name!r}{hint}")
        self.details = (kind, name, tuple(candidates))

    def __reduce__(self) -> tuple[type[UnknownNameError], tuple[str, str, tuple[str, ...]]]:
        """Let the error travel between processes."""
        return UnknownNameError, self.details


class DateError(NetlibError, ValueError):
    """A date that cannot be read, or that lies outside what the data covers."""


class ScenarioError(NetlibError, ValueError):
    """A scenario card that cannot be applied as it is written."""


class UnreachableError(NetlibError, ValueError):
    """There is no journey between two places on this network."""
