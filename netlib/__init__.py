"""Put numbers on sentences of regional planning.

The road through the package: `netlib.tables.read_network` reads the evidence base,
`Network.as_of` gives the network of a day, `netlib.travel_times.travel_times` its times,
`netlib.isochrones.compute_isochrones` the area reached, and `netlib.claims.evaluate` the verdicts.
"""

from importlib.metadata import version

__version__ = version("netlib")
