import functools

import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import BayesOptimal, Gittins
from pfc_metarl.models.bandits import Counts
from pfc_metarl.models.bayes_optimal import gittins_indices, optimal_policy
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit

D_I, D_E = Bandit(), Bandit(arms="correlated", p_first=(0.1, 0.9))


# Science sheet 2.1 [computed]; its standard errors are up to 0.05.
@pytest.mark.parametrize(("task", "expected"), [(D_I, 1.75), (D_E, 0.81)], ids=["D_i", "D_e"])
def test_regret_of_the_optimum_is_that_of_the_reference_table(task, expected, regret_of):
    mean, error = regret_of(BayesOptimal(), task)
    assert abs(mean - expected) < 3 * (error**2 + 0.05**2) ** 0.5


def test_the_gittins_index_is_close_to_the_optimum(regret_of):
    (optimum, _), (mean, error) = (regret_of(model, D_I) for model in (BayesOptimal(), Gittins()))
    assert optimum - error < mean < optimum + 0.2


# Gittins, Glazebrook & Weber 2011, table 8.3 and following, doi:10.1002/9780470980033: Beta(1 + wins, 1 + losses)
@pytest.mark.parametrize(
    ("discount", "cell", "index"),
    [
        (0.9, (0, 0), 0.7029),
        (0.9, (1, 0), 0.8001),
        (0.9, (0, 1), 0.5001),
        (0.99, (0, 0), 0.8699),
        (0.99, (0, 1), 0.7005),
    ],
)
def test_gittins_indices_are_the_published_ones(discount, cell, index):
    assert gittins_indices(128, discount)[cell].item() == pytest.approx(index, abs=1.5e-4)


def test_a_gittins_index_lies_above_the_mean_and_falls_to_it():
    index = gittins_indices(128, 0.99)
    for wins, losses in [(0, 0), (3, 1), (20, 40)]:
        assert index[wins, losses] > (wins + 1) / (wins + losses + 2)
    assert index[64, 64] < 0.5 + 0.05
    assert index[127:, 2:].isnan().all()


def test_the_value_of_the_optimum_is_that_of_the_sheet():
    assert optimal_policy(100)[1] == pytest.approx(64.918, abs=5e-4)  # science sheet 2.1


@functools.cache
def value(w1, l1, w2, l2, left):
    """Expected reward of the optimum, by plain recursion."""
    if left == 0:
        return 0.0
    return max(gain(w1, l1, w2, l2, left), gain(w2, l2, w1, l1, left))


def gain(w1, l1, w2, l2, left):
    p = (w1 + 1) / (w1 + l1 + 2)
    return p * (1 + value(w1 + 1, l1, w2, l2, left - 1)) + (1 - p) * value(w1, l1 + 1, w2, l2, left - 1)


def test_the_policy_is_that_of_plain_recursion():
    n_trials = 9
    policy, expected = optimal_policy(n_trials)
    assert expected == pytest.approx(value(0, 0, 0, 0, n_trials))
    cells = [
        (w1, l1, w2, t - w1 - l1 - w2)
        for t in range(n_trials)
        for w1 in range(t + 1)
        for l1 in range(t + 1 - w1)
        for w2 in range(t + 1 - w1 - l1)
    ]
    for w1, l1, w2, l2 in cells:
        trial = w1 + l1 + w2 + l2
        better = gain(w1, l1, w2, l2, n_trials - trial) - gain(w2, l2, w1, l1, n_trials - trial)
        sign = 0 if abs(better) < 1e-9 else (1 if better > 0 else -1)
        assert policy[trial][w1, l1, w2] == sign, (w1, l1, w2, l2)


def test_the_optimum_explores():
    wins, losses = torch.tensor([[[3.0, 1.0]]]), torch.tensor([[[2.0, 1.0]]])
    greedy, curious = (BayesOptimal(n_trials=n).logits(Counts(wins, losses))[0, 0] for n in (8, 100))
    assert greedy.argmax() == 0  # means 4/7 and 1/2, and one trial left
    assert curious.argmax() == 1


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (Bandit(n_trials=12), "n_trials = 10 of BayesOptimal: an episode has more trials"),
        (Bandit(n_trials=5, n_arms=3), "BayesOptimal chooses between two options, not among 3"),
    ],
)
def test_the_optimum_takes_only_what_it_was_made_for(task, message, live):
    with pytest.raises(BadInput, match=message):
        live(task, agent_of(BayesOptimal(n_trials=10), task))
