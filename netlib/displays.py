"""How objects show themselves in a notebook: a title, facts in a line, and a table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

# Rows of a table that a notebook shows at once.
MOST_ROWS = 80


def format_card(title: str, facts: Mapping[str, object], table: pd.DataFrame) -> str:
    """Return HTML of a title, named facts and a table whose index names its rows.

    >>> format_card("A & B", {"day": "2030"}, pd.DataFrame({"n": [1]}, index=["x"]))[:50]
    '<div><strong>A &amp; B</strong><br>day <b>2030</b>'
    """
    said = " · ".join(f"{escape(name)} <b>{escape(str(fact))}</b>" for name, fact in facts.items())
    rows = table.to_html(border=0, max_rows=MOST_ROWS, na_rep="", float_format="{:g}".format)
    return f"<div><strong>{escape(title)}</strong><br>{said}{rows}</div>"
