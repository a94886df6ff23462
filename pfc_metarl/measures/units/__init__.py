"""Measures of single units."""
