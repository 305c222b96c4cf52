"""Which services run on a day: by weekday, by date of exception, and by a day that stands in.

A timetable is exact between two days. Outside of them the trains of the nearest day of the same
kind (weekday, Saturday or Sunday) stand in, so that a Saturday is never answered with Monday's
trains while those of a Saturday are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ADDED, REMOVED = 1, 2
SATURDAY = 5
# Days of a validity that are looked at for a stand-in; the weeks of a year repeat themselves, and
# the calendars of feeds seldom reach further.
LOOK_DAYS = 366


@dataclass(frozen=True, eq=False)
class Calendars:
    """The calendars of all services.

    Attributes
    ----------
    calendar, calendar_dates
        The tables of those names (see `netlib.tables.Network`).
    """

    calendar: pd.DataFrame
    calendar_dates: pd.DataFrame

    @cached_property
    def _exceptions(self) -> dict[str, dict[str, float]]:
        frame = self.calendar_dates
        found: dict[str, dict[str, float]] = {}
        columns = ("date", "service_id", "exception_type")
        for day, service, kind in zip(*(frame[name] for name in columns), strict=True):
            found.setdefault(day, {})[service] = kind
        return found

    @cached_property
    def _known(self) -> dict[date, frozenset[str]]:
        return {}

    def services_on(self, day: date) -> frozenset[str]:
        """Return the services that run on a day by weekday, span and dates of exception."""
        if day not in self._known:
            stamp, frame = f"{day:%Y%m%d}", self.calendar
            runs = frame[WEEKDAYS[day.weekday()]] == 1
            runs &= (frame["start_date"] <= stamp) & (stamp <= frame["end_date"])
            changed = self._exceptions.get(stamp, {})
            added = {name for name, kind in changed.items() if kind == ADDED}
            removed = {name for name, kind in changed.items() if kind == REMOVED}
            self._known[day] = frozenset(set(frame.loc[runs, "service_id"]) - removed | added)
        return self._known[day]

    def is_exception(self, day: date, services: frozenset[str]) -> bool:
        """Return whether any of the services runs otherwise on a day than in other weeks."""
        return not services.isdisjoint(self._exceptions.get(f"{day:%Y%m%d}", {}))


def kind_of_day(day: date) -> int:
    """Return 0 for a day from Monday to Friday, 1 for a Saturday and 2 for a Sunday.

    >>> [kind_of_day(date(2026, 11, d)) for d in (27, 28, 29)]
    [0, 1, 2]
    """
    return max(day.weekday() - SATURDAY + 1, 0)


def find_stand_in(
    calendars: Calendars,
    services: frozenset[str],
    *,
    day: date,
    valid: tuple[date, date],
    reference: date,
) -> date:
    """Find the day of a timetable whose trains stand for those of a day outside its validity.

    Parameters
    ----------
    calendars
        All calendars.
    services
        Those of the timetable.
    day
        The day wanted.
    valid
        First and last day of the validity.
    reference
        The day whose trains the timetable holds.

    Returns
    -------
    date
        The nearest day of the same kind within the validity on which any of the services runs,
        one without exceptions before all others (a holiday is no ordinary weekday);
        ``reference`` when the timetable has no such kind of day.
    """
    holiday = None
    for other in _list_near(day, valid):
        if kind_of_day(other) != kind_of_day(day):
            continue
        if calendars.services_on(other).isdisjoint(services):
            continue
        if not calendars.is_exception(other, services):
            return other
        holiday = holiday or other
    return holiday or reference


def _list_near(day: date, valid: tuple[date, date]) -> Iterator[date]:
    """List the days of a validity from its end that is next to ``day``."""
    first, last = valid
    start, step = (first, 1) if day < first else (last, -1)
    for offset in range(min((last - first).days + 1, LOOK_DAYS)):
        yield start + timedelta(days=step * offset)
