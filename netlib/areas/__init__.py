"""Areas within reach: fields of minutes over land, their isochrones, and the residents inside."""

from netlib.areas.homes import count_residents, read_homes
from netlib.areas.isochrones import field_to_isochrones
from netlib.areas.merges import measure_roundness, merge_fields
from netlib.areas.spreads import spread
from netlib.roads.fields import Field

__all__ = [
    "Field",
    "count_residents",
    "field_to_isochrones",
    "measure_roundness",
    "merge_fields",
    "read_homes",
    "spread",
]
