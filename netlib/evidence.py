"""Why a cell has its value, and which range its sources leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from netlib.tables import Network

Variant = Literal["low", "central", "high"]
VARIANTS: tuple[Variant, ...] = ("low", "central", "high")

# Table -> (key columns, numeric column whose range moves travel times)
RANGED = {
    "parameter": (["parameter_id"], "value"),
    "frequencies": (["trip_id", "start_time"], "headway_secs"),
    "service": (["service_id"], "run_time_ratio"),
    "link": (["link_id"], "run_time_minutes"),
}


def explain_cell(
    network: Network, table: str, row_id: str, field: str | None = None
) -> pd.DataFrame:
    """Return the evidence rows of a cell, or of a whole row, with their sources.

    Returns
    -------
    DataFrame
        Columns of ``evidence.csv`` plus ``publisher``, ``title``, ``address`` and ``licence``.
    """
    rows = network["evidence"]
    rows = rows[(rows["table"] == table) & (rows["row_id"] == row_id)]
    if field is not None:
        rows = rows[rows["field"] == field]
    sources = network["source"][["source_id", "publisher", "title", "address", "licence"]]
    return rows.merge(sources, on="source_id", how="left").reset_index(drop=True)


def compute_ranges(network: Network, table: str) -> pd.DataFrame:
    """Compute the range of every numeric cell of ``table`` that moves travel times.

    Evidence rows that contain the value used give the range; dissenting rows do not widen it.

    Returns
    -------
    DataFrame
        Index as the table; columns ``low``, ``central``, ``high`` in the column's unit.
    """
    keys, column = RANGED[table]
    frame = network[table]
    names = zip(*(frame[key] for key in keys), strict=True)
    row_id = pd.Series(["@".join(name) for name in names], index=frame.index, dtype=object)
    rows = network["evidence"]
    rows = rows[(rows["table"] == table) & (rows["field"] == column)].dropna(subset=["low", "high"])
    merged = pd.DataFrame(
        {"row_id": row_id, "central": frame[column], "order": np.arange(len(frame))}
    )
    merged = merged.merge(rows[["row_id", "low", "high"]], on="row_id", how="left")
    merged = merged[merged["low"].isna() | merged["central"].between(merged["low"], merged["high"])]
    ends = merged.groupby("order").agg(low=("low", "min"), high=("high", "max"))
    ends = ends.reindex(np.arange(len(frame)))
    ends.index = frame.index
    return pd.DataFrame(
        {
            "low": ends["low"].fillna(frame[column]),
            "central": frame[column],
            "high": ends["high"].fillna(frame[column]),
        }
    )


def select_variant(network: Network, variant: str) -> Network:
    """Return the network with every ranged figure at its ``low``, ``central`` or ``high`` end.

    ``low`` gives the shortest travel times: parameters whose ``sense`` is -1, such as speeds, take
    their high end. What the three say about the range of a time: `netlib.times.table.find_range`.
    """
    if variant == "central":
        return network
    return network.remember(("variant", variant), lambda: _move_figures(network, variant))


def _move_figures(network: Network, variant: str) -> Network:
    """Move every ranged figure to one end."""
    opposite = "high" if variant == "low" else "low"
    tables: dict[str, pd.DataFrame] = {}
    for table, (_, column) in RANGED.items():
        frame = network[table]
        ranges = compute_ranges(network, table)
        values = ranges[variant]
        if table == "parameter":
            sense = frame["sense"]
            values = values.where(sense > 0, ranges[opposite].where(sense < 0, ranges["central"]))
        tables[table] = frame.assign(**{column: values})
    return replace(network.with_tables(**tables), variant=variant, base=network)
