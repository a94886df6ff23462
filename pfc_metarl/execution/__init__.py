"""Carrying an experiment out: stages, shards of a cohort, worker processes."""
