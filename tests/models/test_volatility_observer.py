import itertools

import numpy as np
import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import BayesianLearner, Experience, RescorlaWagner, VolatilityObserver
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility

RATE = 0.1
SMALL = VolatilityObserver(p_good_volatile=(0.9,), log_p_switch=(np.log(RATE), np.log(RATE)), n_rates=1)


def after(model, outcomes):
    """The belief after outcomes of the first option, each 1 or 0."""
    state = model.begin((1,), dtype=torch.float64)
    for outcome in outcomes:
        trial = Experience(torch.tensor([0]), torch.tensor([float(outcome)]), torch.tensor([True]))
        state = model.update(state, trial)
    return state


def follows(before, now):
    """Probability that a world, (volatile, better option), follows another."""
    (volatile, better), (then_volatile, then_better) = before, now
    if volatile != then_volatile:
        return RATE / 2
    reversal = SMALL.p_reversal if volatile else 0
    return (1 - RATE) * (reversal if better != then_better else 1 - reversal)


def test_the_belief_is_that_of_all_histories_of_worlds():
    worlds, outcomes = list(itertools.product((0, 1), (0, 1))), (1, 1, 0, 1)
    p_good = {0: SMALL.p_good_stable, 1: SMALL.p_good_volatile[0]}
    weight = dict.fromkeys(worlds, 0.0)
    for history in itertools.product(worlds, repeat=len(outcomes) + 1):
        p = 0.25
        for (volatile, better), outcome in zip(history, outcomes, strict=False):
            p *= p_good[volatile] if outcome == (better == 0) else 1 - p_good[volatile]
        weight[history[-1]] += p * np.prod([follows(*pair) for pair in itertools.pairwise(history)])
    total = sum(weight.values())
    state = after(SMALL, outcomes)
    np.testing.assert_allclose(state.mass[0, 0], [weight[world] / total for world in worlds])
    first = sum(
        weight[volatile, better] * (p_good[volatile] if better == 0 else 1 - p_good[volatile])
        for volatile, better in worlds
    )
    np.testing.assert_allclose(SMALL.values(state)[0, 0], first / total)
    np.testing.assert_allclose(SMALL.read(state)["p_volatile"], (weight[1, 0] + weight[1, 1]) / total)


def test_reversals_are_signs_of_a_volatile_world():
    model = VolatilityObserver()
    steady, reversing = after(model, [1, 0, 1, 1] * 6), after(model, [1] * 4 + [0] * 4 + [1] * 4 + [0] * 4)
    assert model.read(steady)["p_volatile"].item() < 0.3 < 0.7 < model.read(reversing)["p_volatile"].item()


def test_outcomes_of_either_option_are_equally_informative():
    model = VolatilityObserver()
    unpaid = Experience(torch.tensor([1]), torch.zeros(1), torch.tensor([True]))
    torch.testing.assert_close(
        model.update(model.begin((1,), dtype=torch.float64), unpaid).mass, after(model, [1]).mass
    )


def test_in_the_worlds_of_the_training_it_earns_more_than_other_learners():
    def reward(model):
        made = record(Volatility(), agent_of(model, Volatility), n_episodes=100, seed=0, networks=(0, 1))
        return float(made["reward"].mean())

    best = reward(VolatilityObserver())
    assert best > reward(BayesianLearner(inverse_temperature=1000.0, n_r=15, n_v=8, n_k=2)) + 0.01
    rates = [reward(RescorlaWagner(learning_rate=rate, inverse_temperature=1000.0)) for rate in (0.1, 0.3, 0.5)]
    assert best > max(rates) + 0.01


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(BadInput, match=r"^VolatilityObserver.*two logarithms of probabilities in order"):
        VolatilityObserver(log_p_switch=(-3.0, -4.0))
    with pytest.raises(BadInput, match="two options"):
        VolatilityObserver().begin((1,), n_options=3)
