"""Which epoch's trains answer for a pair on a day: the nearest that is complete and unchanged.

Timetables are held in part. ``coverage.csv`` says for pairs of zones how many direct trains a
timetable holds and how many ran at least. Between the day of a timetable and the day wanted a line
may have opened, closed or become faster; then an earlier or later timetable tells more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.dates import parse_days
from netlib.errors import DateError, UnknownNameError
from netlib.evidence import select_variant
from netlib.openings import ROUTE_TOLERANCE, select_open_links
from netlib.rail_routes import RAIL_MODES, RailRoutes, find_routes
from netlib.snapshots import CONVENTIONAL, choose_timetables
from netlib.units import parse_day

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from netlib.tables import Network

Pair = tuple[str, str]
# What an epoch knows of pairs: trains held, at least, basis, and the day of the timetable that
# holds most of them; and by zone of which a timetable holds all trains the day of that.
Known = tuple[dict[Pair, tuple[int, int, str, str]], dict[str, str]]

# A pair is complete when this share of the trains that ran at least is held: the two directions of
# a timetable may differ by as much.
COMPLETE_SHARE = 0.9
# Tables that the choice rests on, whatever the day.
READ = ("timetable", "coverage", "change", "line", "zone", "reference_link", "reference_node")


class Answer(NamedTuple):
    """What is known of a pair in one epoch; see `choose_epochs`."""

    epoch: str = ""
    trains_held: int = 0
    trains_least: int = 0
    complete: bool = True
    changed: bool = False
    age_days: int = 0
    basis: str = ""


def choose_epochs(network: Network, pairs: pd.DataFrame | Iterable[Pair]) -> pd.DataFrame:
    """Choose for each pair the epoch whose trains are to answer on the network's day.

    The nearest epoch that is complete for the pair and between which and the day nothing of the
    pair changed; if there is none the nearest complete one; if there is none the nearest that
    holds any train. Fast trains (and those of feeds) decide; pairs of which only conventional
    timetables know go by those.

    Parameters
    ----------
    network
        A network of one day (`netlib.tables.Network.as_of`).
    pairs
        ``from_id`` and ``to_id``, or tuples of both: zones, or stations, which stand for their
        zones. Counties stand for the zone of their prefecture.

    Returns
    -------
    DataFrame
        One row a pair, in their order: ``from_id``, ``to_id``; ``epoch``, the day of a timetable,
        for `select_epoch`, '' for the timetables nearest to the day;
        ``trains_held`` and ``trains_least`` (int64, direct trains a day); ``complete`` (bool),
        False where a fastest ride is an upper bound only and, with ``epoch`` '', where the
        timetable of the pair is not known; ``changed`` (bool), whether a line of the pair opened,
        closed or became faster between epoch and day; ``age_days`` (int64, between epoch and day);
        ``basis``, how the bound was found, '' where no direct train is held or known of.

    Raises
    ------
    DateError
        If the network is of no day.
    UnknownNameError
        If a place is neither zone nor station, or a station of no zone.
    """
    if network.day is None:
        raise DateError("the network is of all dates; choose a day with as_of")
    if isinstance(pairs, pd.DataFrame):
        places = list(zip(pairs["from_id"], pairs["to_id"], strict=True))
    else:
        places = list(pairs)
    if "epochs" not in network.memory:
        network.memory["epochs"] = Epochs(network)
    epochs: Epochs = network.memory["epochs"]
    zones = [(epochs.find_zone(a), epochs.find_zone(b)) for a, b in places]
    answers = epochs.choose(dict.fromkeys(zones))
    rows = [(*place, *answers[pair]) for place, pair in zip(places, zones, strict=True)]
    result = pd.DataFrame(rows, columns=["from_id", "to_id", *Answer._fields])
    counts = dict.fromkeys(("trains_held", "trains_least", "age_days"), "int64")
    return result.astype({**counts, "complete": bool, "changed": bool})


def select_epoch(network: Network, epoch: str) -> Network:
    """Return the network of the same day, scenario and figures with the trains of another epoch.

    Parameters
    ----------
    network
        A network of one day; what was changed in it by hand after `Network.as_of` is not kept.
    epoch
        Day of a timetable, '' for the nearest timetables; see `choose_epochs`.

    Raises
    ------
    DateError
        If the network is of no day.
    """
    if network.day is None or network.whole is None:
        raise DateError("the network is of all dates; choose a day with as_of")
    chosen = network.whole.as_of(network.day, epoch)
    return select_variant(chosen, network.variant)


@dataclass(frozen=True, eq=False)
class Epochs:
    """What the tables say of the epochs, made ready for one network of a day.

    Attributes
    ----------
    network
        The network of a day.
    """

    network: Network

    @cached_property
    def _zones(self) -> dict[str, str]:
        """Prefecture-level zone by id of zone or station."""
        zone = self.network["zone"]
        parents = dict(zip(zone["zone_id"], zone["parent_zone_id"], strict=True))
        tops = {name: parents.get(name) or name for name in parents}
        node = self.network["reference_node"]
        placed = node[node["zone_id"] != ""]
        stations = zip(placed["node_id"], placed["zone_id"], strict=True)
        return {node_id: tops.get(name, name) for node_id, name in stations} | tops

    @cached_property
    def _shared(self) -> dict[Hashable, Any]:
        """What serves all days of the whole network, unless this one of a day was edited."""
        network, whole = self.network, self.network.whole
        if whole is None or any(network[name] is not whole[name] for name in READ):
            return network.memory
        return whole.memory

    def find_zone(self, place: str) -> str:
        """Return the prefecture-level zone of a zone or station."""
        if place not in self._zones:
            raise UnknownNameError("zone or station", place, self._zones)
        return self._zones[place]

    @cached_property
    def _stations(self) -> dict[str, list[str]]:
        """Stations by zone: the main one where it is named, else all."""
        node = self.network["reference_node"]
        found: dict[str, list[str]] = {}
        for name in node.loc[node["node_type"] == "rail_station", "node_id"]:
            if name in self._zones:
                found.setdefault(self._zones[name], []).append(name)
        zone = self.network["zone"]
        named = zone[(zone["main_node_id"] != "") & (zone["parent_zone_id"] == "")]
        mains = zip(named["zone_id"], named["main_node_id"], strict=True)
        return found | {name: [main] for name, main in mains}

    @cached_property
    def _known(self) -> dict[bool, list[Known]]:
        """What epochs know of pairs, the nearest first, by whether trains are conventional."""
        return {family: self._read_family(conventional=family) for family in (False, True)}

    def _read_family(self, *, conventional: bool) -> list[Known]:
        timetable, coverage = self.network["timetable"], self.network["coverage"]
        chosen = timetable[(timetable["modes"] == CONVENTIONAL) == conventional]
        day = parse_day(str(self.network.day))
        near = chosen.assign(
            outside=[
                not first <= day.isoformat() <= last
                for first, last in zip(chosen["valid_from"], chosen["valid_until"], strict=True)
            ],
            age=[abs((parse_day(text) - day).days) for text in chosen["day"]],
        )
        near = near.sort_values(["outside", "age", "day"]).drop_duplicates("day")
        days = dict(zip(chosen["timetable_id"], chosen["day"], strict=True))
        found = []
        for epoch in near["day"]:
            ids = [row["timetable_id"] for row in choose_timetables(chosen, day, epoch)]
            key = ("coverage", *ids)
            if key not in self._shared:
                rows = coverage[coverage["timetable_id"].isin(ids)]
                self._shared[key] = _sum_coverage(rows, days)
            held = chosen[chosen["timetable_id"].isin(ids)]
            whole = {
                zone: str(own)
                for own, text in zip(held["day"], held["whole_zones"], strict=True)
                for zone in text.split(";")
                if zone
            }
            found.append((self._shared[key], whole))
        return found

    def _recall(self, pair: Pair, *, conventional: bool) -> list[Answer]:
        """Return what the epochs know of a pair, the nearest first."""
        answers: list[Answer] = []
        day = parse_day(str(self.network.day))

        def age(own: str) -> int:
            return abs((parse_day(own) - day).days)

        for sums, whole in self._known[conventional]:
            held_by = [whole[zone] for zone in pair if zone in whole]
            if pair not in sums and held_by:
                answers.append(Answer(held_by[0], complete=True, age_days=age(held_by[0])))
            elif pair in sums:
                held, least, basis, own = sums[pair]
                complete = held > 0 and held >= COMPLETE_SHARE * least
                # Of the timetables of an epoch, that of the pair's own region says how old it is.
                answers.append(Answer(own, held, least, complete, False, age(own), basis))
        return answers

    def choose(self, pairs: Iterable[Pair]) -> Mapping[Pair, Answer]:
        """Choose the answer of each pair of zones."""
        asked = list(pairs)
        recalled = {pair: self._recall(pair, conventional=False) for pair in asked}
        known = self._drop_unopened({pair: found for pair, found in recalled.items() if found})
        changed = self._find_changes(known)
        for pair, kept in known.items():
            if len(kept) < len(recalled[pair]):
                changed |= {(pair, a.epoch) for a in kept if set(pair) & self._list_joined(a.epoch)}
        result = {}
        for pair in asked:
            marked = [a._replace(changed=(pair, a.epoch) in changed) for a in known.get(pair, ())]
            best = _choose_answer(marked) if marked else Answer()
            result[pair] = best if best.trains_held else self._count_conventional(pair, best)
        return result

    def _count_conventional(self, pair: Pair, fast: Answer) -> Answer:
        """Count the conventional trains of a pair without fast ones.

        Each family takes its own nearest timetable, so that no other epoch is called for.
        """
        found = self._recall(pair, conventional=True)
        return found[0]._replace(epoch=fast.epoch, changed=fast.changed) if found else fast

    def _drop_unopened(self, known: Mapping[Pair, list[Answer]]) -> dict[Pair, list[Answer]]:
        """Drop the epochs whose trains took a way that was not there on the day.

        Where no line joined two places yet, nothing is missing: no train ran, whatever later
        timetables hold.
        """
        today = self._routes(str(self.network.day))
        found = {}
        for pair, answers in known.items():
            kept = answers
            if np.isinf(today.measure(*pair)):
                kept = [
                    answer
                    for answer in answers
                    if np.isinf(self._routes(answer.epoch).measure(*pair))
                ]
            if kept:
                found[pair] = kept
        return found

    def _find_changes(self, known: Mapping[Pair, list[Answer]]) -> set[tuple[Pair, str]]:
        """Find the pairs and epochs between which and the day a line of the pair changed."""
        epochs = {answer.epoch for answers in known.values() for answer in answers}
        today = self._routes(str(self.network.day))
        found = set()
        for epoch in epochs:
            then = self._routes(epoch)
            altered = self._list_altered(epoch)
            for pair, answers in known.items():
                if all(answer.epoch != epoch for answer in answers) or pair[0] == pair[1]:
                    continue
                km = then.measure(*pair), today.measure(*pair)
                if min(km) * ROUTE_TOLERANCE < max(km) or (
                    altered and altered & (then.lines(*pair) | today.lines(*pair))
                ):
                    found.add((pair, epoch))
        return found

    def _list_joined(self, epoch: str) -> set[str]:
        """List the zones where a line opened or closed between an epoch and the day.

        Trains from there may go on over lines that the model does not hold: what an epoch says of
        a pair that it does not join need not be true of the day.
        """
        key = "joined", epoch, str(self.network.day)
        if key not in self._shared:
            link = self._rail_links
            dates = (pd.Timestamp(text) for text in (epoch, str(self.network.day)))
            then, today = (
                link["link_id"].isin(select_open_links(link, self.network["line"], day)["link_id"])
                for day in dates
            )
            ends = link.loc[then != today, ["from_node_id", "to_node_id"]].to_numpy().ravel()
            self._shared[key] = {self._zones[name] for name in ends if name in self._zones}
        found: set[str] = self._shared[key]
        return found

    @cached_property
    def _rail_links(self) -> pd.DataFrame:
        """Links of rail, as the files say: a scenario must not change whose trains answer."""
        line, link = self.network["line"], self.network["reference_link"]
        rail = set(line.loc[line["mode"].isin(RAIL_MODES), "line_id"])
        return link[link["line_id"].isin(rail)]

    def _list_altered(self, epoch: str) -> set[str]:
        """List the lines with a dated change between an epoch and the day."""
        change = self.network["change"]
        first, last = sorted([pd.Timestamp(epoch), pd.Timestamp(str(self.network.day))])
        dates = parse_days(change["date"], end=True)
        return set(change.loc[(first < dates) & (dates <= last), "line_id"])

    def _routes(self, day: str) -> RailRoutes:
        """Return the ways by rail between zones on a day."""
        key = "routes", day
        if key not in self._shared:
            opened = select_open_links(self._rail_links, self.network["line"], pd.Timestamp(day))
            self._shared[key] = find_routes(opened, self._stations)
        found: RailRoutes = self._shared[key]
        return found


def _sum_coverage(
    rows: pd.DataFrame, days: Mapping[str, str]
) -> dict[Pair, tuple[int, int, str, str]]:
    """Sum trains held over timetables; the bound counts all trains, whichever region holds them."""
    found: dict[Pair, tuple[int, int, str, str]] = {}
    most: dict[Pair, int] = {}
    columns = ("from_zone_id", "to_zone_id", "trains_held", "trains_least", "basis", "timetable_id")
    for a, b, held, least, basis, name in zip(*(rows[c] for c in columns), strict=True):
        before = found.get((a, b))
        if before is None:
            found[a, b] = int(held), max(int(held), int(least)), basis, str(days[name])
            most[a, b] = int(held)
            continue
        own = str(days[name]) if int(held) > most[a, b] else before[3]
        most[a, b] = max(int(held), most[a, b])
        total = before[0] + int(held)
        words = dict.fromkeys(text for text in (*before[2].split(";"), basis) if text)
        found[a, b] = total, max(total, before[1], int(least)), ";".join(words), own
    return found


def _choose_answer(answers: list[Answer]) -> Answer:
    """Choose among what epochs know of a pair, the nearest first."""
    complete = [answer for answer in answers if answer.complete]
    held = [answer for answer in answers if answer.trains_held]
    for better in ([a for a in complete if not a.changed], complete, held):
        if better:
            return better[0]
    return max(answers, key=lambda answer: answer.trains_least)._replace(epoch="", age_days=0)
