"""Write the services of a network of one day as a GTFS feed."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import netlib
from netlib.errors import DateError, InputError, Notice
from netlib.gtfs.network import network_day, network_stops, network_transfers
from netlib.gtfs.tables import DAYS
from netlib.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netlib.tables import Network

# A feed must name a page of its publisher; netlib has none.
PUBLISHER_URL = "https://example.org/netlib"
ODBL_URL = "https://www.openstreetmap.org/copyright"
LANGUAGE = "zh"
BY_MINIMUM = 2
TRIP_COLUMNS = [
    "route_id",
    "service_id",
    "trip_id",
    "trip_headsign",
    "trip_short_name",
    "direction_id",
]
# Members of an archive carry the first date that the format knows, so that equal feeds are equal
# files.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def export_feed(network: Network, path: str | os.PathLike[str]) -> None:
    """Write the network of one day as a GTFS feed, whole or not at all.

    Trains have clock times; headway services have a trip each and rows in ``frequencies.txt``.
    ``transfers.txt`` holds the least time between two trips of a stop and the ways on foot between
    stops. The calendar spans the day and its neighbours (and the days before from which trains
    still run), on which the same trains run, so that journeys may begin before midnight.

    Parameters
    ----------
    network
        A network of one day (`netlib.tables.Network.as_of`), of any scenario.
    path
        A folder, or an archive when the name ends in ``.zip``. An older feed there is replaced.

    Raises
    ------
    DateError
        If the network is of no day, or no train runs on it.
    InputError
        If a folder at ``path`` holds other files than those of a feed.
    """
    tables = build_tables(network)
    texts = {
        f"{name}.txt": frame.to_csv(index=False, lineterminator="\n")
        for name, frame in tables.items()
    }
    target = Path(path)
    if target.suffix == ".zip":
        _write_archive(target, texts)
    else:
        _write_folder(target, texts)


def build_tables(network: Network) -> dict[str, pd.DataFrame]:
    """Build the tables of the feed by name; see `export_feed`."""
    services = network_day(network)
    day = network.day
    if day is None or services.calls.empty:
        raise DateError(f"no train runs on {day}, scenario {network.scenario}; choose another day")
    calls = services.calls[services.calls["day"] == 0]
    alive = set(calls["trip_id"])
    trips = network["trips"]
    trips = trips[trips["trip_id"].isin(alive)].sort_values("trip_id")
    routes = network["routes"].drop_duplicates("route_id").sort_values("route_id")
    routes = routes[routes["route_id"].isin(set(trips["route_id"]))]
    agency = network["agency"].drop_duplicates("agency_id").sort_values("agency_id")
    agency = agency[agency["agency_id"].isin(set(routes["agency_id"]))]
    stops = network_stops(network)
    names = dict(zip(stops["stop_id"], stops["name"], strict=True))
    heads = calls.groupby("trip_id", sort=False)["stop_id"].last().map(names)
    span = _find_span(services.calls, day)
    tables = {
        "agency": agency[["agency_id", "agency_name", "agency_url", "agency_timezone"]],
        "stops": stops.rename(
            columns={"name": "stop_name", "x_coord": "stop_lon", "y_coord": "stop_lat"}
        )[["stop_id", "stop_name", "stop_lat", "stop_lon"]],
        "routes": routes.astype({"route_type": "int64"})[
            ["route_id", "agency_id", "route_short_name", "route_long_name", "route_type"]
        ],
        "trips": trips.assign(trip_headsign=trips["trip_id"].map(heads))[TRIP_COLUMNS],
        "stop_times": _make_stop_times(calls),
        "calendar": _make_calendar(trips["service_id"], span),
        "frequencies": _make_frequencies(services.frequencies),
        "transfers": _make_transfers(stops, network_transfers(network)),
        "translations": _make_translations(stops),
        "feed_info": _make_feed_info(network, day, span),
        "attributions": _make_attributions(network, set(stops["stop_id"]), trips),
    }
    optional = ("frequencies", "translations", "attributions")
    return {name: t for name, t in tables.items() if name not in optional or len(t)}


def _format_clocks(seconds: pd.Series) -> pd.Series:
    texts = {value: format_clock(value) for value in seconds.unique().tolist()}
    return seconds.map(texts)


def _make_stop_times(calls: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "trip_id": calls["trip_id"],
        "arrival_time": _format_clocks(calls["arrival"]),
        "departure_time": _format_clocks(calls["departure"]),
        "stop_id": calls["stop_id"],
        "stop_sequence": calls["stop_sequence"],
    }
    for name, allowed in (("pickup_type", "pickup"), ("drop_off_type", "drop_off")):
        if not calls[allowed].all():
            columns[name] = (~calls[allowed]).astype("int64")
    return pd.DataFrame(columns)


def _find_span(calls: pd.DataFrame, day: date) -> tuple[str, str]:
    """Return the first day whose trains still run on the day, and the day after, as in GTFS."""
    before = timedelta(days=min(-1, int(calls["day"].min())) if len(calls) else -1)
    return f"{day + before:%Y%m%d}", f"{day + timedelta(days=1):%Y%m%d}"


def _make_calendar(services: pd.Series, span: tuple[str, str]) -> pd.DataFrame:
    start, end = span
    frame = pd.DataFrame({"service_id": sorted(set(services)), **dict.fromkeys(DAYS, 1)})
    return frame.assign(start_date=start, end_date=end)


def _make_frequencies(frequencies: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trip_id": frequencies["trip_id"],
            "start_time": _format_clocks(frequencies["start"]),
            "end_time": _format_clocks(frequencies["end"]),
            "headway_secs": frequencies["headway"],
            "exact_times": frequencies["exact"].astype("int64"),
        }
    )


def _make_transfers(stops: pd.DataFrame, walks: pd.DataFrame) -> pd.DataFrame:
    ids = stops["stop_id"]
    least = stops["min_transfer"].round().astype("int64")
    own = pd.DataFrame({"from_stop_id": ids, "to_stop_id": ids, "seconds": least})
    frame = pd.concat([own, walks]).sort_values(["from_stop_id", "to_stop_id"], ignore_index=True)
    frame.insert(2, "transfer_type", BY_MINIMUM)
    return frame.rename(columns={"seconds": "min_transfer_time"})


def _make_translations(stops: pd.DataFrame) -> pd.DataFrame:
    named = stops[stops["name_en"] != ""]
    return pd.DataFrame(
        {
            "table_name": "stops",
            "field_name": "stop_name",
            "language": "en",
            "translation": named["name_en"],
            "record_id": named["stop_id"],
        }
    )


def _make_feed_info(network: Network, day: date, span: tuple[str, str]) -> pd.DataFrame:
    start, end = span
    basis = f"timetable of {network.snapshot}" if network.snapshot else "no timetable snapshot"
    version = f"netlib {netlib.__version__}; network of {day}; {basis}; {network.scenario}"
    row = {
        "feed_publisher_name": "netlib",
        "feed_publisher_url": PUBLISHER_URL,
        "feed_lang": LANGUAGE,
        "feed_start_date": start,
        "feed_end_date": end,
        "feed_version": version,
    }
    return pd.DataFrame([row])


def _make_attributions(network: Network, stops: set[str], trips: pd.DataFrame) -> pd.DataFrame:
    """Name the sources of the stops' places, the services and their headways, with licences."""
    evidence, sources = network["evidence"], network["source"]
    table, row = evidence["table"], evidence["row_id"]
    trip = row.str.split("@").str[0]
    used = (table == "node") & (evidence["field"] == "location") & row.isin(stops)
    used |= (table == "service") & row.isin(set(trips["service_id"]))
    used |= (table == "frequencies") & trip.isin(set(trips["trip_id"]))
    chosen = sources[sources["source_id"].isin(set(evidence.loc[used, "source_id"]))]
    chosen = chosen.drop_duplicates("source_id").sort_values("source_id")
    names = [
        "; ".join(text for text in texts if text)
        for texts in zip(chosen["publisher"], chosen["title"], chosen["licence"], strict=True)
    ]
    is_open = chosen["licence"].str.contains("ODbL", regex=False)
    return pd.DataFrame(
        {
            "attribution_id": chosen["source_id"],
            "organization_name": names,
            "is_producer": 1,
            "attribution_url": is_open.map({True: ODBL_URL, False: ""}),
        }
    )


