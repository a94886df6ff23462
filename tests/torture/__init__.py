"""Attacks on runs and inputs: short as a part of the suite, long by ``python -m tests.torture``."""
