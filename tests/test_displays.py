"""How results show themselves in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.displays import MOST_ROWS, format_card
from netlib.isochrones import compute_isochrones
from netlib.places import name_ends
from netlib.times import travel_times

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def test_texts_are_escaped_and_long_tables_cut() -> None:
    table = pd.DataFrame({"minutes": range(500)})
    html = format_card("<b>", {"a & b": "<i>"}, table)
    assert "&lt;b&gt;" in html
    assert "a &amp; b <b>&lt;i&gt;</b>" in html
    assert MOST_ROWS <= html.count("<tr") <= MOST_ROWS + 2


def test_travel_times_are_shown_by_name(line_network: Network) -> None:
    times = travel_times(line_network.as_of(TODAY), ["900100"], ["900300"])
    shown = name_ends(line_network, times, lang="en")
    assert shown.columns[:2].tolist() == ["from", "to"]
    assert "Gamma City" in shown._repr_html_()
    assert shown["travel_time_minutes"].equals(times["travel_time_minutes"])


def test_isochrones_plot_and_explore(line_network: Network) -> None:
    pytest.importorskip("folium")
    areas = compute_isochrones(line_network.as_of(TODAY), "900100", [30.0, 60.0])
    # The larger area first, so that the smaller one is drawn over it.
    areas = areas.sort_values("cutoff_minutes", ascending=False)
    page = areas.explore(column="cutoff_minutes", tiles=None).get_root().render()
    for column in ("cutoff_minutes", "area_km2", "residents"):
        assert column in page
    axes = areas.plot(column="cutoff_minutes", legend=True)
    assert len(axes.collections) == 1
    west, south, east, north = areas.total_bounds
    assert axes.get_xlim()[0] <= west <= east <= axes.get_xlim()[1]
    assert axes.get_ylim()[0] <= south <= north <= axes.get_ylim()[1]
