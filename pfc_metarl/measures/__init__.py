"""Measures: a recording or a trial table in, a Dataset out. None of them knows tasks, agents or networks.

A result has a dimension ``subject`` (a network, an animal, a person); `across_subjects` turns it into mean and s.e.m.
The names below are imported when they are first used: statistics take a while to load.
"""

import importlib
from typing import Any

_HOMES = {
    "across_subjects": "uncertainty",
    "causal_role": "causality",
    "coding_direction": "directions",
    "condition_means": "conditions",
    "cumulative_regret": "regret",
    "demixed_variance": "demixing",
    "dichotomies": "generalisation",
    "end_point_correlation": "geometry",
    "lagged_regression": "regression",
    "matched_directions": "directions",
    "mixed_selectivity": "selectivity",
    "participation_ratio": "dimensionality",
    "previous": "encoding",
    "principal_components": "geometry",
    "representational_similarity": "similarity",
    "reward_per_trial": "behaviour",
    "rpe_regression": "reward_prediction",
    "stay_probability": "behaviour",
    "stay_regression": "regression",
    "unit_encoding": "encoding",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
