"""Headway services of Zhengzhou's metro: routes, trips, stop times, frequencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import metro_facts as facts
from derive import metro_times
from derive.base import Row, evidence

if TYPE_CHECKING:
    from derive.metro_facts import Figure
    from derive.metro_times import Period

# Windows of the day (start, end, peak?); the Zheng-Xu line publishes a morning peak only.
WINDOWS = (
    ("06:00:00", "07:00:00", False),
    ("07:00:00", "09:00:00", True),
    ("09:00:00", "17:00:00", False),
    ("17:00:00", "19:00:00", True),
    ("19:00:00", "23:00:00", False),
)
WINDOWS_ZX = (
    ("06:00:00", "06:40:00", False),
    ("06:40:00", "09:15:00", True),
    ("09:15:00", "21:00:00", False),
)

RUN_TIME_RANGE = (0.97, 1.05)  # last trains are rounded to minutes; busy stops last longer


def add_services(
    tables: dict[str, list[Row]],
    line_id: str,
    orders: dict[str, list[str]],
    hops: dict[str, list[Row]],
) -> None:
    """Add the route of a line and its headway services, one for every period."""
    tables["routes"].append(
        {
            "route_id": line_id,
            "agency_id": "ZZM",
            "route_short_name": facts.name_zh(line_id).removeprefix("郑州地铁"),
            "route_long_name": facts.name_zh(line_id),
            "route_type": 1,
        }
    )
    for period in metro_times.PERIODS[line_id]:
        service_id = f"H-{line_id}{period.suffix}"
        tables["service"].append(
            {
                "service_id": service_id,
                "kind": "headway",
                "line_id": line_id,
                "run_time_ratio": 1,
                "note": period.note,
            }
        )
        tables["calendar"].append(
            {"service_id": service_id, "start_date": period.start, "end_date": period.end}
            | dict.fromkeys(
                ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1
            )
        )
        add_ratio_evidence(tables, line_id, service_id, hops[line_id])
        if line_id == "ZZ5":
            add_loop_trips(tables, service_id, period, orders[line_id], hops[line_id])
            continue
        calls = section_calls(orders[line_id], hops[line_id], period)
        if period.joins[0]:
            calls = run_on(calls, period.joins, orders, hops)
            tables["evidence"].append(
                evidence(
                    "service",
                    service_id,
                    "timetable",
                    "",
                    kind="published",
                    source_id=facts.HOLIDAY_2023
                    if period.end == metro_times.END
                    else facts.CJ_THROUGH,
                    note="line 2 and the Chengjiao Line are run through",
                )
            )
        for direction, stops in (("0", calls), ("1", reverse(calls))):
            add_trip(
                tables, f"{service_id}-{direction}", line_id, service_id, direction, stops=stops
            )
            add_frequencies(tables, f"{service_id}-{direction}", line_id, period)


def add_ratio_evidence(
    tables: dict[str, list[Row]], line_id: str, service_id: str, hops: list[Row]
) -> None:
    """Say how sure the running times of a line are."""
    low, high = RUN_TIME_RANGE
    tables["evidence"].append(
        evidence(
            "service",
            service_id,
            "run_time_ratio",
            1,
            unit="1",
            low=low,
            high=high,
            kind="estimated",
            source_id=facts.OPENMETRO,
            locator="timetables.json, last trains",
            note="rounded to minutes; the same at all hours and since the opening",
        )
    )
    if line_id != "ZX":
        return
    minutes = (sum(hop["seconds"] for hop in hops) - metro_times.DWELL_SECONDS) / 60
    for planned, source_id in zip(
        metro_times.ZX_PLANNED_MINUTES, (facts.ZX_PLAN, facts.ZX_TENDER), strict=True
    ):
        tables["evidence"].append(
            evidence(
                "service",
                service_id,
                "run_time_ratio",
                round(planned / minutes, 3),
                unit="1",
                kind="published",
                source_id=source_id,
                note=f"plan of {planned:.0f} minutes end to end (51-57) against {minutes:.0f} "
                "by the last trains",
            )
        )
    tables["evidence"].append(
        evidence(
            "service",
            service_id,
            "run_time_ratio",
            round(60 / minutes, 3),
            unit="1",
            kind="published",
            source_id=facts.ZX_RIDERS,
            note="a rider of 2023-12-26 took over an hour: a lower bound",
        )
    )


def section_calls(order: list[str], hops: list[Row], period: Period) -> list[tuple[str, int]]:
    """List the stops of a period with the seconds from the stop before."""
    calls: list[tuple[str, int]] = []
    waiting = 0
    for hop in hops:
        if hop["first"] < period.first or hop["last"] > period.last:
            continue
        if not calls:
            calls.append((order[hop["first"]], 0))
        if order[hop["last"]] in period.skip:
            waiting = hop["seconds"] - metro_times.DWELL_SECONDS
            continue
        calls.append((order[hop["last"]], waiting + hop["seconds"]))
        waiting = 0
    return calls


def run_on(
    calls: list[tuple[str, int]],
    joins: tuple[str, str],
    orders: dict[str, list[str]],
    hops: dict[str, list[Row]],
) -> list[tuple[str, int]]:
    """Let a trip run on over another line as far as the station that ``joins`` names."""
    other, far_end = joins
    order = orders[other]
    whole = [(order[hops[other][0]["first"]], 0)]
    whole += [(order[hop["last"]], hop["seconds"]) for hop in hops[other]]
    at = next(k for k, (slug, _) in enumerate(whole) if slug == far_end)
    if whole[0][0] == calls[-1][0]:
        return calls + whole[1 : at + 1]
    if whole[-1][0] == calls[0][0]:
        return [(far_end, 0), *whole[at + 1 :], *calls[1:]]
    raise ValueError(f"the trip from {calls[0][0]} to {calls[-1][0]} does not meet {other}")


def reverse(calls: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Turn the stops of a trip round."""
    seconds = [0] + [s for _, s in reversed(calls[1:])]
    return list(zip([slug for slug, _ in reversed(calls)], seconds, strict=True))


