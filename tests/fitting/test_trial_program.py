"""Compiled likelihoods against those of torch and their derivatives by autograd, for every model."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.fitting.estimation import Problems
from pfc_metarl.fitting.layout import laid_out
from pfc_metarl.fitting.trial_program import program_of
from pfc_metarl.models import Hybrid, KalmanFilter, RescorlaWagner
from pfc_metarl.models.base import bounds
from pfc_metarl.models.registry import MODELS

N_SUBJECTS = 4

COMPILED = (
    *("EpsilonGreedy", "ExtendedState", "Hybrid", "KalmanFilter", "LatentState", "MixtureOfAgents", "RescorlaWagner"),
    *("ReversalObserver", "TransitionLearner", "TransitionObserver", "ValueLearner"),
)
"""Models whose operations all have a scalar form; the others are evaluated by torch."""


@pytest.fixture(scope="module")
def table():
    """Sessions of different lengths, with lost and forced trials."""
    rng = np.random.default_rng(0)
    sessions = [(subject, session, 30 - 4 * session - subject) for subject in range(N_SUBJECTS) for session in range(3)]
    made = pd.concat(
        [pd.DataFrame({"subject": one, "session": two, "trial": range(n)}) for one, two, n in sessions],
        ignore_index=True,
    )
    codes = {name: rng.integers(0, 2, len(made)).astype(float) for name in ("choice1", "state2", "choice2", "reward")}
    made = made.assign(**codes, forced=rng.random(len(made)) < 0.1)
    return made.assign(choice1=made["choice1"].where(rng.random(len(made)) > 0.1))


def parameters(model):
    return tuple(field.name for field in dataclasses.fields(model) if bounds(model, field.name))


def within(model, free):
    rng = np.random.default_rng(1)
    low, high = np.array([bounds(model, name) for name in free]).T
    low = np.where(np.isfinite(low), low, -1.0)
    high = np.minimum(high, low + 3)
    return rng.uniform(low + 0.05 * (high - low), high - 0.05 * (high - low), size=(N_SUBJECTS, len(free)))


def problems_of(model, table, free):
    laid = laid_out(table, model)
    return Problems(model, laid, torch.stack([laid.target, laid.target & (laid.row % 2 == 0)]), free)


VARIANTS = [
    *(pytest.param(made(), id=made.__name__) for made in MODELS if made.__name__ in COMPILED),
    pytest.param(Hybrid(second_stage_choice=True), id="choices at both stages"),
    pytest.param(RescorlaWagner(unchosen="kept"), id="unchosen kept"),
]


@pytest.mark.parametrize("model", VARIANTS)
def test_likelihood_and_slope_are_those_of_torch(model, table):
    free = parameters(model)
    problems = problems_of(model, table, free)
    assert problems.compiled is not None
    values = np.concatenate([within(model, free)] * 2)
    which = np.arange(2 * N_SUBJECTS)[::-1].copy()
    value, slope = problems.misfit(values, which)
    expected, expected_slope = problems._evaluated(values, which)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-10, atol=1e-13)


def test_slopes_are_those_of_differences(table):
    model = Hybrid(second_stage_choice=True)
    free = parameters(model)
    problems, values, which = problems_of(model, table, free), within(model, free), np.arange(N_SUBJECTS)
    _, slope = problems.misfit(values, which)
    for place in range(len(free)):
        step = 1e-6 * np.eye(len(free))[place]
        up, down = (problems.misfit(values + sign * step, which)[0] for sign in (1, -1))
        np.testing.assert_allclose(slope[:, place], (up - down) / 2e-6, rtol=1e-5, atol=1e-8)


def test_of_three_options_all_are_in_the_program(table):
    model = KalmanFilter()
    free = ("drift_sd", "inverse_temperature")
    three = table.assign(choice1=table["choice1"].where(table["trial"] % 5 != 0, 2))
    problems = problems_of(model, three, free)
    values, which = within(model, free), np.arange(N_SUBJECTS)
    for got, expected in zip(problems.misfit(values, which), problems._evaluated(values, which), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10)


@pytest.mark.parametrize("made", [made for made in MODELS if made.__name__ not in COMPILED])
def test_a_model_without_scalar_form_is_left_to_torch(made):
    free = parameters(made())
    if free:
        assert program_of(made(), free, 2) is None or made.__name__ in ("LocalMatching", "UpperConfidence")


def test_a_parameter_that_differs_between_subjects_is_left_to_torch():
    model = RescorlaWagner(inverse_temperature=torch.tensor([1.0, 2.0]))
    assert program_of(model, ("learning_rate",), 2) is None
