"""Running times of trains where no timetable gives one: a formula fitted to observed runs.

A run from a start to the next stop takes a fixed allowance for starting and stopping and the
length at an effective cruising speed, which is a share of the speed the trains are driven at:

    minutes = START_STOP_MINUTES + 60 * length_km / (share(cruise_kmh) * cruise_kmh)

The constants are fitted by ``scripts/fit_run_times.py`` to the fastest run of every pair of
neighbouring stops in the timetable of October 2026. Their error is that of the same fit where it
has not seen the trains: ``scripts/calibrate_run_times.py`` fits 2016 and predicts 2019 and 2026.
"""

from __future__ import annotations

from itertools import pairwise

# Fitted: fastest runs of October 2026 between neighbouring stops of one train.
START_STOP_MINUTES = 4.74
# Share of the nominal cruising speed (km/h) that the timetable keeps over long runs.
SPEED_SHARE = {200.0: 0.961, 250.0: 0.903, 310.0: 0.883, 350.0: 0.885}
# 5th and 95th percentile of observed over predicted minutes where a formula fitted to 2016 predicts
# the 525 pairs that ran in 2019 and not in 2016. By class of line: 200 km/h 0.70-1.33, 250 km/h
# 0.84-1.28, 310 km/h 0.95-1.38. The constants above give 0.89-1.36 on the same pairs.
RUN_TIME_ERROR = (0.86, 1.35)
# Dwell at an intermediate stop. Two minutes is the commonest dwell of the same timetable.
DWELL_MINUTES = 2.0


def speed_share(cruise_kmh: float) -> float:
    """Interpolate the kept share of a nominal cruising speed between the fitted classes.

    Parameters
    ----------
    cruise_kmh
        Speed the trains are driven at on open line, km/h.

    Returns
    -------
    float
        Effective over nominal speed; outside 200-350 km/h the share of the nearest class.

    """
    classes = sorted(SPEED_SHARE)
    if cruise_kmh <= classes[0]:
        return SPEED_SHARE[classes[0]]
    for slow, fast in pairwise(classes):
        if cruise_kmh <= fast:
            weight = (cruise_kmh - slow) / (fast - slow)
            return SPEED_SHARE[slow] * (1 - weight) + SPEED_SHARE[fast] * weight
    return SPEED_SHARE[classes[-1]]


def nonstop_minutes(length_km: float, *, cruise_kmh: float) -> float:
    """Return the minutes of a run without intermediate stops, start to stop.

    Parameters
    ----------
    length_km
        Length of the run along the line, km.
    cruise_kmh
        Speed the trains are driven at on open line, km/h.

    Raises
    ------
    ValueError
        If the length or the speed is not positive.

    """
    if length_km <= 0 or cruise_kmh <= 0:
        raise ValueError(f"length {length_km} km and speed {cruise_kmh} km/h must be positive")
    return START_STOP_MINUTES + 60.0 * length_km / (speed_share(cruise_kmh) * cruise_kmh)


def run_minutes(
    length_km: float,
    *,
    cruise_kmh: float,
    n_intermediate_stops: int = 0,
    dwell_minutes: float = DWELL_MINUTES,
) -> float:
    """Return the minutes from start to stop of a train with evenly treated intermediate stops.

    Every intermediate stop costs one more allowance for stopping and starting and one dwell.

    Parameters
    ----------
    length_km
        Length of the whole run along the line, km.
    cruise_kmh
        Speed the trains are driven at on open line, km/h.
    n_intermediate_stops
        Stops between the first and the last station.
    dwell_minutes
        Standing time at each of them, minutes.

    Raises
    ------
    ValueError
        If the length or the speed is not positive or the number of stops is negative.

    """
    if n_intermediate_stops < 0:
        raise ValueError(f"{n_intermediate_stops} intermediate stops")
    extra = n_intermediate_stops * (START_STOP_MINUTES + dwell_minutes)
    return nonstop_minutes(length_km, cruise_kmh=cruise_kmh) + extra
