"""Which GTFS tables netlib reads, and what their columns may hold.

Names, defaults and allowed values are those of the GTFS Schedule Reference (gtfs.org, revision of
2025). Files that no travel time depends on, such as shapes and fares, are left unread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "time", "date", "number", "integer"]

# Longest time and largest count that fit the 32-bit seconds of the timetable.
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Column:
    """A column that netlib uses.

    Attributes
    ----------
    name
        Name in the header.
    kind
        ``id`` and ``text`` are kept as text; ``time`` becomes float64 seconds after midnight of
        the service day (NaN when blank), ``date`` datetime64[s], ``number`` float64 and
        ``integer`` int64.
    required
        ``file``: the column must be there; ``row``: every row must fill it as well.
    default
        Value of a blank ``integer``.
    choices
        Allowed values of an ``integer``; any from 0 when empty.
    bound
        Largest absolute value of a ``number``; none when 0.
    least
        Smallest value of a ``number``.
    minor
        Whether a row is of use without what stands here: a bad cell is an error and read as blank.
    """

    name: str
    kind: Kind
    required: Literal["", "file", "row"] = ""
    default: int = 0
    choices: tuple[int, ...] = ()
    bound: float = 0.0
    least: float = -math.inf
    minor: bool = False


@dataclass(frozen=True)
class Table:
    """A file of a feed.

    Attributes
    ----------
    name
        File name without ``.txt``.
    columns
        Columns that netlib uses.
    key
        Columns of which no two rows have the same values.
    required
        Whether a feed must have the file, with at least one row.
    unused
        Further columns of the reference, which are left unread.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    unused: str = ""

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.txt"


