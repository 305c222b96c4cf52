"""Travel times: the one engine of all readings.

`travel_times` gives the origin-destination table of a reading, `journey_legs` the legs of one pair,
`reach` the minutes to every stop. Below them: trains of a day (`trains`), ways that need no clock
(`static`), what a traveller who plans makes of both (`plan`, `journeys`), rides, commuting days and
drives.
"""

from netlib.times.reach import reach
from netlib.times.table import journey_legs, measure_pairs, travel_times

__all__ = ["journey_legs", "measure_pairs", "reach", "travel_times"]
