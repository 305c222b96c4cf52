"""Which way wins where: rides, taxi and car in competition between the cities of the report."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from netlib.doors.regions import measure_places
from netlib.report.appendix import Item, format_number
from netlib.report.explorer import find_origins
from netlib.streets.extracts import find_street_files, read_extracts
from netlib.travel_times import DECIMALS
from netlib.words import translate_value

if TYPE_CHECKING:
    import pandas as pd

    from netlib.report.view import View
    from netlib.tables import Network

# What stands between the modes of a way that `netlib.doors` names.
JOINT = "-"


def measure_city_ways(network: Network, day: str) -> pd.DataFrame:
    """Measure every way from the places that the map starts from to all cities on a day.

    Returns
    -------
    DataFrame
        As from `netlib.doors.regions.measure_places`, minutes to a tenth, by origin and then by
        minutes; pairs without any way and the origins themselves are left out.
    """
    today = network.as_of(day)
    zone = today["zone"]
    origins = find_origins(today)
    cities = zone.loc[zone["level"] != "county", "zone_id"].tolist()
    extracts = read_extracts(find_street_files(today.root))
    table = measure_places(today, extracts, origins, cities).round(DECIMALS)
    table = table[(table["way"] != "") & (table["from_id"] != table["to_id"])]
    order = table["from_id"].map({origin: number for number, origin in enumerate(origins)})
    table = table.assign(order=order).sort_values(["order", "travel_time_minutes", "to_id"])
    return table.drop(columns="order").reset_index(drop=True)


def describe_ways(view: View, table: pd.DataFrame | None) -> list[Item]:
    """Describe for each origin which way wins to which city, and what the other one takes."""
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
                    "ride": format_number(row["ride_minutes"]),
                    "direct": format_number(row["direct_minutes"]),
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