def _write_archive(target: Path, texts: Mapping[str, str]) -> None:
    if target.is_dir():
        raise _refuse(target, "a folder has the name of the archive")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with (
            os.fdopen(handle, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for file, text in texts.items():
                info = zipfile.ZipInfo(file, ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text.encode("utf-8"))
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_folder(target: Path, texts: Mapping[str, str]) -> None:
    if target.exists() and not target.is_dir():
        raise _refuse(target, "a file has this name")
    if target.is_dir() and not all(p.is_file() and p.suffix == ".txt" for p in target.iterdir()):
        raise _refuse(target, "the folder holds other files than those of a feed")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        new = temporary / "new"
        new.mkdir()
        for file, text in texts.items():
            (new / file).write_text(text, encoding="utf-8", newline="")
        replace_folder(new, target, aside=temporary / "old")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def replace_folder(new: Path, target: Path, *, aside: Path) -> None:
    """Put the folder ``new`` in the place of ``target``; on failure ``target`` stays as it was."""
    existed = target.exists()
    if existed:
        target.rename(aside)
    try:
        new.rename(target)
    except BaseException:
        if existed:
            aside.rename(target)
        raise


def _refuse(target: Path, why: str) -> InputError:
    message = f"{why}; choose another name"
    return InputError([Notice(target.name, 0, "not-a-feed", message)])
