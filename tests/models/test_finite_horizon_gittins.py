import functools

import pytest
import torch
from scipy.optimize import brentq

from pfc_metarl.agents import agent_of
from pfc_metarl.models import BayesOptimal, FiniteHorizonGittins, Gittins
from pfc_metarl.models.bandits import Counts
from pfc_metarl.models.finite_horizon_gittins import finite_horizon_indices
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit


def advantage(rate, wins, losses, left):
    """What an arm is worth more than a sure payment per trial, by plain recursion over when to stop."""

    @functools.cache
    def value(won, lost, m):
        return 0.0 if m == 0 else max(m * rate, going_on(won, lost, m))

    def going_on(won, lost, m):
        p = (won + 1) / (won + lost + 2)
        return p * (1 + value(won + 1, lost, m - 1)) + (1 - p) * value(won, lost + 1, m - 1)

    return going_on(wins, losses, left) - left * rate


@pytest.mark.parametrize(("wins", "losses", "left"), [(0, 0, 2), (0, 0, 12), (3, 1, 8), (0, 5, 7), (6, 5, 1)])
def test_indices_are_those_of_plain_recursion(wins, losses, left):
    expected = brentq(advantage, 0, 1, args=(wins, losses, left))
    assert finite_horizon_indices(12)[left, wins, losses].item() == pytest.approx(expected, abs=1e-5)


def test_the_index_falls_to_the_mean_as_the_end_comes():
    index = finite_horizon_indices(20)[1:, 0, 0]
    assert index[0] == pytest.approx(0.5)
    assert (index.diff() > 0).all()
    assert finite_horizon_indices(20)[20, 1, 0].isnan()  # one trial is over, so at most 19 are to come


def test_more_trials_make_it_explore():
    counts = Counts(torch.tensor([[[3.0, 1.0]]]), torch.tensor([[[2.0, 1.0]]]))
    greedy, curious = (FiniteHorizonGittins(n_trials=n).logits(counts)[0, 0] for n in (8, 100))
    assert greedy.argmax() == 0  # means 4/7 and 1/2, and one trial left
    assert curious.argmax() == 1


def test_its_regret_lies_between_the_optimum_and_that_of_the_discounted_index(regret_of):
    (optimum, error), (finite, _), (discounted, _) = (
        regret_of(model, Bandit()) for model in (BayesOptimal(), FiniteHorizonGittins(), Gittins())
    )
    assert optimum - error < finite < discounted + error
    assert finite < optimum + 0.1


@pytest.mark.parametrize("n_arms", [2, 3])
def test_it_takes_any_number_of_options_but_no_more_trials_than_it_was_made_for(n_arms, live):
    live(Bandit(n_trials=10, n_arms=n_arms), agent_of(FiniteHorizonGittins(n_trials=10), Bandit(n_arms=n_arms)))
    task = Bandit(n_trials=12, n_arms=n_arms)
    with pytest.raises(BadInput, match="n_trials = 10 of FiniteHorizonGittins: an episode has more trials"):
        live(task, agent_of(FiniteHorizonGittins(n_trials=10), task))
