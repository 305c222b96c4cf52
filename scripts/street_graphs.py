"""Road graphs that `benchmark_streets` runs on: from files that users have, and generated ones."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# DIMACS road times are decimetres over the share of the fastest class's speed; at 100 km/h for
# that class a minute has as many.
DIMACS_TICKS_PER_MINUTE = 16_667
TICKS_PER_SECOND = 10
# Streets of the Wuhan extract carry no speed: km/h by class, for times of a likely size only.
WUHAN_KMH = {"motorway": 90, "trunk": 60, "primary": 50, "secondary": 40, "tertiary": 35}
OTHER_KMH = 25
LOCAL_KMH = (20, 30, 40)
MAIN_KMH = 60
BLOCK_METRES = 100.0


class Graph(NamedTuple):
    """Directed edges with their ticks, and how many ticks a minute has."""

    x: NDArray[Any]
    y: NDArray[Any]
    tail: NDArray[Any]
    head: NDArray[Any]
    ticks: NDArray[Any]
    ticks_per_minute: int


def read_dimacs(data: Path) -> Graph:
    """Read the New York graph of the 9th DIMACS challenge, with its travel times."""
    folder = data / "dimacs_ny"
    points = _read_rows(folder / "USA-road-d.NY.co.gz", b"v ")
    arcs = _read_rows(folder / "USA-road-t.NY.gr.gz", b"a ")
    x, y = points[:, 1] / 1e6, points[:, 2] / 1e6
    return Graph(x, y, arcs[:, 0] - 1, arcs[:, 1] - 1, arcs[:, 2], DIMACS_TICKS_PER_MINUTE)


def read_wuhan(data: Path) -> Graph:
    """Read the streets of Wuhan, every one both ways."""
    import geopandas as gpd

    streets = gpd.read_parquet(data / "wuhan_streets.parquet")
    numbers, nodes = np.unique(streets[["u", "v"]].to_numpy().T, return_inverse=True)
    tail, head = nodes.reshape(2, -1)
    coordinates = streets.geometry.apply(lambda line: (*line.coords[0], *line.coords[-1])).tolist()
    x, y = place_nodes(tail, head, np.array(coordinates), len(numbers))
    classes = streets["highway"].astype(str)
    kmh = classes.str.replace("_link", "").map(WUHAN_KMH).fillna(OTHER_KMH).to_numpy()
    ticks = _to_ticks(streets.length.to_numpy(), kmh)
    return _both_ways(x, y, tail, head, ticks)


def place_nodes(
    tail: NDArray[Any], head: NDArray[Any], ends: NDArray[Any], count: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Find where nodes lie whose lines may be drawn from head to tail.

    A node lies where all its lines have an end. Where that is so at both ends of all of them, the
    node next to it decides, and a line that stands alone is taken as drawn from tail to head.

    Parameters
    ----------
    tail, head
        int (lines): nodes.
    ends
        float (lines, 4): x and y where a line begins, x and y where it ends.
    count
        How many nodes there are.

    Returns
    -------
    x, y
        float (count).
    """
    where, spot = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    spot = spot.reshape(-1, 2)
    # How many lines of a node have an end there; a loop has both ends at its node.
    pairs = np.concatenate(
        [np.stack([node, spot[:, k]]) for node in (tail, head) for k in (0, 1)], 1
    )
    (node, at), seen = np.unique(pairs, axis=1, return_counts=True)
    lines = np.bincount(np.concatenate([tail, head]), minlength=count)
    candidates = np.bincount(node[seen == lines[node]], minlength=count)
    place = np.full(count, -1)
    sure = (seen == lines[node]) & (candidates[node] == 1)
    place[node[sure]] = at[sure]
    while (place < 0).any():
        before = np.count_nonzero(place < 0)
        for here, there in ((tail, head), (head, tail)):
            open_ = (place[here] < 0) & (place[there] >= 0)
            other = np.where(spot[:, 0] == place[there], spot[:, 1], spot[:, 0])
            place[here[open_]] = other[open_]
        if np.count_nonzero(place < 0) == before:
            alone = np.flatnonzero(place[tail] < 0)[0]
            place[tail[alone]], place[head[alone]] = spot[alone]
    return where[place, 0], where[place, 1]


