"""Running an experiment: steps, shards of a cohort, worker processes."""
