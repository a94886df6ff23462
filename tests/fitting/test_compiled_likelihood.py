import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.fitting.compiled_likelihood import CompiledLikelihood
from pfc_metarl.fitting.compiled_program import LANES
from pfc_metarl.fitting.layout import laid_out
from pfc_metarl.fitting.trial_program import program_of
from pfc_metarl.models import RescorlaWagner

MODEL = RescorlaWagner(initial_value=0.5, unchosen="mirrored")
FREE = ("learning_rate", "inverse_temperature")


def by_hand(choices, rewards, targets, rate, beta):
    """Rescorla-Wagner with mirrored values, written out."""
    value, total = 0.5, 0.0
    for choice, reward, target in zip(choices, rewards, targets, strict=True):
        p_first = 1 / (1 + np.exp(-beta * (2 * value - 1)))
        total += target * np.log(p_first if choice == 0 else 1 - p_first)
        value += rate * ((reward if choice == 0 else 1 - reward) - value)
    return total


@pytest.mark.parametrize("n_sessions", [1, LANES, LANES + 3])
def test_sessions_of_different_lengths_are_added_up_by_subject(n_sessions):
    rng = np.random.default_rng(n_sessions)
    rows = [(subject, session, trial) for subject in range(2) for session in range(n_sessions)
            for trial in range(3 + (5 * session + subject) % 7)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["subject", "session", "trial"])
    table = table.assign(choice1=rng.integers(0, 2, len(rows)), reward=rng.integers(0, 2, len(rows)))
    table["forced"] = rng.random(len(rows)) < 0.2
    laid = laid_out(table, MODEL)
    likelihood = CompiledLikelihood(program_of(MODEL, FREE, 2), laid, laid.target, torch.arange(2))
    values = np.array([[0.3, 2.0], [0.7, 4.0]])
    value, _ = likelihood(values, np.arange(2))
    for subject, own in table.groupby("subject"):
        sessions = [each for _, each in own.groupby("session")]
        expected = sum(by_hand(s["choice1"], s["reward"], ~s["forced"], *values[subject]) for s in sessions)
        np.testing.assert_allclose(value[subject], expected, rtol=1e-12)


def test_a_subject_without_targets_has_likelihood_0():
    table = pd.DataFrame({"subject": [0, 0, 1], "session": 0, "trial": [0, 1, 0], "choice1": 1, "reward": 1})
    laid = laid_out(table.assign(forced=table["subject"]), MODEL)
    likelihood = CompiledLikelihood(program_of(MODEL, FREE, 2), laid, laid.target, torch.arange(2))
    value, slope = likelihood(np.full((2, 2), 0.5), np.arange(2))
    assert value[0] < 0
    assert value[1] == 0
    assert (slope[1] == 0).all()
