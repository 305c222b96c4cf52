"""The one origin-destination table: travel times between places under a reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from netlib.definitions import Definition, departure_window, find_definition
from netlib.drives import measure_drives
from netlib.errors import UnreachableError
from netlib.evidence import Variant, select_variant
from netlib.graph import Graph, build_graph, shortest_paths, trace_path
from netlib.places import format_name, place_stations
from netlib.rides import compute_rides, trip_counts, trip_factors
from netlib.tables import Network
from netlib.units import format_clock

Engine = Literal["static", "timetable"]
VARIANTS: tuple[Variant, ...] = ("low", "central", "high")
PARTS = ("access", "wait", "in_vehicle", "transfer", "egress")
Steps = dict[tuple[str, str], list[dict[str, Any]]]

# Which part of a journey the minutes of an edge belong to.
PART_OF_KIND = {
    "access": "access",
    "process": "access",
    "ride": "in_vehicle",
    "drive": "in_vehicle",
    "transfer": "transfer",
    "walk": "transfer",
    "exit": "egress",
    "egress": "egress",
}
# Minutes are written with this many decimals; no figure here is known better than a tenth.
DECIMALS = 1


def travel_times(
    network: Network,
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    definition: str = "door_to_door",
    engine: Engine | None = None,
) -> pd.DataFrame:
    """Compute travel times between all origins and destinations under one reading.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`).
    origins, destinations
        Ids of zones, or of stations for rides and journeys between stations.
    definition
        Name of a reading in ``definitions.toml``.
    engine
        ``static`` adds expected waits on the static graph; ``timetable`` takes the median over the
        departures of the window (`netlib.journeys`). By default what the reading says; rides and
        drives have one engine only.

    Returns
    -------
    DataFrame
        One row per pair of distinct places, in the order given: ``from_id``, ``to_id``, ``low``,
        ``travel_time_minutes``, ``high`` (minutes; NaN when unreachable), ``access``, ``wait``,
        ``in_vehicle``, ``transfer``, ``egress`` (central minutes by part), ``service`` (train or
        line of the longest ride) and ``kind`` of that service; from the timetable also
        ``travel_time_p05``, ``_p50`` and ``_p95``, the minutes within which that share of the
        departures arrives.

    Raises
    ------
    UnknownNameError
        If the reading is not defined.
    """
    pairs = pd.DataFrame(
        [(a, b) for a in origins for b in destinations if a != b], columns=["from_id", "to_id"]
    )
    return measure_pairs(network, pairs, definition=definition, engine=engine)[0]


def measure_pairs(
    network: Network, pairs: pd.DataFrame, *, definition: str, engine: Engine | None = None
) -> tuple[pd.DataFrame, Steps]:
    """Measure the given pairs as `travel_times` does, and keep the central journeys.

    Parameters
    ----------
    pairs
        ``from_id`` and ``to_id``, without doubles.

    Returns
    -------
    table, steps
        The table of `travel_times`, and the steps of each reachable pair for `legs_table`.
    """
    spec = choose_engine(find_definition(network.root, definition), engine)
    measured = {variant: compute_variant(network, pairs, spec, variant) for variant in VARIANTS}
    tables = {variant: table for variant, (table, _) in measured.items()}
    journeys = measured["central"][1]
    low, high = find_ends([tables[variant]["minutes"] for variant in VARIANTS])
    table = tables["central"].rename(columns={"minutes": "travel_time_minutes"})
    table.insert(2, "low", low)
    table.insert(4, "high", high)
    numbers = ["low", "travel_time_minutes", "high", *PARTS]
    numbers += [str(c) for c in table if str(c).startswith("travel_time_p")]
    return table.assign(**{c: table[c].round(DECIMALS) for c in numbers}), journeys


def find_ends(minutes: Sequence[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and the high end of each pair's minutes; NaN where there is no journey.

    The range of a time is the envelope of three measurements: with all figures at the end that
    makes for short times (`netlib.evidence.select_variant`), all central, and all at the end that
    makes for long ones; low is the shortest of them and high the longest, a pair without a journey
    counting as longer than any. For rides, drives and expected waits, whose minutes are monotone in
    every figure, these are the shortest and the longest times that any figures within their ranges
    give. For medians over departures that is not certain: a train that runs slower leaves the
    stations on its way later and may be caught by who would miss it otherwise, so that other
    figures within the ranges may give a median outside of the envelope, and the central minutes may
    be one of its ends.

    Parameters
    ----------
    minutes
        The minutes of the pairs at the low, central and high figures.
    """
    values = np.column_stack([column.fillna(np.inf) for column in minutes])
    values = np.column_stack([values.min(axis=1), values.max(axis=1)])
    low, high = np.where(np.isfinite(values), values, np.nan).T
    return low, high


def choose_engine(spec: Definition, engine: Engine | None) -> Definition:
    """Return the reading with the engine that is asked for."""
    if engine is None or spec["measure"] != "journey":
        return spec
    return {**spec, "wait": "departures" if engine == "timetable" else "expected"}


def compute_variant(
    network: Network, pairs: pd.DataFrame, spec: Definition, variant: Variant
) -> tuple[pd.DataFrame, Steps]:
    """Compute one end of the ranges: ``from_id``, ``to_id``, ``minutes``, the parts; the steps."""
    at_end = select_variant(network, variant)
    if spec["measure"] == "direct_ride":
        return measure_rides(at_end, pairs, spec)
    if spec["measure"] == "commute":
        from netlib.commutes import measure_commutes

        table = measure_commutes(at_end, pairs, spec).drop(columns=["out_minutes", "back_minutes"])
        return describe_journeys(at_end, table, {}), {}
    if spec["measure"] == "journey" and spec["wait"] == "departures":
        return measure_timetable(at_end, pairs, spec, legs=variant == "central")
    if spec["measure"] == "journey":
        graph = build_graph(at_end, window=departure_window(spec))
        return measure_paths(at_end, graph, pairs, end_keys(spec))
    if spec["measure"] == "drive":
        peak = spec["traffic"] == "peak"
        table, steps = measure_drives(at_end, pairs, peak=peak, legs=variant == "central")
        return describe_journeys(at_end, table, steps), steps
    name = spec["measure"]
    raise UnreachableError(f"a reading of {name} has no travel times; use netlib claims")


def end_keys(spec: Definition) -> tuple[str, str]:
    """Return the roles of the nodes where journeys of a reading start and end."""
    return ("start", "end") if spec["ends"] == "stations" else ("centre", "goal")


def select_rides(network: Network, pairs: pd.DataFrame, spec: Definition) -> pd.DataFrame:
    """Return all direct trains between the stations of each pair of places.

    Returns
    -------
    DataFrame
        ``from_id`` and ``to_id`` (the places), ``board_id`` and ``alight_id`` (the stations),
        ``trip`` (position in `compute_rides`), ``ride`` (minutes by the timetable), ``trains`` a
        day, ``trip_id``, ``service_id`` and ``kind``.
    """
    main_only = bool(spec["stations"] == "main")
    places = pd.unique(pd.concat([pairs["from_id"], pairs["to_id"]])).tolist()
    stations = place_stations(network, places, main_only=main_only)
    rides = compute_rides(network.central)
    wanted = np.isin(rides.stops, stations["station"].to_numpy(dtype=object))
    chosen = np.flatnonzero(
        wanted[rides.start] & wanted[rides.end] & (rides.groups[rides.group] == "rail")
    )
    trip = rides.trip[chosen]
    trains = trip_counts(network, rides)[trip]
    table = pd.DataFrame(
        {
            "board_id": rides.stops[rides.start[chosen]],
            "alight_id": rides.stops[rides.end[chosen]],
            "trip": trip,
            "ride": rides.minutes[chosen],
            "trains": np.where(trains > 0, trains, 1.0),
            "trip_id": rides.trips[trip],
            "service_id": rides.services[trip],
            "kind": rides.kinds[trip],
        }
    )
    table = table.merge(stations.set_axis(["from_id", "board_id"], axis=1), on="board_id")
    table = table.merge(stations.set_axis(["to_id", "alight_id"], axis=1), on="alight_id")
    return table.merge(pairs, on=["from_id", "to_id"])


def measure_rides(
    network: Network, pairs: pd.DataFrame, spec: Definition
) -> tuple[pd.DataFrame, Steps]:
    """Measure the fastest or median direct ride of each pair of places."""
    keys = ["from_id", "to_id"]
    rides = select_rides(network, pairs, spec)
    factors = trip_factors(network, compute_rides(network.central))
    rides = rides.assign(ride=rides["ride"] * factors[rides["trip"]])
    rides = rides.sort_values([*keys, "ride", "trip_id"], ignore_index=True)
    if spec["statistic"] == "fastest":
        chosen = rides.drop_duplicates(keys)
    else:
        grouped = rides.groupby(keys)["trains"]
        share = grouped.cumsum() / grouped.transform("sum")
        # Half of the departures are at most this long; the tolerance is for sums of fractions.
        chosen = rides[share >= 0.5 - 1e-9].drop_duplicates(keys)
    table = pairs.merge(chosen, on=keys, how="left")
    result = pairs.assign(minutes=table["ride"].to_numpy(), **dict.fromkeys(PARTS, 0.0))
    result["in_vehicle"] = result["minutes"]
    result["service"] = [service_label(network, t) for t in table["trip_id"].fillna("")]
    result["kind"] = table["kind"].fillna("").to_numpy()
    result.loc[result["minutes"].isna(), list(PARTS)] = np.nan
    steps: Steps = {
        (row["from_id"], row["to_id"]): [
            {
                "kind": "ride",
                "from_id": row["board_id"],
                "to_id": row["alight_id"],
                "minutes": row["ride"],
                "wait": 0.0,
                "trip_id": row["trip_id"],
                "service_id": row["service_id"],
            }
        ]
        for row in chosen.to_dict("records")
    }
    return result, steps


def measure_paths(
    network: Network, graph: Graph, pairs: pd.DataFrame, roles: tuple[str, str]
) -> tuple[pd.DataFrame, Steps]:
    """Measure the shortest path of each pair of places between nodes of the given roles."""
    index = graph.index
    zones = set(network["zone"]["zone_id"])
    starts = [end_key(zones, place, roles[0]) for place in pairs["from_id"]]
    ends = [end_key(zones, place, roles[1]) for place in pairs["to_id"]]
    a = index.get_indexer(pd.Index(starts, dtype=object))
    b = index.get_indexer(pd.Index(ends, dtype=object))
    sources, row = np.unique(a[a >= 0], return_inverse=True)
    rows = np.full(len(pairs), -1)
    rows[a >= 0] = row
    minutes, predecessors = (
        shortest_paths(graph, sources.tolist()) if len(sources) else (np.empty((0, 0)),) * 2
    )
    times = np.full(len(pairs), np.nan)
    steps: Steps = {}
    for number, pair in enumerate(zip(pairs["from_id"], pairs["to_id"], strict=True)):
        if rows[number] >= 0 and b[number] >= 0 and np.isfinite(minutes[rows[number], b[number]]):
            times[number] = minutes[rows[number], b[number]]
            steps[pair] = path_steps(graph, predecessors[rows[number]], int(b[number]))
    return describe_journeys(network, pairs.assign(minutes=times), steps), steps


def measure_timetable(
    network: Network, pairs: pd.DataFrame, spec: Definition, *, legs: bool
) -> tuple[pd.DataFrame, Steps]:
    """Measure the median over the departures of the window, and the percentiles around it."""
    from netlib.journeys import measure_departures

    table, found = measure_departures(network, pairs, spec, legs=legs)
    steps = {
        pair: [step for step in path if step["kind"] in PART_OF_KIND]
        for pair, path in found.items()
    }
    table.insert(2, "minutes", table["travel_time_p50"])
    return describe_journeys(network, table, steps), steps


def describe_journeys(network: Network, table: pd.DataFrame, steps: Steps) -> pd.DataFrame:
    """Add the parts of each journey and its longest ride, NaN and '' where there are no steps."""
    kinds = dict(zip(network["service"]["service_id"], network["service"]["kind"], strict=True))
    records = []
    for pair in zip(table["from_id"], table["to_id"], strict=True):
        record: dict[str, Any] = {**dict.fromkeys(PARTS, np.nan), "service": "", "kind": ""}
        path = steps.get(pair, [])
        rides = [step for step in path if step["kind"] in ("ride", "drive")]
        if rides:
            longest = max(rides, key=lambda step: step["minutes"] - step["wait"])
            record |= sum_parts(path)
            record["service"] = longest.get("label") or service_label(network, longest["trip_id"])
            record["kind"] = kinds.get(longest["service_id"], "road")
        records.append(record)
    columns = [*PARTS, "service", "kind"]
    described = pd.DataFrame(records, columns=columns, index=table.index)
    return pd.concat([table, described], axis=1)


def end_key(zones: set[str], place: str, role: str) -> str:
    """Return the key of the node where journeys from or to ``place`` start or end."""
    if place in zones:
        return f"{place}|{role}|"
    ends = {"start": "out|rail", "end": "in|rail", "centre": "street|", "goal": "left|"}
    return f"{place}|{ends[role]}"


def path_steps(graph: Graph, predecessors: np.ndarray, target: int) -> list[dict[str, Any]]:
    """Return the edges of a path as steps between node_ids; free terminal edges are left out."""
    ids = graph.nodes["node_id"].to_numpy()
    return [
        {**step, "from_id": ids[step["tail"]], "to_id": ids[step["head"]]}
        for step in graph.path_edges(trace_path(predecessors, target))
        if step["kind"] in PART_OF_KIND
    ]


def sum_parts(steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum the minutes of a journey by part.

    The wait of a ride counts as wait, and what lies between two rides as transfer.
    """
    values: dict[str, Any] = dict.fromkeys(PARTS, 0.0)
    rides = [place for place, step in enumerate(steps) if step["kind"] in ("ride", "drive")]
    for place, step in enumerate(steps):
        part = PART_OF_KIND.get(step["kind"])
        if part is None:
            continue
        if part in ("access", "egress") and rides and rides[0] < place < rides[-1]:
            part = "transfer"
        values["wait"] += step["wait"]
        values[part] += step["minutes"] - step["wait"]
    return values


def service_label(network: Network, trip_id: str) -> str:
    """Return what passengers call a trip: its train number, its line, or the trip itself."""
    names = network.trip_names
    return names.get(trip_id, trip_id)


def reach(
    network: Network,
    origin: str,
    *,
    definition: str = "door_to_door",
    variant: Variant = "central",
    engine: Engine | None = None,
) -> pd.DataFrame:
    """Compute the minutes from the centre of a zone, or from a station, to every stop reached.

    Parameters
    ----------
    network
        A network of one day.
    origin
        Id of a zone or a station.
    definition
        A reading from centre to centre.
    variant
        End of the ranges of all figures.
    engine
        As in `travel_times`: what the reading says, if not given.

    Returns
    -------
    DataFrame
        ``node_id``, ``name_zh``, ``name_en``, ``x_coord``, ``y_coord``, ``node_type`` and
        ``minutes``: until the traveller stands in the street at a stop, or, with the type
        ``centre``, at the centre of a city, which are the minutes of `travel_times`. The first row
        is the origin itself with 0 minutes. A centre that lies at a stop is one row with it.

    Raises
    ------
    UnreachableError
        If the origin has no stop within reach.

    Notes
    -----
    Minutes are medians stop by stop. Who can choose between stations, whichever train comes first,
    may do better than the best of them alone, as the median to a centre takes into account.
    """
    spec = choose_engine(find_definition(network.root, definition), engine)
    at_end = select_variant(network, variant)
    if spec["wait"] == "departures":
        from netlib.journeys import measure_reach

        found = measure_reach(at_end, origin, spec)
    else:
        found = _reach_static(at_end, origin, spec)
    if found is None:
        name = format_name(network, origin)
        raise UnreachableError(f"{name} ({origin}) has no stop within reach on {network.day}")
    return locate_points(network, found, origin)


def _reach_static(network: Network, origin: str, spec: Definition) -> pd.Series | None:
    """Return what `netlib.journeys.measure_reach` does, with expected waits."""
    graph = build_graph(network, window=departure_window(spec))
    source = graph.find(end_key(set(network["zone"]["zone_id"]), origin, "centre"))
    if source < 0:
        return None
    minutes = shortest_paths(graph, [source])[0][0]
    ends = graph.nodes["role"].isin(["left", "goal"]) & np.isfinite(minutes)
    return pd.Series(minutes[ends], index=graph.nodes.loc[ends, "key"])


def locate_points(network: Network, minutes: pd.Series, origin: str) -> pd.DataFrame:
    """Return the table of `reach` for minutes by key of a stop's street or a zone's centre."""
    columns = ["node_id", "name_zh", "name_en", "x_coord", "y_coord", "node_type"]
    node = network["node"][columns].drop_duplicates("node_id")
    zone = network["zone"]
    centres = dict(zip(zone["zone_id"], zone["centre_node_id"], strict=True))
    own = centres.get(origin, origin)
    rows = []
    for key, value in minutes.items():
        place, role, _ = str(key).split("|")
        rows.append((centres[place] if role == "goal" else place, value, role == "goal"))
    found = pd.DataFrame(rows, columns=["node_id", "minutes", "is_centre"])
    found = found.sort_values("minutes", kind="stable").drop_duplicates("node_id")
    table = node.merge(found[found["node_id"] != own], on="node_id")
    table["node_type"] = table["node_type"].mask(table.pop("is_centre"), "centre")
    first = node[node["node_id"] == own].assign(minutes=0.0, node_type="centre")
    every = pd.concat([first, table], ignore_index=True)
    located: pd.DataFrame = every[[*columns, "minutes"]]
    return located


def journey_legs(
    network: Network, origin: str, destination: str, *, definition: str = "door_to_door"
) -> pd.DataFrame:
    """Recover the legs of a journey at central figures.

    Returns
    -------
    DataFrame
        ``seq``, ``departs`` (time of day, empty where waits are expected ones), ``kind`` (access,
        process, wait, ride, transfer, walk, exit, egress or drive),
        ``from_id``, ``from_zh``, ``from_en``, ``to_id``, ``to_zh``, ``to_en``, ``service``,
        ``minutes`` and ``evidence``: keys ``table:row_id:field`` joined by ``;``.

    Raises
    ------
    UnreachableError
        If there is no journey, or the reading is not about one.
    """
    spec = find_definition(network.root, definition)
    if spec["measure"] == "commute":
        raise UnreachableError(
            f"{definition} is a day with two journeys; ask for the legs of door_to_door"
        )
    pairs = pd.DataFrame({"from_id": [origin], "to_id": [destination]})
    steps = compute_variant(network, pairs, spec, "central")[1]
    if (origin, destination) not in steps:
        names = format_name(network, origin), format_name(network, destination)
        raise UnreachableError(
            f"no journey from {names[0]} to {names[1]} under {definition} on {network.day}"
        )
    return legs_table(network, steps[origin, destination])


def legs_table(network: Network, steps: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Turn steps into legs: waits apart from rides, names in two languages, evidence keys."""
    rows = []
    for step in steps:
        if step["wait"] > 0:
            rows.append({**step, "kind": "wait", "to_id": step["from_id"], "minutes": step["wait"]})
        rows.append({**step, "minutes": step["minutes"] - step["wait"]})
    legs = []
    clock = float(steps[0].get("starts", np.nan)) if steps else np.nan
    for number, row in enumerate(rows, start=1):
        # The clocks of vehicles are exact; those of walks are sums.
        clock = row["clock"] if row["kind"] == "ride" and "clock" in row else clock
        legs.append(
            {
                "seq": number,
                "departs": "" if np.isnan(clock) else format_clock(round(clock / 60) * 60)[:5],
                "kind": row["kind"],
                "from_id": row["from_id"],
                "from_zh": format_name(network, row["from_id"], lang="zh"),
                "from_en": format_name(network, row["from_id"], lang="en"),
                "to_id": row["to_id"],
                "to_zh": format_name(network, row["to_id"], lang="zh"),
                "to_en": format_name(network, row["to_id"], lang="en"),
                "service": row.get("label") or service_label(network, row["trip_id"]),
                "minutes": round(float(row["minutes"]), DECIMALS),
                "evidence": ";".join(row.get("evidence") or leg_evidence(network, row)),
            }
        )
        clock += 60.0 * row["minutes"]
    return pd.DataFrame(legs)


def leg_evidence(network: Network, step: dict[str, Any]) -> list[str]:
    """Return the evidence keys ``table:row_id:field`` behind the minutes of one step."""
    kind = step["kind"]
    if kind in ("ride", "wait"):
        keys = [f"service:{step['service_id']}:run_time_ratio"]
        rows = network["frequencies"]
        rows = rows[rows["trip_id"] == step["trip_id"]]
        keys += [
            f"frequencies:{t}@{s}:headway_secs"
            for t, s in zip(rows["trip_id"], rows["start_time"], strict=True)
        ]
        if kind == "ride" and step["service_id"] in network.drifting_services:
            keys.append("parameter:timetable_drift_ratio:value")
        return keys
    names = {
        "walk": ("walk_speed_kmh", "walk_detour_ratio"),
        "taxi": ("taxi_wait_minutes", "urban_drive_speed_kmh", "urban_drive_detour_ratio"),
    }
    if kind in ("access", "egress"):
        return [f"parameter:{name}:value" for name in names[step["trip_id"]]]
    if kind == "walk":
        return [f"parameter:{name}:value" for name in names["walk"]]
    group = "rail" if is_rail_stop(network, step) else "metro"
    return [f"parameter:{group}_{kind}_minutes:value"]


def is_rail_stop(network: Network, step: dict[str, Any]) -> bool:
    """Return whether a step inside a station is one of the railway, by the type of its stop."""
    node = network["node"]
    kinds = node.loc[node["node_id"].isin([step["from_id"], step["to_id"]]), "node_type"]
    return bool((kinds == "rail_station").any())
