"""Trains of January 2021: boards, the list of calls and the patterns joined into one timetable.

A train of the list is joined with the boards of its numbers (``G1820_G1817`` carries two) if they
share a station and run in the same direction, since numbers are reused. Its calls are the union of
both. Where a board prints that the train starts or ends, calls of the list beyond are left out: the
board has a day, the list has none. Trains that only boards know stay; what they call at between the
boards is not known, so they are marked incomplete by a service of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.rail_2021_sources import (
    DAY_MINUTES,
    Board,
    Clock,
    Pattern,
    moment,
    read_boards,
    read_lists,
    read_patterns,
)
from derive.rail_tables import family_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from derive.rail_points import Points

# Straight-line speeds above which two clock times cannot both be right: Z trains keep 160 km/h on
# open line and less between stops, the fastest lines of 2021 ran at 350 km/h.
LIMIT_KMH = {"fast": 340.0, "conventional": 150.0}
# Usual speed of a conventional train over the straight line with its stops, and how far a clock
# time may lie from what is expected of it before it is taken for one of another train.
USUAL_KMH = 65.0
CLOCK_SLACK_MINUTES = 240.0
# Share of the calls that board and list could both know on which they must agree: numbers are
# reused, and two trains of one number may meet in one city.
LEAST_SHARED = 0.5
# Two boards of one train whose number changes on the way differ by at most this.
NUMBER_GAP = 5


@dataclass
class Train:
    """One train: calls in order, clock times of boards, and the pattern that stands for it."""

    number: str
    family: str
    calls: list[str]
    clocks: dict[str, Clock] = field(default_factory=dict)
    pattern: Pattern | None = None
    listed: bool = True
    added: frozenset[str] = frozenset()  # calls that boards hold and the list lacks
    dropped: frozenset[str] = frozenset()  # listed calls beyond the ends that a board prints


def read_trains(
    data: Path, points: Points, wanted: Callable[[frozenset[str]], bool]
) -> list[Train]:
    """Join the three sources; return the trains whose stations are ``wanted``, by number."""
    boards, lists, patterns = read_boards(data), read_lists(data), read_patterns(data)
    stands = {name for board in boards.values() for name in board.clocks}
    trains, used = [], set()
    for number, listed in sorted(lists.items()):
        family = family_of(number)
        if not family:
            continue
        pattern = patterns.get(number)
        mine = find_boards(number, listed, pattern, boards, stands, points)
        used |= {board.number for board in mine}
        stations = frozenset(listed).union(*(board.clocks for board in mine))
        if wanted(stations):
            trains.append(join_train(number, family, listed, pattern, mine, points))
    rest = {number: board for number, board in boards.items() if number not in used}
    trains += [train for train in board_trains(rest, points) if wanted(frozenset(train.calls))]
    return [train for train in trains if len(train.calls) > 1]


def find_boards(
    number: str,
    listed: set[str],
    pattern: Pattern | None,
    boards: Mapping[str, Board],
    stands: set[str],
    points: Points,
) -> list[Board]:
    """Return the boards of a listed train: those of its numbers that run the same way."""
    course = [name for name, _ in pattern.course if name in listed] if pattern else []
    boarded = {name for name in listed if name in stands}
    return [
        boards[part]
        for part in number.split("_")
        if part in boards
        and shares_enough(boards[part], boarded)
        and runs_same_way(boards[part], course, listed, points)
    ]


def shares_enough(board: Board, boarded: set[str]) -> bool:
    """Say whether a board and a list agree on half of the calls that both could know.

    ``boarded`` are the listed calls at stations where boards stand.
    """
    shared = sum(name in boarded for name in board.clocks)
    return shared >= LEAST_SHARED * min(len(board.clocks), len(boarded)) > 0


def runs_same_way(board: Board, course: Sequence[str], listed: set[str], points: Points) -> bool:
    """Say whether a board shows the listed train: a shared station and the same direction."""
    shared = [name for name in board.clocks if name in listed]
    if not shared:
        return False
    place = {name: i for i, name in enumerate(course)}
    places = [place[name] for name in shared if name in place]
    if len(places) > 1:
        rising = sum(b > a for a, b in pairwise(places))
        return 2 * rising >= len(places) - 1
    ends = [board.origin, board.terminus, *course[:1], *course[-1:]]
    if len(course) < 2 or any(name not in points for name in ends):
        return True  # nothing speaks of a direction
    ax, ay = points.heading(board.origin, board.terminus)
    bx, by = points.heading(course[0], course[-1])
    return ax * bx + ay * by > 0


def join_train(
    number: str,
    family: str,
    listed: set[str],
    pattern: Pattern | None,
    boards: Sequence[Board],
    points: Points,
) -> Train:
    """Put the calls of a listed train and of its boards into one order."""
    clocks: dict[str, Clock] = {}
    for board in boards:
        for name, clock in board.clocks.items():
            if name in points:
                clocks.setdefault(name, clock)
    known = {name for name in listed if name in points}
    course = [name for name, _ in pattern.course if name in known] if pattern else []
    timed = sorted(clocks, key=lambda name: moment(clocks[name]))
    trusted = family == "fast" and len(timed) > 1
    spine = timed if trusted or len(course) < 2 else course
    dropped: set[str] = set()
    if trusted:
        starts, ends = clocks[timed[0]][0] is None, clocks[timed[-1]][1] is None
        order = points.insert(timed, known, closed=(False, False))
        first, last = order.index(timed[0]), order.index(timed[-1])
        dropped |= set(order[:first]) if starts else set()
        dropped |= set(order[last + 1 :]) if ends else set()
        calls = [name for name in order if name not in dropped]
    elif len(spine) > 1:
        # A board's train may start earlier or run on; its ends then close the way.
        ends = [(board.origin, board.terminus) for board in boards]
        before = [a for a, _ in ends[:1] if a in points and a not in spine]
        behind = [b for _, b in ends[-1:] if b in points and b not in spine]
        spine = [*before, *spine, *behind]
        whole = pattern is not None and len(course) > 1
        closed = (bool(ends) or whole, bool(ends) or whole)
        calls = points.insert(spine, known | set(clocks), closed=closed)
    else:
        calls = []
    train = Train(number, family, calls, clocks, pattern)
    train.added = frozenset(set(clocks) - listed)
    train.dropped = frozenset(dropped)
    if family == "conventional":
        train.clocks = settle_clocks(train, points)
    return train


def settle_clocks(train: Train, points: Points) -> dict[str, Clock]:
    """Give the clock times of a conventional train their days, along the order of its calls.

    Boards put multi-day trains in wrong order, so only the time of day counts. The day is the one
    nearest to what pattern or distance lead to expect; times that come too early or fit no day
    are left out.
    """
    elapsed = dict(train.pattern.course) if train.pattern else {}
    settled: dict[str, Clock] = {}
    last_name, last = "", 0.0
    for name in train.calls:
        if name not in train.clocks:
            continue
        arrival, departure = train.clocks[name]
        here = moment((arrival, departure)) % DAY_MINUTES
        if not last_name:
            at = here
        else:
            km = points.km(last_name, name)
            if name in elapsed and last_name in elapsed:
                expected = last + elapsed[name] - elapsed[last_name]
            else:
                expected = last + 60 * km / USUAL_KMH
            at = here + DAY_MINUTES * round((expected - here) / DAY_MINUTES)
            too_early = at <= last + 60 * km / LIMIT_KMH["conventional"]
            if too_early or abs(at - expected) > CLOCK_SLACK_MINUTES:
                continue
        wait = (departure - arrival) % DAY_MINUTES if arrival and departure else 0.0
        settled[name] = (
            at if arrival is not None else None,
            at + wait if departure is not None else None,
        )
        last_name, last = name, at + wait
    return settled


def board_trains(boards: Mapping[str, Board], points: Points) -> list[Train]:
    """Make trains of the boards that no list knows; halves of one train become one."""
    trains = []
    for parts in pair_halves(boards):
        number = "_".join(board.number for board in parts)
        family = family_of(number)
        if not family:
            continue
        clocks = {
            name: clock for board in parts for name, clock in board.clocks.items() if name in points
        }
        calls = sorted(clocks, key=lambda name: moment(clocks[name]))
        if family == "fast":
            ends = (parts[0].origin, parts[-1].terminus)
            calls = add_ends(calls, clocks, ends, points)
        train = Train(number, family, calls, clocks, listed=False)
        train.added = frozenset(clocks)
        if family == "conventional":
            train.clocks = settle_clocks(train, points)
            train.calls = [name for name in calls if name in train.clocks]
        trains.append(train)
    return trains


def add_ends(
    calls: Sequence[str], clocks: Mapping[str, Clock], ends: tuple[str, str], points: Points
) -> list[str]:
    """Add the origin and the terminus that the boards name where no board times them."""
    origin, terminus = ends
    before = [origin] if origin in points and origin not in calls else []
    behind = [terminus] if terminus in points and terminus not in calls else []
    if calls and clocks[calls[0]][0] is None:
        before = []
    if calls and clocks[calls[-1]][1] is None:
        behind = []
    return [*before, *calls, *behind]


def pair_halves(boards: Mapping[str, Board]) -> list[tuple[Board, ...]]:
    """Pair the boards of fast trains whose number changes on the way.

    Such halves have neighbouring numbers of different parity, the same origin and terminus, and
    one of them is seen at earlier times and no common station.
    """
    halves: dict[tuple[str, str, str], list[Board]] = {}
    for number in sorted(boards):
        board = boards[number]
        if family_of(number) == "fast" and board.clocks:
            halves.setdefault((number[0], board.origin, board.terminus), []).append(board)
    partner: dict[str, Board] = {}
    for group in halves.values():
        for board in group:
            for other in group:
                if board.number in partner or other.number in partner:
                    continue
                if follows(board, other):
                    partner[board.number] = other
                    partner[other.number] = board
    paired = []
    for number in sorted(boards):
        board = boards[number]
        other = partner.get(number)
        if other is None:
            paired.append((board,))
        elif begins(board) < begins(other):
            paired.append((board, other))
    return paired


def begins(board: Board) -> float:
    """Return the first clock time of a board."""
    return min(moment(clock) for clock in board.clocks.values())


def follows(board: Board, other: Board) -> bool:
    """Say whether ``other`` goes on where ``board`` stops being seen."""
    a, b = (int(re.findall(r"\d+", part.number)[0]) for part in (board, other))
    if (a - b) % 2 == 0 or abs(a - b) > NUMBER_GAP or set(board.clocks) & set(other.clocks):
        return False
    return max(moment(clock) for clock in board.clocks.values()) < begins(other)
