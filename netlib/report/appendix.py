"""What stands behind the report: evidence, sources, parameters, timetables, document items.

Everything here turns tables into plain dictionaries of texts for the page; nothing is computed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from netlib.evidence import compute_ranges
from netlib.value_words import DOCUMENTS_ZH, PARAMETERS_ZH
from netlib.words import Language, translate, translate_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netlib.tables import Network

Item = dict[str, Any]

# Fields of a line whose evidence a reviewer looks for first.
LINE_FIELDS = ("status", "start_date", "open_date", "close_date", "design_speed_kmh")


def format_number(value: float) -> str:
    """Write a number with at most one decimal, and a dash where there is none.

    >>> format_number(62.04), format_number(60.0), format_number(float("nan"))
    ('62', '60', '–')
    """
    if math.isnan(value):
        return "–"
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("-", "−")


def collect_names(network: Network, lang: Language) -> dict[str, str]:
    """Collect the names of zones, nodes and lines in both languages, that of the page first.

    Returns
    -------
    dict
        Id -> ``许昌东 Xuchang East`` or ``Xuchang East 许昌东``.
    """
    names: dict[str, str] = {}
    for table, key in (("line", "line_id"), ("node", "node_id"), ("zone", "zone_id")):
        frame = network[table]
        for ident, zh, en in zip(frame[key], frame["name_zh"], frame["name_en"], strict=True):
            names[ident] = join_names(zh, en, lang)
    centres = network["node"][network["node"]["node_type"] == "centre"]
    word = translate("centre", lang)
    for node_id, zone_id in zip(centres["node_id"], centres["zone_id"], strict=True):
        names[node_id] = f"{names.get(zone_id, names[node_id])} ({word})"
    return names


def name_connections(network: Network, lang: Language) -> dict[str, str]:
    """Name what has no name of its own: links by their ends, services and headways by their line.

    Returns
    -------
    dict
        Name by link_id, service_id and ``trip_id@start_time``.
    """
    names = collect_names(network, lang)
    link = network["link"]
    ends = zip(link["link_id"], link["from_node_id"], link["to_node_id"], strict=True)
    found = {ident: f"{names.get(a, a)} → {names.get(b, b)}" for ident, a, b in ends}
    service = network["service"]
    for ident, line in zip(service["service_id"], service["line_id"], strict=True):
        if line in names:
            found[ident] = names[line]
    trips = network["trips"]
    routes = dict(zip(trips["trip_id"], trips["route_id"], strict=True))
    headways = network["frequencies"]
    for trip, start in zip(headways["trip_id"], headways["start_time"], strict=True):
        route = routes.get(trip, "")
        found[f"{trip}@{start}"] = names.get(route, trip)
    return found


def name_parameters(network: Network, lang: Language) -> dict[str, str]:
    """Return what each parameter means, in the page's language where it is known."""
    frame = network["parameter"]
    names = dict(zip(frame["parameter_id"], frame["description"], strict=True))
    return {**names, **PARAMETERS_ZH} if lang == "zh" else names


def join_names(zh: str, en: str, lang: Language) -> str:
    """Join two names of a thing, that of the page's language first, without doubling.

    >>> join_names("许昌东", "Xuchang East", "en"), join_names("G1", "", "en")
    ('Xuchang East 许昌东', 'G1')
    """
    first, second = (zh, en) if lang == "zh" else (en, zh)
    return " ".join(dict.fromkeys(part for part in (first, second) if part))


