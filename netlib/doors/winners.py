"""Which way wins where: the ways of a door-to-door table by destination, and their shares."""

from __future__ import annotations

import pandas as pd


def share_ways(table: pd.DataFrame) -> pd.DataFrame:
    """Count how often each way wins.

    Parameters
    ----------
    table
        As from `netlib.doors.journeys.measure_doors`.

    Returns
    -------
    DataFrame
        One row per way, the most frequent first: ``way``, ``pairs``, ``share`` (of the pairs with
        any way) and ``minutes`` (median over its pairs).
    """
    won = table[table["way"] != ""]
    counted = won.groupby("way")["travel_time_minutes"].agg(["size", "median"])
    counted = counted.set_axis(["pairs", "minutes"], axis=1).reset_index()
    counted.insert(2, "share", counted["pairs"] / max(len(won), 1))
    return counted.sort_values(["pairs", "way"], ascending=[False, True], ignore_index=True)


def find_winners(table: pd.DataFrame, *, by: str = "to_id") -> pd.DataFrame:
    """Find the way that wins most often at each destination.

    Parameters
    ----------
    table
        As from `netlib.doors.journeys.measure_doors`.
    by
        ``to_id``, or ``from_id`` for each origin.

    Returns
    -------
    DataFrame
        One row per place with any way, in order of appearance: the place, ``way``, ``share`` (of
        its pairs that this way wins), ``minutes`` (median over all its pairs) and ``lead_minutes``
        (median of how much longer the other takes, rides or the way without any; NaN where there
        is no other).
    """
    won = table[table["way"] != ""]
    lead = (won["ride_minutes"] - won["direct_minutes"]).abs()
    won = won.assign(lead=lead)
    rows = []
    for place, group in won.groupby(by, sort=False):
        counts = group["way"].value_counts()
        # Of ways that win as often the first by name, so that the answer does not depend on order.
        way = min(counts.index[counts == counts.iloc[0]])
        mine = group[group["way"] == way]
        rows.append(
            {
                by: place,
                "way": way,
                "share": len(mine) / len(group),
                "minutes": group["travel_time_minutes"].median(),
                "lead_minutes": mine["lead"].median(),
            }
        )
    columns = [by, "way", "share", "minutes", "lead_minutes"]
    return pd.DataFrame(rows, columns=columns)
