"""Many origins on one timetable: percentiles of a window, streamed to files.

Memory holds one chunk of origins whatever their number. Every finished chunk is a Parquet file of
its own, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.tables import write_text
from netlib.timetable import Timetable
from netlib.timetable.scans import (
    DRAWS,
    STEP_SECONDS,
    Access,
    Window,
    window_arrivals,
    window_percentiles,
)

CHUNK = 64
# Readers of Parquet folders pass over names that begin with an underscore.
RECEIPT = "_query.json"


def window_matrix(
    timetable: Timetable,
    origins: Mapping[str, Access],
    window: Window,
    *,
    percentiles: Sequence[float] = (5, 50, 95),
    egress: pd.DataFrame | None = None,
    chunk: int = CHUNK,
    workers: int | None = None,
    step: int = STEP_SECONDS,
    max_rides: int | None = None,
    horizon: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Iterator[pd.DataFrame]:
    """Compute percentiles from many origins, some origins at a time.

    Parameters
    ----------
    timetable, window, step, max_rides, horizon, draws, seed
        As in `netlib.timetable.scans.window_arrivals`.
    origins
        Access by name of the origin.
    percentiles, egress
        As in `netlib.timetable.scans.window_percentiles`.
    chunk
        Origins whose results are in memory at once.
    workers
        Threads; as many as there are processors if not given.

    Yields
    ------
    DataFrame
        ``from_id``, ``to_id`` (categorical) and minutes as in `window_percentiles`, in the order of
        origins; pairs without a journey are left out.
    """
    names = list(origins)

    def measure(name: str) -> pd.DataFrame:
        table = window_arrivals(
            timetable,
            origins[name],
            window,
            step=step,
            max_rides=max_rides,
            horizon=horizon,
            draws=draws,
            seed=seed,
        )
        return window_percentiles(table, percentiles, egress=egress)

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        for begin in range(0, len(names), chunk):
            part = names[begin : begin + chunk]
            yield stack_origins(part, list(pool.map(measure, part)))


def stack_origins(names: Sequence[str], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Stack the tables of some origins on the same points into one, without unreached pairs."""
    points, columns = tables[0].index, tables[0].columns
    values = np.stack([table.to_numpy(dtype=np.float32) for table in tables])
    origin, point = np.nonzero(~np.isnan(values).all(axis=2))
    result = {
        "from_id": pd.Categorical(
            np.array(names, dtype=object)[origin], categories=pd.Index(list(names))
        ),
        "to_id": pd.Categorical.from_codes(point, points),
    }
    minutes = values[origin, point]
    return pd.DataFrame(result | {name: minutes[:, k] for k, name in enumerate(columns)})


def write_window_matrix(
    folder: str | os.PathLike[str],
    timetable: Timetable,
    origins: Mapping[str, Access],
    window: Window,
    *,
    chunk: int = CHUNK,
    progress: bool = False,
    **options: Any,
) -> Path:
    """Write percentiles from many origins to ``folder``, a Parquet file per chunk of origins.

    Chunks that are there already are kept, so that a run that was stopped goes on. Read all of it
    with ``pandas.read_parquet(folder)``. Needs pyarrow.

    Parameters
    ----------
    folder
        Where to write; made if it is not there.
    timetable, origins, window, chunk, options
        As in `window_matrix`.
    progress
        Whether to show a progress bar on a terminal.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds the results of another query.
    """
    from rich.progress import Progress

    target = Path(folder)
    receipt = describe_query(timetable, origins, window, chunk=chunk, options=options)
    known = target / RECEIPT
    if not known.exists():
        write_text(known, receipt)
    elif known.read_text(encoding="utf-8") != receipt:
        message = f"{target} holds the results of another query; choose an empty folder"
        raise InputError([Notice(RECEIPT, 0, "another-query", message)])
    names = list(origins)
    width = len(str(len(names)))
    with Progress(disable=not progress) as bar:
        task = bar.add_task("origins", total=len(names))
        for begin in range(0, len(names), chunk):
            path = target / f"part-{begin:0{width}}.parquet"
            part = {name: origins[name] for name in names[begin : begin + chunk]}
            if not path.exists():
                tables = window_matrix(timetable, part, window, chunk=chunk, **options)
                temporary = target / f"_{path.name}"
                next(tables).to_parquet(temporary, index=False)
                temporary.replace(path)
            bar.advance(task, len(part))
    return target


def describe_query(
    timetable: Timetable,
    origins: Mapping[str, Access],
    window: Window,
    *,
    chunk: int,
    options: Mapping[str, Any],
) -> str:
    """Describe a query so that two with the same words have the same results.

    Returns
    -------
    str
        JSON: a digest of the timetable, the origins and the egress, and the other options.
    """
    digest = blake2b(digest_size=16)
    for array in (
        timetable.rows,
        timetable.walk_start,
        timetable.walk_stop,
        timetable.walk_seconds,
        timetable.change,
        np.array(timetable.by_vehicle),
    ):
        digest.update(np.ascontiguousarray(array).tobytes())
    if timetable.headways is not None:
        for value in vars(timetable.headways).values():
            digest.update(np.ascontiguousarray(value).tobytes())
    for names in (timetable.stops.tolist(), list(origins)):
        digest.update("\0".join(names).encode())
    for access in origins.values():
        text = (
            access.tobytes()
            if isinstance(access, np.ndarray)
            else repr(sorted(access.items())).encode()
        )
        digest.update(text)
    egress = options.get("egress")
    if egress is not None:
        digest.update(egress.to_csv(index=False).encode())
    words = {k: v for k, v in options.items() if k not in ("egress", "workers")}
    query = {"data": digest.hexdigest(), "window": list(window), "chunk": chunk, **words}
    return json.dumps(query, indent=1, sort_keys=True, default=list) + "\n"
