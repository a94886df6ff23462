"""Measures: a recording or a trial table in, a Dataset out. None of them knows tasks, agents or networks.

A result has a dimension ``subject`` (a network, an animal, a person); `across_subjects` turns it into mean and s.e.m.
The names below are imported when they are first used: statistics take a while to load.
"""

import importlib
from typing import Any

_HOMES = {
    "across_subjects": "uncertainty",
    "allocation": "behaviour.history",
    "aperiodic_exponent": "units.spectrum",
    "autocorrelation": "units.timescale",
    "causal_role": "causality",
    "cluster_separation": "population.clusters",
    "coding_direction": "population.directions",
    "condition_means": "population.conditions",
    "cross_temporal_decoding": "population.cross_decoding",
    "cue_responses": "dopamine.cue_response",
    "cumulative_regret": "behaviour.regret",
    "demixed_variance": "population.demixing",
    "dichotomies": "population.generalisation",
    "end_point_correlation": "population.geometry",
    "history_regression": "behaviour.history",
    "history_signatures": "behaviour.history",
    "inferred_change": "dopamine.cue_response",
    "intraproblem_learning": "behaviour.learning_set",
    "intrinsic_timescale": "units.timescale",
    "lagged_regression": "behaviour.regression",
    "learner_signatures": "units.signatures",
    "matched_directions": "population.directions",
    "matching": "behaviour.history",
    "mixed_selectivity": "units.selectivity",
    "participation_ratio": "population.dimensionality",
    "population_decoding": "population.decoding",
    "power_spectrum": "units.spectrum",
    "previous": "units.encoding",
    "principal_components": "population.geometry",
    "representational_similarity": "population.similarity",
    "reward_per_trial": "behaviour.choice",
    "risk_shift": "behaviour.risk",
    "risky_choice": "behaviour.risk",
    "rpe_regression": "dopamine.reward_prediction",
    "second_trial": "behaviour.learning_set",
    "shift_probability": "behaviour.choice",
    "signature_encoding": "units.signatures",
    "stay_probability": "behaviour.choice",
    "stay_regression": "behaviour.regression",
    "transfer_decoding": "population.cross_decoding",
    "trials_after_reversal": "dopamine.cue_response",
    "two_step_signatures": "units.signatures",
    "unit_encoding": "units.encoding",
    "volatility_decoding": "units.volatility",
    "volatility_units": "units.volatility",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
