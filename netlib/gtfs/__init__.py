"""GTFS feeds in and out: read, check and take a day of one, write the services of a network as one.

What users of feeds need stands here; the modules beside hold the parts.
"""

from __future__ import annotations

from netlib.gtfs.export import export_feed
from netlib.gtfs.feeds import Feed, ServiceDay, check_feed, read_feed, select_day
from netlib.gtfs.imports import import_feed

__all__ = [
    "Feed",
    "ServiceDay",
    "check_feed",
    "export_feed",
    "import_feed",
    "read_feed",
    "select_day",
]
