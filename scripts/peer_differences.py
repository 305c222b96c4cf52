"""Tables that say why two programs answer differently: one assumption of theirs at a time.

Each step takes over one more assumption of the other program. A pair belongs to the step from which
on it is equal, so that every pair that differed has one cause, and those left over are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Seconds = NDArray[Any]

SHARES = (1, 5, 25, 50, 75, 95, 99)
LONG_AGO = 1e9  # seconds: kernels write "not reached" as more


class Step(NamedTuple):
    """An assumption taken over, and what both answer then: seconds, NaN where there is no way."""

    name: str
    ours: Seconds
    theirs: Seconds


def read_seconds(times: Any) -> Seconds:
    """Return times as float64, NaN for what is not reached and for the way to itself."""
    seconds = np.array(times, dtype=float)
    seconds[~(seconds < LONG_AGO)] = np.nan
    if seconds.ndim > 1 and len(seconds) == seconds.shape[1]:
        seconds[np.eye(len(seconds), dtype=bool)] = np.nan
    return seconds


def find_equal(step: Step, tolerance_seconds: float) -> NDArray[np.bool_]:
    """Find the pairs that are as long in both, or that neither reaches."""
    near = np.abs(step.theirs - step.ours) <= tolerance_seconds
    return near | (np.isnan(step.ours) & np.isnan(step.theirs))


def count_causes(steps: Sequence[Step], tolerance_seconds: float) -> NDArray[np.int64]:
    """Return the first step from which on a pair is equal; the number of steps if it never is."""
    equal = np.array([find_equal(step, tolerance_seconds) for step in steps])
    lasting = np.logical_and.accumulate(equal[::-1], axis=0)[::-1]
    return np.where(lasting.any(axis=0), lasting.argmax(axis=0), len(steps))


def show_steps(
    title: str, steps: Sequence[Step], *, tolerance_seconds: float, unit_seconds: int = 60
) -> None:
    """Print how many pairs are equal after each step, how the rest differ, and what closed them."""
    known = ~(np.isnan(steps[0].ours) & np.isnan(steps[0].theirs))
    causes = count_causes(steps, tolerance_seconds)[known]
    rows = []
    for number, step in enumerate(steps):
        gap = (step.theirs - step.ours)[known] / unit_seconds
        spread = np.percentile(gap[~np.isnan(gap)], SHARES)
        rows.append(
            {
                "assumption taken over": step.name,
                "equal": int(find_equal(step, tolerance_seconds)[known].sum()),
                "closed by it": int((causes == number).sum()),
                **{f"{share} %": x for share, x in zip(SHARES, spread, strict=True)},
            }
        )
    print(f"  {title}: {int(known.sum())} pairs, equal within {tolerance_seconds:g} s; ", end="")
    print("theirs less ours in", "minutes" if unit_seconds > 1 else "seconds")
    table = pd.DataFrame(rows).to_string(index=False, float_format="%+.2f")
    print("    " + table.replace("\n", "\n    "))
    left = known & (count_causes(steps, tolerance_seconds) == len(steps))
    last = (steps[-1].theirs - steps[-1].ours)[left]
    both = np.abs(last[~np.isnan(last)])
    worst = f", at most {both.max():.0f} s apart" if len(both) else ""
    print(f"    left over: {int(left.sum())}{worst}", flush=True)
