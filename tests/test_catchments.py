"""Shares of residents for whom a city is within reach."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Polygon, box

from netlib.accessibility import share_residents
from netlib.catchments import measure_shares
from netlib.tables import Network
from netlib.travel_times import catchment, reach

DAY = "2026-11-22"


def test_share_by_hand() -> None:
    # Two zones side by side on the equator; the area covers half of the first, which has 3 of 4.
    zones = gpd.GeoDataFrame(
        {"population_2020": [300.0, 100.0]},
        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
        crs="EPSG:4326",
    )
    assert share_residents(box(-1, -1, 0.5, 2), zones) == pytest.approx(0.375, abs=0.001)
    assert share_residents(box(-1, -1, 3, 2), zones) == pytest.approx(1.0)
    assert share_residents(Polygon(), zones) == 0.0


def test_share_without_zones_is_unknown() -> None:
    zones = gpd.GeoDataFrame({"population_2020": []}, geometry=[], crs="EPSG:4326")
    assert pd.isna(share_residents(box(0, 0, 1, 1), zones))


def test_catchment_mirrors_reach(transfer_network: Network) -> None:
    # Both lines run the same both ways, so the way to a centre is as long as the way from it.
    network = transfer_network.as_of(DAY)
    there = reach(network, "900100").set_index("node_id")["minutes"]
    back = catchment(network, "900100").set_index("node_id")["minutes"]
    for stop in ("M-x", "M-b"):
        assert back[stop] == pytest.approx(there[stop])


def test_nobody_in_xuchang_reaches_zhengzhou_in_half_an_hour(evidence_base: Network) -> None:
    # Access, process and exit alone take more than 30 minutes at their shortest (15 + 4 in the
    # stations, and a taxi of 11 km from 郑州东), so no home in Xuchang can be within them.
    network = evidence_base.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["411000"], "to_id": ["410100"]})
    row = measure_shares(network, pairs, threshold_minutes=30).iloc[0]
    assert (row["low"], row["central"], row["high"]) == (0.0, 0.0, 0.0)


def test_shares_are_ordered(evidence_base: Network) -> None:
    network = evidence_base.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["411000", "410700"], "to_id": "410100"})
    table = measure_shares(network, pairs, threshold_minutes=110)
    assert (table["low"] <= table["central"]).all()
    assert (table["central"] <= table["high"]).all()
    assert (table["high"] > 0).all()
