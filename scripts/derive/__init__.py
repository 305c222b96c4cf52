"""Derivations of the figures in networks/, one module per part."""
