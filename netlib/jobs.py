"""Independent pieces of work of one report, shared by a few processes."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netlib.errors import NetlibError

if TYPE_CHECKING:
    from netlib.tables import Network

WORKERS = 2

Job = Callable[[], Any]


def run_jobs(jobs: Mapping[str, Job], *, advance: Callable[[str], None]) -> dict[str, Any]:
    """Run the jobs on `WORKERS` processes.

    Parameters
    ----------
    jobs
        Functions without arguments, by name; what they return must go between processes.
    advance
        Called with the name of each one done.

    Returns
    -------
    dict
        What each job returned, by name and in the order of the jobs.

    Raises
    ------
    NetlibError
        If a job does; the text is the job's.
    """
    if not jobs:
        return {}
    names = list(jobs)
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    results: dict[str, Any] = {}
    with warnings.catch_warnings():
        # Python 3.12 and later warn of forking beside the idle threads of the linear algebra.
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        with ProcessPoolExecutor(
            min(WORKERS, len(names)),
            mp_context=context,
            initializer=_keep_jobs,
            initargs=(list(jobs.values()),),
        ) as pool:
            for name, result in zip(names, pool.map(_run_job, range(len(names))), strict=True):
                advance(name)
                results[name] = result
    return results


# The jobs of a worker process. Networks are large: a forked worker has them without any copying.
_jobs: list[Job] = []


def _keep_jobs(jobs: Sequence[Job]) -> None:
    _jobs[:] = jobs


def _run_job(number: int) -> Any:
    try:
        return _jobs[number]()
    except NetlibError as problem:
        # Errors of several arguments do not survive the way between processes; their text does.
        raise NetlibError(str(problem)) from None


@lru_cache(maxsize=16)
def select_day(network: Network, day: str) -> Network:
    """Return the network of a day; the jobs of a process share it, and what is built on it."""
    return network.as_of(day)
