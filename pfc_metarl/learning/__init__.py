"""Learning by weights: the only package in which weights change."""
