"""Which way wins where: rail door to door and driving in the peak between the report's cities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.comparisons import list_cities
from netlib.readings import find_reading
from netlib.report.appendix import Item, format_number
from netlib.report.explorer import find_origins
from netlib.times import measure_pairs
from netlib.times.steps import DECIMALS, Step
from netlib.times.table import BY_CAR, BY_RAIL, find_range
from netlib.words import translate_value

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from netlib.report.view import View
    from netlib.tables import Network

# What stands between the modes of a way.
JOINT = "-"
RIDE = "ride"
ENDS = ["low", "travel_time_minutes", "high"]
KNOWLEDGE = ["gap_minutes", "timetable", "age_days", "known"]


def measure_city_ways(network: Network, day: str) -> pd.DataFrame:
    """Measure the best way from the places that the map starts from to all cities on a day.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``way`` (modes joined by `JOINT`), ``low``, ``travel_time_minutes``,
        ``high`` (of the best way), ``rail_minutes`` (door to door), ``road_minutes`` (by car in the
        peak), and of the trains ``gap_minutes``, ``timetable``, ``age_days`` and ``known`` as from
        `netlib.times.travel_times`; by origin and then by minutes. Pairs without any way are left
        out.
    """
    today = network.as_of(day)
    origins = find_origins(today)
    cities = list_cities(today)
    pairs = pd.DataFrame(
        [(a, b) for a in origins for b in cities if a != b], columns=["from_id", "to_id"]
    )
    rail, steps = measure_pairs(today, pairs, reading=find_reading(today.root, BY_RAIL))
    car, _ = measure_pairs(today, pairs, reading=find_reading(today.root, BY_CAR), legs=False)
    by_rail, by_car = (table["travel_time_minutes"] for table in (rail, car))
    wins = by_car < by_rail.fillna(np.inf)
    least = [pd.Series(np.fmin(rail[end], car[end]), index=pairs.index) for end in ENDS]
    low, high = find_range(least)
    names = zip(pairs["from_id"], pairs["to_id"], wins, strict=True)
    table = pairs.assign(
        way=["car" if car else name_modes(steps.get((a, b), [])) for a, b, car in names],
        low=low,
        travel_time_minutes=least[1],
        high=high,
        rail_minutes=by_rail,
        road_minutes=by_car,
        **{name: rail[name] for name in KNOWLEDGE},
    )
    table = table[table["travel_time_minutes"].notna()].round(DECIMALS)
    order = table["from_id"].map({origin: number for number, origin in enumerate(origins)})
    table = table.assign(order=order).sort_values(["order", "travel_time_minutes", "to_id"])
    return table.drop(columns="order").reset_index(drop=True)


def name_modes(steps: Sequence[Step]) -> str:
    """Name a journey by its modes: the way to the first stop, the rides, the way from the last.

    >>> name_modes([Step("access", "a", "b", 5.0, mode="walk"), Step("ride", "b", "c", 20.0)])
    'walk-ride'
    """
    modes = [
        step.mode if step.kind in ("access", "egress") else RIDE
        for step in steps
        if step.kind in ("access", "egress", RIDE) and (step.mode or step.kind == RIDE)
    ]
    kept = [mode for place, mode in enumerate(modes) if place == 0 or mode != modes[place - 1]]
    return JOINT.join(kept)


def describe_ways(view: View, table: pd.DataFrame | None) -> list[Item]:
    """Describe for each origin which way wins to which city, and what each of them takes."""
    if table is None:
        return []
    return [
        {
            "title": view.t("from_city", place=view.short_name(str(origin))),
            "counts": " · ".join(
                f"{name_way(str(way), view)} {count}"
                for way, count in rows["way"].value_counts().items()
            ),
            "rows": [
                {
                    "to": view.short_name(str(row["to_id"])),
                    "way": name_way(str(row["way"]), view),
                    "minutes": _format_range(row),
                    "ride": format_number(row["rail_minutes"]),
                    "direct": format_number(row["road_minutes"]),
                    "gap": format_number(row["gap_minutes"]),
                    "timetable": view.timetable(str(row["timetable"]), str(row["known"])),
                }
                for row in rows.to_dict("records")
            ],
        }
        for origin, rows in table.groupby("from_id", sort=False)
    ]


def name_way(way: str, view: View) -> str:
    """Name a way in words, mode by mode."""
    return " + ".join(translate_value("way", part, view.lang) for part in way.split(JOINT))


def _format_range(row: Mapping[Hashable, Any]) -> str:
    central, low, high = (format_number(row[key]) for key in ("travel_time_minutes", "low", "high"))
    return f"{central} ({low}–{high})"
