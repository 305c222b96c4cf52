"""Derive every figure in networks/ from the collected data and the hand-typed facts.

    python scripts/derive_networks.py DATA [--networks networks]

DATA is the folder with ``facts/``, ``rail/`` and ``geo/``. The result is deterministic: a second
run on the same data changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from derive import borders, homes, metro, parameters, places, rail, roads, services
from derive.base import merge, write_networks
from derive.honesty import grade_evidence

PARTS = (places, rail, services, metro, roads, parameters, borders, homes)


def main() -> None:
    """Run all parts and write networks/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--networks", type=Path, default=Path(__file__).parents[1] / "networks")
    options = parser.parse_args()
    tables = merge(part.derive(options.data) for part in PARTS)
    grade_evidence(tables)
    write_networks(tables, options.networks)
    for part in PARTS:
        write_shapes = getattr(part, "write_shapes", None)
        if write_shapes is not None:
            write_shapes(options.data, options.networks)


if __name__ == "__main__":
    main()
