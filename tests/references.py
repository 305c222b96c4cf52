"""Plain twins of the kernels, and oracles that know nothing of how the library works.

`search_journeys` tries every journey on the tables themselves; `expand_times` makes the
time-expanded graph on which networkx finds shortest paths. Both take what `build_timetable` takes.
"""

import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd

NEVER = 2_000_000_000
DAY = 86_400


def order_by_second(seconds, first, count):
    return np.array(sorted(range(len(seconds)), key=lambda i: seconds[i]), dtype=np.int32)


def find_first(rows, time):
    return next((i for i, row in enumerate(rows) if row[0] >= time), len(rows))


def scan_connections(
    rows, walk_start, walk_stop, walk_seconds, change, first, horizon,
    boarding, ready, foot, foot_by, alight, alight_by, entered,
):  # fmt: skip
    for i in range(first, len(rows)):
        departure, arrival, start, end, trip = rows[i]
        if departure > horizon:
            return
        if entered[trip] < 0 and boarding[start] <= departure:
            entered[trip] = i
        if entered[trip] < 0 or alight[end] <= arrival:
            continue
        alight[end] = arrival
        alight_by[end] = entered[trip], i
        ready[end] = min(ready[end], arrival + int(change[end]))
        for k in range(walk_start[end], walk_start[end + 1]):
            other, time = walk_stop[k], arrival + walk_seconds[k]
            if time < foot[other]:
                foot[other] = time
                foot_by[other] = entered[trip], i
                ready[other] = min(ready[other], time)


def lower_lanes(label, last, time):
    for lane in range(last):
        label[lane] = min(label[lane], time)


def read_steps(steps, top):
    """Return the steps of a staircase from the highest down: how many lanes, and when."""
    found = []
    while top:
        lanes, time, top = steps[top].tolist()
        found.append((lanes, time))
    return found


def read_lanes(labels, steps, n_lanes):
    """Return arrival by vehicle, lane by lane."""
    found = np.full((len(labels), n_lanes), NEVER, dtype=np.int32)
    for label, row in zip(labels, found, strict=True):
        for lanes, time in read_steps(steps, label["top"]):
            row[:lanes] = time
    found[-1] = -NEVER
    return found


def scan_lanes(
    rows, walk_start, walk_stop, walk_seconds, first, horizon,
    board_labels, board_steps, board_foot, labels, steps, foot, seated, used,
):  # fmt: skip
    """Scan every lane on its own, then write all staircases anew."""
    n_lanes = foot.shape[1]
    alight = read_lanes(labels, steps, n_lanes)
    same = board_labels is labels
    board_alight = alight if same else read_lanes(board_labels, board_steps, n_lanes)
    for lane in range(n_lanes):
        riding = set()
        for departure, arrival, start, end, trip in rows[first:].tolist():
            if departure > horizon:
                break
            ready = [int(board_alight[start, lane]) + int(labels["change"][start])]
            if labels["on_foot"][start]:
                ready.append(board_foot[start, lane])
            if min(ready) <= departure:
                riding.add(trip)
            if trip not in riding or alight[end, lane] <= arrival:
                continue
            alight[end, lane] = arrival
            for k in range(walk_start[end], walk_start[end + 1]):
                other = walk_stop[k]
                foot[other, lane] = min(foot[other, lane], arrival + walk_seconds[k])
    stairs = [sorted({time for time in row.tolist() if abs(time) < NEVER}) for row in alight]
    if sum(map(len, stairs)) >= len(steps):
        return first, used
    used = 1
    for label, times, row in zip(labels, stairs, alight, strict=True):
        label["top"] = 0
        for time in times:
            steps[used] = np.count_nonzero(row <= time), time, label["top"]
            label["top"] = used
            used += 1
    return len(rows), used


def relax_access(
    walk_start, walk_stop, walk_seconds, stops, seconds, departures, labels, foot
):  # fmt: skip
    foot[labels["on_foot"][:-2] == 1] = NEVER
    for stop, way in zip(stops, seconds, strict=True):
        walks = range(walk_start[stop], walk_start[stop + 1])
        for end, total in [(stop, way)] + [(walk_stop[k], way + walk_seconds[k]) for k in walks]:
            if not labels["on_foot"][end]:
                labels["on_foot"][end] = 1
                foot[end] = NEVER
            foot[end] = np.minimum(foot[end], departures + total)


def spread_steps(labels, steps, arrivals, *, by_vehicle):
    alight = read_lanes(labels, steps, arrivals.shape[1])[:-2]
    keep = (labels["on_foot"][:-2] == 1) & (not by_vehicle)
    arrivals[~keep] = NEVER
    np.minimum(arrivals, alight, out=arrivals)