class EvidenceIndex:
    """Numbers the figures that a page cites, in the order of their first use."""

    def __init__(self, network: Network, lang: Language) -> None:
        """Group the evidence rows of ``network`` by the cell that they are about."""
        self._lang = lang
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._sources: dict[str, int] = {}
        self._names = collect_names(network, lang) | name_connections(network, lang)
        self._parameters = name_parameters(network, lang)
        self._rows: dict[tuple[str, str, str], list[Item]] = {}
        for record in network["evidence"].to_dict("records"):
            cell = (record["table"], record["row_id"], record["field"])
            self._rows.setdefault(cell, []).append({str(k): v for k, v in record.items()})
        self._source_rows = {
            record["source_id"]: {str(k): v for k, v in record.items()}
            for record in network["source"].to_dict("records")
        }

    def has(self, table: str, row_id: str, field: str) -> bool:
        """Tell whether a cell has an evidence row."""
        return (table, row_id, field) in self._rows

    def cite(self, table: str, row_id: str, field: str) -> int:
        """Return the number of a cell's entry, giving it one at its first use."""
        return self._numbers.setdefault((table, row_id, field), len(self._numbers) + 1)

    def cite_keys(self, keys: str) -> list[int]:
        """Return the numbers of ``table:row_id:field`` keys joined by ``;``."""
        numbers = []
        for key in filter(None, keys.split(";")):
            table, _, rest = key.partition(":")
            row_id, _, field = rest.rpartition(":")
            numbers.append(self.cite(table, row_id, field))
        return list(dict.fromkeys(numbers))

    def cite_line(self, line_id: str) -> list[int]:
        """Return the numbers of what is known of a line's (or station's) status and dates."""
        return [
            self.cite(table, line_id, field)
            for table in ("line", "node")
            for field in LINE_FIELDS
            if self.has(table, line_id, field)
        ]

    def entries(self) -> list[Item]:
        """Describe every cited cell with its evidence rows; numbers their sources."""
        return [
            {
                "number": number,
                "table": translate_value("table", table, self._lang),
                "name": self._describe(table, row_id),
                "row_id": row_id,
                "field": translate_value("field", field, self._lang),
                "rows": [
                    self._format_row(row) for row in self._rows.get((table, row_id, field), [])
                ],
            }
            for (table, row_id, field), number in self._numbers.items()
        ]

    def sources(self) -> list[Item]:
        """Describe the sources of the entries, in the order of their numbers; after `entries`."""
        empty = dict.fromkeys(
            ("publisher", "title", "address", "published", "accessed", "licence"), ""
        )
        return [
            {
                **empty,
                **self._source_rows.get(source_id, {}),
                "source_id": source_id,
                "number": number,
            }
            for source_id, number in self._sources.items()
        ]

    def cite_source(self, source_id: str) -> Item:
        """Return number and short title of a source."""
        number = self._sources.setdefault(source_id, len(self._sources) + 1)
        row = self._source_rows.get(source_id, {})
        return {"number": number, "title": row.get("title") or row.get("publisher") or source_id}

    def describe(self, table: str, row_id: str, field: str) -> str:
        """Return what a figure is called: its meaning, or its field and thing."""
        name = self._describe(table, row_id)
        if table == "parameter":
            return name
        return f"{name} · {translate_value('field', field, self._lang)}"

    def unit(self, table: str, row_id: str, field: str) -> str:
        """Return the unit of a figure, '' for a ratio."""
        rows = self._rows.get((table, row_id, field), [])
        unit = str(rows[0]["unit"]) if rows else ""
        return "" if unit == "1" else unit

    def _describe(self, table: str, row_id: str) -> str:
        if table == "parameter":
            return self._parameters.get(row_id, row_id)
        return self._names.get(row_id, row_id)

    def _format_row(self, row: Item) -> Item:
        low, high = row["low"], row["high"]
        return {
            "value": row["value"],
            "unit": "" if row["unit"] == "1" else row["unit"],
            "range": "" if math.isnan(low) or math.isnan(high) else f"{_trim(low)}–{_trim(high)}",
            "kind": translate_value("kind", row["kind"], self._lang),
            "source": self.cite_source(row["source_id"]),
            "locator": row["locator"],
            "quote": row["quote"],
            "note": row["note"],
        }


def _trim(value: float) -> str:
    return "" if math.isnan(value) else f"{value:g}"


def describe_parameters(network: Network, index: EvidenceIndex, lang: Language) -> list[Item]:
    """Describe every parameter with its range, for the table of assumptions."""
    frame = network["parameter"]
    ranges = compute_ranges(network, "parameter")
    meanings = name_parameters(network, lang)
    items = []
    for record, low, high in zip(
        frame.to_dict("records"), ranges["low"], ranges["high"], strict=True
    ):
        ident = str(record["parameter_id"])
        items.append(
            {
                "id": ident,
                "meaning": meanings[ident],
                "value": _trim(float(record["value"])),
                "range": f"{_trim(low)}–{_trim(high)}" if low < high else "",
                "unit": "" if record["unit"] == "1" else record["unit"],
                "evidence": [index.cite("parameter", ident, "value")],
            }
        )
    return items


