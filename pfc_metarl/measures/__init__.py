"""Measures: a recording or a trial table in, a Dataset out. None of them knows tasks, agents or networks.

A result has a dimension ``subject`` (a network, an animal, a person); `across_subjects` turns it into mean and s.e.m.
The names below are imported when they are first used: statistics take a while to load.
"""

import importlib
from typing import Any

_HOMES = {
    "across_subjects": "uncertainty",
    "allocation": "history",
    "aperiodic_exponent": "rhythm",
    "autocorrelation": "timescale",
    "causal_role": "causality",
    "cluster_separation": "clusters",
    "coding_direction": "directions",
    "condition_means": "conditions",
    "cross_temporal_decoding": "cross_decoding",
    "cue_responses": "inferred_value",
    "cumulative_regret": "regret",
    "demixed_variance": "demixing",
    "dichotomies": "generalisation",
    "end_point_correlation": "geometry",
    "history_regression": "history",
    "history_signatures": "history",
    "inferred_change": "inferred_value",
    "intraproblem_learning": "learning_set",
    "intrinsic_timescale": "timescale",
    "lagged_regression": "regression",
    "learner_signatures": "signatures",
    "matched_directions": "directions",
    "matching": "history",
    "mixed_selectivity": "selectivity",
    "participation_ratio": "dimensionality",
    "population_decoding": "decoding",
    "power_spectrum": "rhythm",
    "previous": "encoding",
    "principal_components": "geometry",
    "representational_similarity": "similarity",
    "rescorla_wagner_fit": "fitting",
    "reward_per_trial": "behaviour",
    "risk_shift": "risk",
    "risky_choice": "risk",
    "rpe_regression": "reward_prediction",
    "second_trial": "learning_set",
    "shift_probability": "behaviour",
    "signature_encoding": "signatures",
    "stay_probability": "behaviour",
    "stay_regression": "regression",
    "transfer_decoding": "cross_decoding",
    "trials_after_reversal": "inferred_value",
    "two_step_signatures": "signatures",
    "unit_encoding": "encoding",
    "volatility_decoding": "volatility",
    "volatility_units": "volatility",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