# Value of a cell that cannot be read, where no true value can be mistaken for it.
UNKNOWN = -1
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Types of the reference and of its extension (Google's list of extended route types).
ROUTE_TYPES = (*range(8), 11, 12, *range(100, 1800))
PICKUP_TYPES = (0, 1, 2, 3)

TABLES = (
    Table(
        "agency",
        (
            Column("agency_id", "id"),
            Column("agency_name", "text", "row"),
            Column("agency_url", "text", "row"),
            Column("agency_timezone", "text", "row"),
            Column("agency_lang", "text"),
            Column("agency_fare_url", "text"),
            Column("agency_email", "text"),
        ),
        key=("agency_id",),
        required=True,
        unused="agency_phone cemv_support",
    ),
    Table(
        "stops",
        (
            Column("stop_id", "id", "row"),
            Column("stop_name", "text"),
            Column("stop_lat", "number", "file", bound=90.0),
            Column("stop_lon", "number", "file", bound=180.0),
            Column("location_type", "integer", choices=(0, 1, 2, 3, 4)),
            Column("parent_station", "id"),
            Column("stop_timezone", "text"),
            Column("stop_url", "text"),
        ),
        key=("stop_id",),
        required=True,
        unused="stop_code tts_stop_name stop_desc zone_id stop_access "
        "wheelchair_boarding level_id platform_code",
    ),
    Table(
        "routes",
        (
            Column("route_id", "id", "row"),
            Column("agency_id", "id"),
            Column("route_short_name", "text"),
            Column("route_long_name", "text"),
            Column("route_type", "integer", "row", default=3, choices=ROUTE_TYPES),
            Column("route_url", "text"),
        ),
        key=("route_id",),
        required=True,
        unused="route_desc route_color route_text_color route_sort_order network_id "
        "continuous_pickup continuous_drop_off cemv_support",
    ),
    Table(
        "trips",
        (
            Column("trip_id", "id", "row"),
            Column("route_id", "id", "row"),
            Column("service_id", "id", "row"),
            Column("trip_headsign", "text"),
            Column("trip_short_name", "text"),
            Column("direction_id", "integer", default=UNKNOWN, choices=(0, 1), minor=True),
            Column("block_id", "id"),
        ),
        key=("trip_id",),
        required=True,
        unused="shape_id wheelchair_accessible bikes_allowed cars_allowed "
        "safe_duration_factor safe_duration_offset",
    ),
    Table(
        "stop_times",
        (
            Column("trip_id", "id", "row"),
            Column("arrival_time", "time", "file"),
            Column("departure_time", "time", "file"),
            # Empty where a row names a zone, or a group of stops, for trips on demand.
            Column("stop_id", "id", "file"),
            Column("stop_sequence", "integer", "row", default=UNKNOWN),
            Column("pickup_type", "integer", choices=PICKUP_TYPES),
            Column("drop_off_type", "integer", choices=PICKUP_TYPES),
            Column("shape_dist_traveled", "number", least=0.0, minor=True),
            Column("timepoint", "integer", default=UNKNOWN, choices=(0, 1), minor=True),
            Column("location_id", "id"),
            Column("location_group_id", "id"),
            Column("start_pickup_drop_off_window", "time", minor=True),
            Column("end_pickup_drop_off_window", "time", minor=True),
        ),
        key=("trip_id", "stop_sequence"),
        required=True,
        unused="stop_headsign continuous_pickup continuous_drop_off pickup_booking_rule_id "
        "drop_off_booking_rule_id",
    ),
    Table(
        "calendar",
        (
            Column("service_id", "id", "row"),
            *(Column(day, "integer", "row", choices=(0, 1)) for day in DAYS),
            Column("start_date", "date", "row"),
            Column("end_date", "date", "row"),
        ),
        key=("service_id",),
        unused="service_name",
    ),
    Table(
        "calendar_dates",
        (
            Column("service_id", "id", "row"),
            Column("date", "date", "row"),
            Column("exception_type", "integer", "row", default=1, choices=(1, 2)),
        ),
        key=("service_id", "date"),
        unused="holiday_name",
    ),
    Table(
        "frequencies",
        (
            Column("trip_id", "id", "row"),
            Column("start_time", "time", "row"),
            Column("end_time", "time", "row"),
            Column("headway_secs", "integer", "row", default=1),
            Column("exact_times", "integer", choices=(0, 1)),
        ),
        key=("trip_id", "start_time"),
    ),
    Table(
        "transfers",
        (
            Column("from_stop_id", "id"),
            Column("to_stop_id", "id"),
            Column("from_route_id", "id"),
            Column("to_route_id", "id"),
            Column("from_trip_id", "id"),
            Column("to_trip_id", "id"),
            Column("transfer_type", "integer", "file", choices=(0, 1, 2, 3, 4, 5)),
            Column("min_transfer_time", "integer", default=UNKNOWN),
        ),
        key=(
            "from_stop_id",
            "to_stop_id",
            "from_route_id",
            "to_route_id",
            "from_trip_id",
            "to_trip_id",
        ),
    ),
    Table(
        "feed_info",
        (
            Column("feed_publisher_name", "text", "row"),
            Column("feed_publisher_url", "text", "row"),
            Column("feed_lang", "text", "row"),
            Column("default_lang", "text"),
            Column("feed_start_date", "date", minor=True),
            Column("feed_end_date", "date", minor=True),
            Column("feed_version", "text"),
            Column("feed_contact_email", "text"),
            Column("feed_contact_url", "text"),
        ),
    ),
)
BY_NAME = {table.name: table for table in TABLES}
# Further files of the reference, left unread as no travel time depends on them.
UNUSED_FILES = frozenset(
    {
        "areas.txt",
        "attributions.txt",
        "booking_rules.txt",
        "fare_attributes.txt",
        "fare_leg_join_rules.txt",
        "fare_leg_rules.txt",
        "fare_media.txt",
        "fare_products.txt",
        "fare_rules.txt",
        "fare_transfer_rules.txt",
        "levels.txt",
        "location_group_stops.txt",
        "location_groups.txt",
        "locations.geojson",
        "networks.txt",
        "pathways.txt",
        "rider_categories.txt",
        "route_networks.txt",
        "shapes.txt",
        "stop_areas.txt",
        "timeframes.txt",
        "translations.txt",
    }
)