def compute_durations(arrivals, departures, egress_start, egress_stop, egress_seconds, durations):
    for point in range(len(egress_start) - 1):
        ways = range(egress_start[point], egress_start[point + 1])
        for lane, departure in enumerate(departures):
            ends = [arrivals[egress_stop[k], lane] + egress_seconds[k] for k in ways]
            best = min(ends, default=NEVER)
            durations[point, lane] = best - departure if best < NEVER else NEVER


def list_runs(calls, frequencies=None):
    """Return every run as a list of calls: stop, arrival, departure, pickup, drop_off."""
    calls = calls.assign(day=calls.get("day", 0))
    for flag in ("pickup", "drop_off"):
        calls[flag] = calls.get(flag, True)
    columns = ["stop_id", "arrival", "departure", "pickup", "drop_off"]
    runs = []
    for (trip, day), group in calls.groupby(["trip_id", "day"], sort=False):
        own = [tuple(row) for row in group[columns].itertuples(index=False)]
        rows = (
            []
            if frequencies is None
            else frequencies[frequencies["trip_id"] == trip].to_dict("records")
        )
        starts = [own[0][2]] if not rows else []
        for row in rows:
            assert row["exact"], "phases are drawn, not listed"
            starts += range(row["start"], row["end"], row["headway"])
        for start in starts:
            shift = start - own[0][2] + DAY * day
            runs.append([(s, a + shift, d + shift, p, o) for s, a, d, p, o in own])
    return runs


def list_walks(stops, transfers=None, *, change_seconds=0, max_walk_seconds=None):
    """Return walks by pair of stops, and the change time of each stop, by brute force."""
    names = list(stops["stop_id"])
    change = dict.fromkeys(names, change_seconds)
    if "min_transfer" in stops:
        change |= {
            s: m for s, m in zip(names, stops["min_transfer"], strict=True) if not math.isnan(m)
        }
    single, barred = {}, set()
    for a, b, seconds in [] if transfers is None else transfers.itertuples(index=False):
        if math.isnan(seconds):
            barred.add((a, b))
        elif a == b:
            loops = [x[2] for x in transfers.itertuples(index=False) if x[:2] == (a, a)]
            change[a] = min(loops)
        else:
            single[a, b] = min(single.get((a, b), NEVER), seconds)
    for pair in barred:
        if pair[0] == pair[1]:
            change[pair[0]] = NEVER
        single.pop(pair, None)
    limit = max(single.values(), default=0) if max_walk_seconds is None else max_walk_seconds
    walks = dict(single)
    for middle, a, b in itertools.product(names, names, names):
        if a != b and (a, middle) in walks and (middle, b) in walks:
            total = walks[a, middle] + walks[middle, b]
            walks[a, b] = min(walks.get((a, b), NEVER), total)
    kept = {p: s for p, s in walks.items() if s <= limit or p in single}
    kept = {p: min(s, single.get(p, NEVER)) for p, s in kept.items()}
    return {p: s for p, s in kept.items() if p not in barred}, change


def search_journeys(runs, walks, change, access, departure, *, max_rides=None):
    """Try every journey; return the earliest arrival by stop."""
    best = {}
    states = []
    for stop, seconds in access.items():
        states.append((stop, departure + seconds, 0))
        states += [(b, departure + seconds + s, 0) for (a, b), s in walks.items() if a == stop]
    for stop, time, _ in states:
        best[stop] = min(best.get(stop, NEVER), time)
    seen = set(states)
    while states:
        stop, time, rides = states.pop()
        if rides == max_rides:
            continue
        for run in runs:
            for place, (start, _, leaves, pickup, _) in enumerate(run):
                if start != stop or leaves < time or not pickup:
                    continue
                for end, arrives, _, _, drop_off in run[place + 1 :]:
                    if not drop_off:
                        continue
                    best[end] = min(best.get(end, NEVER), arrives)
                    # Without a limit the number of rides does not tell states apart.
                    count = 0 if max_rides is None else rides + 1
                    after = [(end, arrives + change[end], count)]
                    for (a, b), seconds in walks.items():
                        if a == end:
                            best[b] = min(best.get(b, NEVER), arrives + seconds)
                            after.append((b, arrives + seconds, count))
                    new = set(after) - seen
                    seen |= new
                    states += new
    return best


