"""Ways of getting from a door to a stop: on foot, by bicycle, city bus, taxi or one's own car.

Their figures are the parameters of networks/, each with its evidence and range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlib.errors import UnknownNameError
from netlib.evidence import Variant, compute_ranges, select_variant
from netlib.geometry import METRES_PER_KM, MINUTES_PER_HOUR
from netlib.streets import SECONDS_PER_HOUR, Streets, compute_seconds
from netlib.streets.graph import Floats
from netlib.streets.speeds import FERRY, MOTORWAY_PEAK_RATIO, WALK_SPEED_KMH, Mode
from netlib.tables import Network

# Modes by name, and the streets that each needs.
STREETS_OF: dict[str, Mode] = {
    "walk": "walk",
    "bike": "bike",
    "bus": "drive",
    "taxi": "drive",
    "car": "drive",
}
# A car stands at home: it takes people to a stop, and nobody has one where they get off.
ACCESS_MODES = ("walk", "bus", "taxi", "car")
EGRESS_MODES = ("walk", "bus", "taxi")
# Travellers who come without knowing a timetable wait half of the headway of a regular service.
WAIT_PER_HEADWAY = 0.5


@dataclass(frozen=True)
class AccessMode:
    """How long a way over streets takes with one mode, at one end of the figures' ranges.

    Attributes
    ----------
    name
        As in `STREETS_OF`.
    fixed_minutes
        Wait, walk to the bus stop or parking, whatever the distance.
    limit_minutes
        Longest way, without `fixed_minutes`.
    walk_speed_kmh
        Speed on foot, also from a door to the nearest street.
    bus_speed_kmh
        Speed of a bus with its stops; 0 for other modes.
    peak_ratio
        Driving time over that of free flow on city streets.
    """

    name: str
    fixed_minutes: float
    limit_minutes: float
    walk_speed_kmh: float
    bus_speed_kmh: float = 0.0
    peak_ratio: float = 1.0

    @property
    def streets(self) -> Mode:
        """The streets that it needs."""
        return STREETS_OF[self.name]

    def compute_seconds(self, streets: Streets) -> Floats:
        """Compute the seconds over every edge; ferries keep their own time.

        Parameters
        ----------
        streets
            For the mode's `streets`.

        Returns
        -------
        float64 array
            In the order of ``streets.edges``.

        Raises
        ------
        ValueError
            If the streets are for another mode.
        """
        if streets.mode != self.streets:
            raise ValueError(f"{self.name} needs streets for {self.streets}, not {streets.mode}")
        if self.name in ("taxi", "car"):
            # Expressways of a city slow down as well, but never more than its streets.
            motorway = min(self.peak_ratio, MOTORWAY_PEAK_RATIO)
            return compute_seconds(
                streets, peak_ratio=self.peak_ratio, motorway_peak_ratio=motorway
            )
        seconds = compute_seconds(streets)
        if self.name == "bike":
            return seconds
        on_land = (streets.edges["class"] != FERRY).to_numpy()
        if self.name == "walk":
            seconds[on_land] *= WALK_SPEED_KMH / self.walk_speed_kmh
        else:
            length = streets.edges["length_m"].to_numpy()[on_land]
            seconds[on_land] = length / METRES_PER_KM / self.bus_speed_kmh * SECONDS_PER_HOUR
        return seconds


def read_modes(
    network: Network, names: Sequence[str] = ACCESS_MODES, *, variant: Variant = "central"
) -> list[AccessMode]:
    """Read modes from the parameters of a network.

    Driving slows down from free flow as the parameter ``urban_drive_speed_kmh`` does from the
    upper end of its range, which is free flow. The longest ways are ``max_walk_km``, in
    minutes, and ``max_access_minutes``. People cycle as long as they walk at the central figures;
    bicycles have no ranges.

    Parameters
    ----------
    network
        Any network; only its parameters count.
    names
        Of modes.
    variant
        Which end of the ranges.

    Raises
    ------
    UnknownNameError
        If a mode is not known.
    """
    for name in names:
        if name not in STREETS_OF:
            raise UnknownNameError("mode", name, STREETS_OF)
    at_end = select_variant(network, variant)
    value = at_end.parameter
    walk = value("walk_speed_kmh")
    speed = value("urban_drive_speed_kmh")
    drive_limit = value("max_access_minutes")
    ratio = max(find_free_speed(network) / speed, 1.0)
    bus = value("bus_speed_kmh")
    known = {
        "walk": AccessMode("walk", 0.0, find_longest_walk(at_end), walk),
        "bike": AccessMode("bike", 0.0, find_longest_walk(at_end.central), walk),
        "bus": AccessMode(
            "bus",
            value("bus_walk_minutes") + WAIT_PER_HEADWAY * value("bus_headway_minutes"),
            drive_limit,
            walk,
            bus_speed_kmh=bus,
        ),
        "taxi": AccessMode("taxi", value("taxi_wait_minutes"), drive_limit, walk, peak_ratio=ratio),
        "car": AccessMode("car", value("parking_minutes"), drive_limit, walk, peak_ratio=ratio),
    }
    return [known[name] for name in names]


def find_longest_walk(network: Network) -> float:
    """Return the minutes of the longest walk to or from a stop."""
    km = network.parameter("max_walk_km") * network.parameter("walk_detour_ratio")
    return km / network.parameter("walk_speed_kmh") * MINUTES_PER_HOUR


def find_free_speed(network: Network) -> float:
    """Return the upper end of the range of the parameter ``urban_drive_speed_kmh``."""
    central = network.central
    rows = central["parameter"]["parameter_id"] == "urban_drive_speed_kmh"
    return float(compute_ranges(central, "parameter").loc[rows, "high"].iloc[0])
