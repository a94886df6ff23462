"""Measures of the units of a network together."""