def read_extract(data: Path) -> Graph:
    """Read the drivable streets of an OpenStreetMap extract of Porto Alegre."""
    from netlib.streets import compute_seconds, read_streets

    streets = read_streets(data / "pbf" / "poa_osm.pbf", mode="drive")
    nodes, edges = streets.nodes, streets.edges
    return Graph(
        nodes["x"].to_numpy(),
        nodes["y"].to_numpy(),
        edges["tail"].to_numpy(),
        edges["head"].to_numpy(),
        # A street of no time at all would be none to OSRM.
        np.maximum(1, np.rint(compute_seconds(streets) * TICKS_PER_SECOND)).astype(np.int64),
        60 * TICKS_PER_SECOND,
    )


def make_lattice(side: int, *, seed: int = 1) -> Graph:
    """Make one town of ``side`` blocks a side: a jittered lattice with a fifth of it missing.

    Without a river, a field or a suburb it is as hard for a hierarchy as streets can be.
    """
    number = np.arange(side * side).reshape(side, side)
    rng = np.random.default_rng(seed)
    row, column = np.divmod(number.ravel(), side)
    x, y = (np.array([column, row]) + rng.uniform(-0.3, 0.3, (2, side * side))) * BLOCK_METRES
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    is_main = np.where(head == tail + 1, row[tail], column[tail]) % 10 == 0
    kept = is_main | (rng.random(len(tail)) < 0.8)
    tail, head, is_main = tail[kept], head[kept], is_main[kept]
    return _finish(x, y, tail, head, is_main, rng)


def make_country(towns: int, side: int, *, seed: int = 1) -> Graph:
    """Make ``towns`` by ``towns`` towns of ``side`` blocks a side, three roads to the next one."""
    rng = np.random.default_rng(seed)
    across = towns * side
    number = np.arange(across * across).reshape(across, across)
    row, column = np.divmod(number.ravel(), across)
    place = np.array([column, row]) + np.array([column // side, row // side]) * side
    x, y = (place + rng.uniform(-0.3, 0.3, place.shape)) * BLOCK_METRES
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    along = np.where(head == tail + 1, row[tail], column[tail])
    # Main roads are three in a town, and run on to the next.
    is_main = along % side % max(1, side // 3) == side // 6
    crosses = (column[tail] // side != column[head] // side) | (
        row[tail] // side != row[head] // side
    )
    kept = is_main | (~crosses & (rng.random(len(tail)) < 0.8))
    return _finish(x, y, tail[kept], head[kept], is_main[kept], rng)


def _finish(
    x: NDArray[Any],
    y: NDArray[Any],
    tail: NDArray[Any],
    head: NDArray[Any],
    is_main: NDArray[Any],
    rng: np.random.Generator,
) -> Graph:
    """Give the edges their times, a tenth of them one way only."""
    kmh = np.where(is_main, MAIN_KMH, rng.choice(LOCAL_KMH, len(tail)))
    ticks = _to_ticks(np.hypot(x[tail] - x[head], y[tail] - y[head]), kmh)
    return _both_ways(x, y, tail, head, ticks, two_way=is_main | (rng.random(len(tail)) < 0.9))


def _both_ways(
    x: NDArray[Any],
    y: NDArray[Any],
    tail: NDArray[Any],
    head: NDArray[Any],
    ticks: NDArray[Any],
    *,
    two_way: NDArray[Any] | slice = slice(None),
) -> Graph:
    """Add the way back to edges."""
    return Graph(
        x,
        y,
        np.concatenate([tail, head[two_way]]),
        np.concatenate([head, tail[two_way]]),
        np.concatenate([ticks, ticks[two_way]]),
        60 * TICKS_PER_SECOND,
    )


def _to_ticks(metres: NDArray[Any], kmh: NDArray[Any]) -> NDArray[Any]:
    """Return whole ticks, one at least."""
    return np.maximum(1, np.rint(metres / kmh * 3.6 * TICKS_PER_SECOND)).astype(np.int64)


def _read_rows(path: Path, kind: bytes) -> NDArray[np.int64]:
    """Read the numbers of the lines of one kind."""
    with gzip.open(path) as stream:
        lines = [line[len(kind) :] for line in stream if line.startswith(kind)]
    width = len(lines[0].split())
    return np.array(b" ".join(lines).split(), dtype=np.int64).reshape(-1, width)
