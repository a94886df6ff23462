"""Measures of choices, from the trial table."""