def expand_times(runs, walks, change):
    """Return the time-expanded graph: boarding events by stop and time, seats and arrivals."""
    graph = nx.DiGraph()
    boards = {}
    for number, run in enumerate(runs):
        for place, (stop, arrives, leaves, pickup, drop_off) in enumerate(run):
            if place + 1 < len(run):
                seconds = run[place + 1][1] - leaves
                graph.add_edge(("out", number, place), ("in", number, place + 1), seconds=seconds)
                if pickup:
                    boards.setdefault(stop, set()).add(leaves)
                    graph.add_edge(("board", stop, leaves), ("out", number, place), seconds=0)
            if place:
                if place + 1 < len(run):
                    wait = leaves - arrives
                    graph.add_edge(("in", number, place), ("out", number, place), seconds=wait)
                if drop_off:
                    graph.add_edge(("in", number, place), ("alight", stop, arrives), seconds=0)
    times = {stop: sorted(found) for stop, found in boards.items()}
    for stop, found in times.items():
        for a, b in itertools.pairwise(found):
            graph.add_edge(("board", stop, a), ("board", stop, b), seconds=b - a)
    for node in [node for node in graph if node[0] == "alight"]:
        _, stop, time = node
        ends = [(stop, change[stop])] + [(b, s) for (a, b), s in walks.items() if a == stop]
        for other, seconds in ends:
            later = [t for t in times.get(other, []) if t >= time + seconds]
            if later:
                graph.add_edge(node, ("board", other, later[0]), seconds=later[0] - time)
    return graph, times


def path_arrivals(runs, walks, change, access, departure):
    """Return the earliest arrival by stop on the time-expanded graph, by networkx."""
    graph, times = expand_times(runs, walks, change)
    best = {}
    for stop, seconds in access.items():
        for other, walk in [(stop, 0)] + [(b, s) for (a, b), s in walks.items() if a == stop]:
            time = departure + seconds + walk
            best[other] = min(best.get(other, NEVER), time)
    graph.add_node("origin")
    for stop, time in best.items():
        later = [t for t in times.get(stop, []) if t >= time]
        if later:
            graph.add_edge("origin", ("board", stop, later[0]), seconds=later[0] - departure)
    found = nx.single_source_dijkstra_path_length(graph, "origin", weight="seconds")
    for node in found:
        if node[0] == "alight":
            _, stop, time = node
            for other, walk in [(stop, 0)] + [(b, s) for (a, b), s in walks.items() if a == stop]:
                best[other] = min(best.get(other, NEVER), time + walk)
    return best


def to_array(best, names):
    """Return times by stop in the order of ``names``."""
    return np.array([best.get(name, NEVER) for name in names], dtype=np.int64)


def read_feed(case):
    """Return the tables of a case: a dictionary as ``tests/cases/*.toml`` hold it."""
    rows = []
    for number, trip in enumerate(case.get("trips", [])):
        for day in trip.get("days", [0]):
            for call in trip["calls"]:
                row = {"trip_id": trip.get("id", f"t{number}"), "day": day, **parse_call(call)}
                rows.append(row)
    columns = ["trip_id", "stop_id", "arrival", "departure", "pickup", "drop_off", "day"]
    calls = pd.DataFrame(rows, columns=columns)
    ints = {
        "arrival": "int64",
        "departure": "int64",
        "pickup": bool,
        "drop_off": bool,
        "day": "int64",
    }
    calls = calls.astype(ints)
    ends = [stop for walk in case.get("walks", []) for stop in walk[:2]]
    names = list(dict.fromkeys([*case.get("stops", []), *calls["stop_id"], *ends]))
    changes = case.get("changes", {})
    minutes = [changes.get(name, math.nan) for name in names]
    stations = case.get("stations", {})
    parents = {stop: station for station, members in stations.items() for stop in members}
    names += [station for station in stations if station not in names]
    minutes += [changes.get(name, math.nan) for name in names[len(minutes) :]]
    stops = pd.DataFrame({"stop_id": names, "min_transfer": np.array(minutes, dtype=float) * 60})
    if stations:
        stops["parent_station"] = [parents.get(name, "") for name in names]
    transfers = pd.DataFrame(
        [(a, b, float(m) * 60) for a, b, m in case.get("walks", [])],
        columns=["from_stop_id", "to_stop_id", "seconds"],
    ).astype({"seconds": float})
    options = {"stops": stops, "transfers": transfers}
    if case.get("every"):
        options["frequencies"] = pd.DataFrame(
            [
                {
                    "trip_id": row["id"],
                    "start": parse_clock(row["from"]),
                    "end": parse_clock(row["to"]),
                    "headway": round(row["minutes"] * 60),
                    "exact": row.get("exact", False),
                }
                for row in case["every"]
            ]
        )
    return calls, options


def parse_call(text):
    """Read ``A 08:00`` or ``A 08:00/08:02``; ``board`` or ``alight`` when only that is allowed."""
    stop, clocks, *rules = text.split()
    arrival, _, departure = clocks.partition("/")
    return {
        "stop_id": stop,
        "arrival": parse_clock(arrival),
        "departure": parse_clock(departure or arrival),
        "pickup": rules in ([], ["board"]),
        "drop_off": rules in ([], ["alight"]),
    }


def parse_clock(text):
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