def add_loop_trips(
    tables: dict[str, list[Row]],
    service_id: str,
    period: Period,
    order: list[str],
    hops: list[Row],
) -> None:
    """Add two laps a direction, from the first station and from the one half-way round.

    Every pair is then direct on one of them; each lap has twice the headway, so that a
    station sees the published number of trains.
    """
    lap = section_calls(order, hops, period)
    half = len(hops) // 2
    from_half = [(lap[half][0], 0), *lap[half + 1 :], *lap[1 : half + 1]]
    for start, calls in (("a", lap), ("b", from_half)):
        for direction, stops in (("0", calls), ("1", reverse(calls))):
            trip_id = f"{service_id}-{direction}{start}"
            add_trip(tables, trip_id, "ZZ5", service_id, direction, stops=stops)
            add_frequencies(tables, trip_id, "ZZ5", period, laps=2)


def add_trip(
    tables: dict[str, list[Row]],
    trip_id: str,
    line_id: str,
    service_id: str,
    direction: str,
    *,
    stops: list[tuple[str, int]],
) -> None:
    """Add a trip from 00:00:00 on; its frequencies say when it runs."""
    tables["trips"].append(
        {
            "trip_id": trip_id,
            "route_id": line_id,
            "service_id": service_id,
            "trip_short_name": "",
            "direction_id": direction,
        }
    )
    departure = 0
    for sequence, (slug, seconds) in enumerate(stops, start=1):
        last = sequence == len(stops)
        arrival = departure + seconds - metro_times.DWELL_SECONDS if sequence > 1 else 0
        departure = arrival if last or sequence == 1 else arrival + metro_times.DWELL_SECONDS
        tables["stop_times"].append(
            {
                "trip_id": trip_id,
                "arrival_time": clock(arrival),
                "departure_time": clock(departure),
                "stop_id": f"M-{slug}",
                "stop_sequence": sequence,
                "timepoint": 0,
            }
        )


def clock(seconds: int) -> str:
    """Write seconds past midnight as H:MM:SS of GTFS."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def add_frequencies(
    tables: dict[str, list[Row]], trip_id: str, line_id: str, period: Period, *, laps: int = 1
) -> None:
    """Add the headways of a trip over the day, with their evidence."""
    for start, end, is_peak in WINDOWS_ZX if line_id == "ZX" else WINDOWS:
        figure = period.peak if is_peak else period.off_peak
        tables["frequencies"].append(
            {
                "trip_id": trip_id,
                "start_time": start,
                "end_time": end,
                "headway_secs": int(figure.value * laps),
                "exact_times": 0,
            }
        )
        tables["evidence"].append(headway_evidence(f"{trip_id}@{start}", figure, laps))


def headway_evidence(row_id: str, figure: Figure, laps: int) -> Row:
    """Make the evidence row of a headway."""
    note = figure.note
    if laps > 1:
        note = f"{figure.value:.0f} s between trains, shared by {laps} trips; {note}"
    kind = "estimated"
    if figure.low is None or figure.high is None:
        kind = "published"
    elif figure.source_id == facts.OURS:
        kind = "assumed"
    return evidence(
        "frequencies",
        row_id,
        "headway_secs",
        int(figure.value * laps),
        unit="s",
        low="" if figure.low is None else int(figure.low * laps),
        high="" if figure.high is None else int(figure.high * laps),
        kind=kind,
        source_id=figure.source_id,
        note=note,
    )
