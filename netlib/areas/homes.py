"""Where people live: one table of homes for residents within an area or within a time.

``home.csv`` of a region holds the residents of counties in the census of 2020, spread over small
squares by ``scripts/derive/homes.py``. A region without one, as from an imported feed, has the
residents of its counties evenly over their areas.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.shapes import read_zone_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from netlib.roads.fields import Field
    from netlib.tables import Network

HOME_FILE = "home.csv"
COLUMNS = ["zone_id", "x_coord", "y_coord", "persons"]
TYPES: dict[str, Any] = {"zone_id": str, "x_coord": float, "y_coord": float, "persons": float}
# Side of the squares of counties that are in no file, some 1 km.
EVEN_DEGREES = 0.01


def read_homes(network: Network) -> pd.DataFrame:
    """Read where the residents of counties live.

    Returns
    -------
    DataFrame
        ``zone_id`` (county; also counties that are no zone of the network), ``x_coord``,
        ``y_coord`` (WGS84, the middle of what is lived in of a square) and ``persons``.

    Raises
    ------
    InputError
        If a file is malformed.
    """
    kept: dict[str, pd.DataFrame] = vars(network).setdefault("_homes", {})
    if "homes" not in kept:
        kept["homes"] = _read_homes(network)
    return kept["homes"]


def _read_homes(network: Network) -> pd.DataFrame:
    regions = [str(region) for region in pd.unique(network["zone"]["region"]) if region]
    paths = [network.root / region / HOME_FILE for region in regions]
    parts = [_read_file(path, path.stat().st_mtime_ns) for path in paths if path.is_file()]
    known = {code for part in parts for code in part["zone_id"].unique()}
    shapes = read_zone_shapes(network)
    counties = shapes[(shapes["level"] == "county") & shapes["population_2020"].notna()]
    # Files have the codes of counties, which are the ids of their shapes: 济源 is a city as well.
    own = dict(zip(counties["shape_id"], counties["zone_id"], strict=True))
    parts = [part.assign(zone_id=part["zone_id"].replace(own)) for part in parts]
    for county in counties[~counties["shape_id"].isin(known)].itertuples():
        parts.append(spread_evenly(str(county.zone_id), county.geometry, county.population_2020))
    return pd.concat([pd.DataFrame(columns=COLUMNS).astype(TYPES), *parts], ignore_index=True)


@lru_cache(maxsize=8)
def _read_file(path: Path, modified: int) -> pd.DataFrame:
    del modified  # it stands for the content of the file
    try:
        table = pd.read_csv(path, dtype=TYPES, usecols=COLUMNS)[COLUMNS]
    except (ValueError, pd.errors.ParserError) as problem:
        remedy = f"{problem}; write it again with scripts/derive_networks.py"
        raise InputError([Notice(path.name, 0, "malformed-csv", remedy)]) from None
    bad = np.flatnonzero(~(table["persons"].to_numpy() > 0) | table["x_coord"].isna())
    if len(bad):
        message = "a home needs a place and a number of persons above 0; correct or drop it"
        raise InputError([Notice(path.name, int(bad[0]) + 2, "bad-home", message)])
    return table


def spread_evenly(zone_id: str, shape: Any, persons: float) -> pd.DataFrame:
    """Spread the residents of a county evenly over its area, as `read_homes` returns them."""
    import shapely

    west, south, east, north = np.floor(np.array(shape.bounds) / EVEN_DEGREES)
    x, y = np.meshgrid(np.arange(west, east + 1) + 0.5, np.arange(south, north + 1) + 0.5)
    x, y = x.ravel() * EVEN_DEGREES, y.ravel() * EVEN_DEGREES
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, x, y)
    x, y = x[inside], y[inside]
    if not len(x):  # smaller than a square
        middle = shape.representative_point()
        x, y = np.array([middle.x]), np.array([middle.y])
    return pd.DataFrame(
        {"zone_id": zone_id, "x_coord": x, "y_coord": y, "persons": persons / len(x)}
    )


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
