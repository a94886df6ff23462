import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.fitting import estimation, rescorla_wagner_fit
from pfc_metarl.fitting.layout import laid_out
from pfc_metarl.models import RescorlaWagner

MODEL = RescorlaWagner(learning_rate=0.3, inverse_temperature=2.0)


@pytest.fixture
def trials():
    rng = np.random.default_rng(0)
    keys = np.indices((3, 4, 25)).reshape(3, 300)
    table = pd.DataFrame(dict(zip(("subject", "session", "trial"), keys, strict=True)))
    return laid_out(table.assign(choice1=rng.integers(2, size=300), reward=rng.integers(2, size=300)), MODEL)


def test_problems_evaluated_in_portions_are_the_same(trials, monkeypatch):
    targets = torch.stack([trials.target, trials.target & (trials.row % 25 < 10)])
    problems = estimation.Problems(MODEL, trials, targets, ("learning_rate", "inverse_temperature"))
    values = np.random.default_rng(1).uniform(0.1, 0.9, size=(6, 2))
    whole = problems.misfit(values, np.arange(6))
    monkeypatch.setattr(estimation, "AT_ONCE", 150)
    for a, b in zip(whole, problems.misfit(values, np.arange(6)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    assert problems.n_trials.tolist() == [100] * 3 + [40] * 3


def test_the_standard_error_of_a_coin_is_known(trials):
    """With a learning rate of 0 the logit is that of a coin: β (1 − 2 V₀), with variance 1 / (n p (1 − p))."""
    model = RescorlaWagner(learning_rate=0.0, initial_value=0.0)
    problems = estimation.Problems(model, trials, trials.target[None], ("inverse_temperature",))
    found = estimation.estimated(problems, np.array([[1.0]]), np.array([0.0]), np.array([50.0]))
    n, taken = 100, (trials.experience.choice == 1).sum((-1, -2)).numpy()
    for subject in np.flatnonzero(taken > 50):
        p = taken[subject] / n
        assert found.estimate[subject, 0, 0] == pytest.approx(np.log(p / (1 - p)), abs=1e-4)
        assert found.standard_error[subject, 0, 0] == pytest.approx((n * p * (1 - p)) ** -0.5, rel=1e-4)
    assert (taken > 50).any()


def test_a_part_without_trials_is_empty(trials):
    targets = torch.stack([trials.target, trials.target & False])
    problems = estimation.Problems(MODEL, trials, targets, ("learning_rate",))
    found = estimation.estimated(problems, np.array([[0.5]]), np.array([0.0]), np.array([1.0]))
    assert np.isnan(found.estimate[:, 1]).all()
    assert np.isfinite(found.estimate[:, 0]).all()
    assert found.n_trials.tolist() == [[100, 0]] * 3
    assert not found.converged[:, 1].any()


def test_fewer_trials_than_parameters_have_no_estimates():
    table = pd.DataFrame({"subject": 0, "session": 0, "trial": [0], "choice1": [1], "reward": [1]})
    found = rescorla_wagner_fit(table)
    assert found["estimate"].isnull().all()
    assert not found["converged"].any()
    assert found["n_trials"].item() == 1
