"""Where people live: one table of homes for residents within an area or within a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.shapes import read_zone_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netlib.roads.fields import Field
    from netlib.tables import Network

COLUMNS = ["zone_id", "x_coord", "y_coord", "persons"]


def read_homes(network: Network) -> pd.DataFrame:
    """Read where the residents of counties live.

    Returns
    -------
    DataFrame
        ``zone_id`` (county), ``x_coord``, ``y_coord`` (WGS84) and ``persons``.
    """
    shapes = read_zone_shapes(network)
    counties = shapes[(shapes["level"] == "county") & shapes["population_2020"].notna()]
    middle = counties.geometry.representative_point()
    return pd.DataFrame(
        {
            "zone_id": counties["zone_id"].to_numpy(dtype=object),
            "x_coord": middle.x.to_numpy(),
            "y_coord": middle.y.to_numpy(),
            "persons": counties["population_2020"].to_numpy(dtype=np.float64),
        }
    )[COLUMNS]


def count_residents(field: Field, homes: pd.DataFrame, cutoffs: Sequence[float]) -> pd.DataFrame:
    """Count the residents who live within each of some cut-offs.

    Parameters
    ----------
    field
        Minutes over land.
    homes
        As from `read_homes`.
    cutoffs
        Minutes.

    Returns
    -------
    DataFrame
        ``cutoff_minutes`` (ascending) and ``residents``.
    """
    minutes = field.at(homes["x_coord"], homes["y_coord"])
    persons = homes["persons"].to_numpy(dtype=np.float64)
    ordered = sorted({float(cutoff) for cutoff in cutoffs})
    residents = [float(persons[minutes <= cutoff].sum()) for cutoff in ordered]
    return pd.DataFrame({"cutoff_minutes": ordered, "residents": residents})
