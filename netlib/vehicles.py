"""Kinds of vehicles by the minutes that their stations cost, from the route types of GTFS."""

from __future__ import annotations

RAIL, METRO, STREET = range(3)
KINDS = ("rail", "metro", "street")
# GTFS route types: 2 and 100 to 199 are railways, 1 and 400 to 499 metros; all else stops in the
# street.
RAIL_TYPES = frozenset({2, *range(100, 200)})
METRO_TYPES = frozenset({1, *range(400, 500)})


def classify_route(route_type: float) -> int:
    """Return the kind of vehicle of a GTFS route type.

    >>> [KINDS[classify_route(t)] for t in (2, 1, 3)]
    ['rail', 'metro', 'street']
    """
    if route_type in RAIL_TYPES:
        return RAIL
    return METRO if route_type in METRO_TYPES else STREET
