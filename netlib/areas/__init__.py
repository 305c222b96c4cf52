"""Areas within reach: fields of minutes over land, their isochrones, and the residents inside."""

from netlib.areas.homes import count_residents, read_homes
from netlib.areas.isochrones import field_to_isochrones
from netlib.areas.spreads import spread
from netlib.roads.fields import Field

__all__ = ["Field", "count_residents", "field_to_isochrones", "read_homes", "spread"]
