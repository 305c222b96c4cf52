"""Toy networks that a reader can check by hand.

- ``line``: three stations 50 km apart, two stopping trains and two expresses
- ``triangle``: three cities joined by roads, where the way round is quicker than the direct one
- ``transfer``: two metro lines that cross, every 10 and every 5 minutes
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from netlib.tables import Network, read_network

TESTS = Path(__file__).parent
TOYS = TESTS / "toys"
NETWORKS = TESTS.parent / "networks"

# Kernels compile on their first call, and machines are shared: how long it takes to draw and to run
# an example says nothing.
settings.register_profile("netlib", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("netlib")

# An edit of a file: ``file`` with ``old`` and ``new`` words, or ``text`` for the whole file,
# or ``remove``.
Edit = Mapping[str, object]


def copy_toy(name: str, folder: Path, edits: Iterable[Edit] = ()) -> Path:
    """Copy the toy ``name`` to ``folder`` with schema and definitions, and edit its files."""
    shutil.copytree(TOYS / "common", folder)
    shutil.copytree(TOYS / name, folder, dirs_exist_ok=True)
    for file in ("datapackage.json", "definitions.toml"):
        shutil.copy(NETWORKS / file, folder)
    for edit in edits:
        apply_edit(folder / str(edit["file"]), edit)
    return folder


def apply_edit(path: Path, edit: Edit) -> None:
    """Apply one edit; fail when the old words are not there."""
    if edit.get("remove"):
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if "text" in edit:
        path.write_text(str(edit["text"]), encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    old, new = str(edit["old"]), str(edit["new"])
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="session")
def build_toy() -> Callable[..., Path]:
    """Return the builder ``build_toy(name, folder, edits)`` of a toy network."""
    return copy_toy


@pytest.fixture
def toy_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a builder: ``toy_folder("line", edits)`` gives the folder of a toy network."""

    def build(name: str, edits: Iterable[Edit] = ()) -> Path:
        return copy_toy(name, tmp_path / name, edits)

    return build


@pytest.fixture
def toy_documents() -> Path:
    """Return the folder of the documents that the toys quote."""
    return TOYS / "documents"


def read_toy(name: str, factory: pytest.TempPathFactory) -> Network:
    """Build and read a toy network."""
    return read_network(copy_toy(name, factory.mktemp("toys") / name))


@pytest.fixture(scope="session")
def line_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Return the toy ``line``."""
    return read_toy("line", tmp_path_factory)


@pytest.fixture(scope="session")
def triangle_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Return the toy ``triangle``."""
    return read_toy("triangle", tmp_path_factory)


@pytest.fixture(scope="session")
def transfer_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Return the toy ``transfer``."""
    return read_toy("transfer", tmp_path_factory)


@pytest.fixture(scope="session")
def evidence_base() -> Network:
    """Return the network of all dates in networks/."""
    return read_network(NETWORKS)


def replace_rows(network: Network, **tables: Iterable[Mapping[str, Any]]) -> Network:
    """Return the network with other rows in the named tables; cells not given are empty.

    Links and stations are replaced as a file would have them: also those that timetables ran on.
    """
    frames = {}
    for name, rows in tables.items():
        like = network[name]
        blank = {c: "" if like[c].dtype == object else float("nan") for c in like.columns}
        filled = [
            {**blank, "region": "plain", "line_number": n, **row} for n, row in enumerate(rows)
        ]
        frame = pd.DataFrame(filled, columns=like.columns)
        frames[name] = frame.astype({c: like[c].dtype for c in like.columns})
        if name in ("link", "node"):
            frames[f"reference_{name}"] = frames[name]
    return network.with_tables(**frames)


@pytest.fixture(scope="session")
def with_rows() -> Callable[..., Network]:
    """Return the builder ``with_rows(network, trips=[{...}], ...)`` of networks."""
    return replace_rows


# A trip is its calls: stop, arrival and departure in minutes after midnight.
Trips = Mapping[str, Iterable[tuple[str, float, float]]]


def format_minutes(minutes: float) -> str:
    """Write minutes after midnight as ``HH:MM:SS``."""
    seconds = round(minutes * 60)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def replace_trips(
    network: Network,
    trips: Trips,
    *,
    services: Mapping[str, str] | None = None,
    headways: Mapping[str, Iterable[tuple[float, float, float]]] | None = None,
    route: str = "G",
) -> Network:
    """Return the network with these trips alone.

    ``services`` names the service of a trip (the network's first otherwise), ``headways`` the
    (start, end, headway) minutes of trips that run by headway.
    """
    default = network["service"]["service_id"].iloc[0]
    rows = {
        "trips": [
            {
                "trip_id": trip,
                "route_id": route,
                "service_id": (services or {}).get(trip, default),
                "trip_short_name": trip,
            }
            for trip in trips
        ],
        "stop_times": [
            {
                "trip_id": trip,
                "stop_id": stop,
                "arrival_time": format_minutes(arrival),
                "departure_time": format_minutes(departure),
                "stop_sequence": number,
            }
            for trip, calls in trips.items()
            for number, (stop, arrival, departure) in enumerate(calls, start=1)
        ],
        "frequencies": [
            {
                "trip_id": trip,
                "start_time": format_minutes(start),
                "end_time": format_minutes(end),
                "headway_secs": headway * 60,
                "exact_times": 0,
            }
            for trip, spans in (headways or {}).items()
            for start, end, headway in spans
        ],
    }
    return replace_rows(network, **rows)


@pytest.fixture(scope="session")
def with_trips() -> Callable[..., Network]:
    """Return the builder ``with_trips(network, trips, ...)`` of networks."""
    return replace_trips
