"""Run the command line with ``python -m netlib``."""

from netlib.cli import main

main()