def describe_services(network: Network, index: EvidenceIndex, lang: Language) -> list[Item]:
    """Describe timetables, headways and modelled services with their validity."""
    frame = network["service"].merge(
        network["calendar"][["service_id", "start_date", "end_date"]], on="service_id", how="left"
    )
    names = collect_names(network, lang)
    items = []
    for record in frame.fillna("").to_dict("records"):
        service_id = str(record["service_id"])
        fields = ("timetable", "run_time_ratio", "headway_secs")
        cited = [
            index.cite("service", service_id, f)
            for f in fields
            if index.has("service", service_id, f)
        ]
        items.append(
            {
                "id": service_id,
                "kind": translate_value("kind", str(record["kind"]), lang),
                "line": names.get(str(record["line_id"]), record["line_id"]),
                "snapshot": record["timetable_id"],
                "valid": f"{_format_gtfs_day(str(record['start_date']))} – "
                f"{_format_gtfs_day(str(record['end_date']))}",
                "note": record["note"],
                "evidence": cited,
            }
        )
    return items


def _format_gtfs_day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 else text


def find_modelled_lines(network: Network) -> set[str]:
    """Find the lines that carry a link, a service, or that consist of such lines or of nodes.

    Returns
    -------
    set of line_id
    """
    line = network["line"]
    linked = set(network["link"]["line_id"]) | set(network["service"]["line_id"]) - {""}
    nodes = set(network["node"]["node_id"])
    parts = {
        str(ident): [part for part in str(text).split(";") if part]
        for ident, text in zip(line["line_id"], line["parts"], strict=True)
    }
    modelled = {ident for ident in parts if ident in linked or ident in nodes}
    while True:
        grown = {
            ident
            for ident, pieces in parts.items()
            if pieces and all(piece in modelled or piece in nodes for piece in pieces)
        } - modelled
        if not grown:
            return modelled
        modelled |= grown


def describe_documents(network: Network, lang: Language) -> dict[str, Item]:
    """Describe the documents by id: the columns of ``document.csv`` in the page's language."""
    documents: dict[str, Item] = {}
    for record in network["document"].to_dict("records"):
        ident = str(record["document_id"])
        documents[ident] = {str(key): value for key, value in record.items()}
        if lang == "zh" and ident in DOCUMENTS_ZH:
            title, basis = DOCUMENTS_ZH[ident]
            documents[ident] |= {"title": title, "date_basis": basis}
    return documents


def describe_mentions(network: Network, index: EvidenceIndex, lang: Language) -> list[Item]:
    """Describe every mention of an item in a document, with its status and evidence."""
    modelled = find_modelled_lines(network)
    documents = describe_documents(network, lang)
    lines = network["line"].drop_duplicates("line_id").set_index("line_id")
    items = []
    for record in network["mention"].to_dict("records"):
        line_id = str(record["line_id"])
        known = line_id in lines.index
        line = lines.loc[line_id] if known else None
        items.append(
            {
                "id": record["mention_id"],
                "line_id": line_id,
                "name": join_names(str(line["name_zh"]), str(line["name_en"]), lang)
                if line is not None
                else line_id,
                "quote": record["quote"],
                "language": documents.get(str(record["document_id"]), {}).get("language", "zh"),
                "documents": [
                    {"id": ident, "title": documents.get(ident, {}).get("title", ident)}
                    for ident in str(record["document_id"]).split(";")
                    if ident
                ],
                "mode": translate_value("mode", str(line["mode"]), lang)
                if line is not None
                else "",
                "status": translate_value("status", str(line["status"]), lang)
                if line is not None
                else "",
                "open_date": str(line["open_date"]) if line is not None else "",
                "modelled": line_id in modelled,
                "note": str(line["note"]) if line is not None else str(record["note"]),
                "evidence": index.cite_line(line_id),
            }
        )
    return items


def select_unmodelled(mentions: Iterable[Item]) -> list[Item]:
    """Select one entry per document item that the model does not hold."""
    found: dict[str, Item] = {}
    for mention in mentions:
        if not mention["modelled"]:
            found.setdefault(str(mention["line_id"]), mention)
    return list(found.values())
