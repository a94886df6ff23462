import math

import numpy as np
import pytest

from pfc_metarl.models import BayesOptimal, CorrelatedOptimal
from pfc_metarl.models.bayes_optimal import optimal_policy
from pfc_metarl.models.exact_regret import (
    dependent_regret,
    discounted_regret,
    exact_regret,
    independent_regret,
    myopic_regret,
    softmax_regret,
)
from pfc_metarl.tasks import Bandit

EASY, MEDIUM, HARD = (0.1, 0.9), (0.25, 0.75), (0.4, 0.6)


# Science sheet, section 9
@pytest.mark.parametrize(("arms", "expected"), [(EASY, 0.6250), (MEDIUM, 1.0000), (HARD, 2.3121)], ids=str)
def test_regret_where_the_dependence_is_known(arms, expected):
    assert exact_regret(None, arms)[-1] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("arms", "expected"), [(EASY, 0.7974), (MEDIUM, 1.3550), (HARD, 2.9655)], ids=str)
def test_regret_where_arms_are_taken_as_independent(arms, expected):
    assert independent_regret(*arms, 100)[-1] == pytest.approx(expected, abs=1e-4)


def test_the_regret_of_the_optimum_follows_from_its_value():
    n_trials = 12
    best = n_trials * 2 / 3  # the larger of two uniform numbers
    expected = best - optimal_policy(n_trials)[1]
    assert exact_regret("independent", "independent", n_trials)[-1] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("model", "trained_on", "tested_on", "task"),
    [
        (CorrelatedOptimal(), None, "independent", Bandit()),
        (CorrelatedOptimal(), None, None, Bandit(arms="correlated")),
        (BayesOptimal(), "independent", MEDIUM, Bandit(arms="correlated", p_first=MEDIUM)),
    ],
)
def test_regrets_are_those_of_simulated_agents(model, trained_on, tested_on, task, regret_of):
    mean, error = regret_of(model, task)
    assert abs(exact_regret(trained_on, tested_on)[-1] - mean) < 3.5 * error


def test_two_trials_by_hand():
    # A coin decides; then the same arm after a reward, the other after none: worse with .3 x .7 + .7 x .3 + ...
    first = 0.5
    second = 0.5 * 0.3 + 0.5 * 0.3  # stays at the worse after its reward, leaves the better after none
    assert dependent_regret(0.7, 0.3, 2).tolist() == pytest.approx([0.4 * first, 0.4 * (first + second)])


def test_a_learner_that_never_explores_over_three_trials_by_hand():
    # Trials 1 and 2 bring 1/2 and 7/12: the same arm after a reward (expected 2/3), the other (1/2) after none.
    # Trial 3: after two rewards 3/4; after a reward and none 1/2 of either arm; after none and a reward 2/3; after
    # none of either 1/3 of either.
    third = 1 / 3 * 3 / 4 + 1 / 6 * 1 / 2 + 1 / 4 * 2 / 3 + 1 / 4 * 1 / 3
    reward = np.array([1 / 2, 7 / 12, third])
    assert myopic_regret(3).tolist() == pytest.approx(np.cumsum(2 / 3 - reward).tolist())


def test_a_learner_that_never_explores_loses_what_its_simulation_does():
    random, n = np.random.default_rng(0), 4000
    p, wins, pulls, lost = random.random((n, 2)), np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(n)
    for _ in range(40):
        expected = (wins + 1) / (pulls + 2) + 1e-9 * random.random((n, 2))
        arm = np.eye(2)[expected.argmax(axis=1)]
        chosen = (p * arm).sum(axis=1)
        lost += p.max(axis=1) - chosen
        wins += arm * (random.random(n) < chosen)[:, None]
        pulls += arm
    error = lost.std() / n**0.5
    assert abs(myopic_regret(40)[-1] - lost.mean()) < 3.5 * error
    assert myopic_regret(40)[-1] > exact_regret("independent", "independent", 40)[-1] + 0.1


def test_a_softmax_over_two_trials_by_hand():
    # Expected payoffs differ by (2 p - 1) (2 posterior - 1); after one outcome the posterior is p = 0.7.
    follows = 1 / (1 + math.exp(-5 * 0.4 * 0.4))
    # The first choice is a coin. An outcome in favour of the worse arm has probability 0.3, whichever was chosen.
    p_worse = 0.3 * follows + 0.7 * (1 - follows)
    expected = [0.4 * 0.5, 0.4 * (0.5 + p_worse)]
    assert softmax_regret((0.3, 0.7), (0.7, 0.3), 5.0, 2).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("arms", [EASY, MEDIUM, HARD], ids=str)
def test_without_noise_a_softmax_is_the_optimum_and_with_noise_alone_it_is_chance(arms):
    assert softmax_regret(HARD, arms, 1e3)[-1] == pytest.approx(exact_regret(None, arms)[-1])
    assert softmax_regret(HARD, arms, 0.0)[-1] == pytest.approx(100 * (arms[1] - arms[0]) / 2)


def test_noise_of_choices_costs_who_knows_hard_arms_most_and_on_easy_arms():
    # The inverse temperature is that of networks trained on hard arms, Figure W1.
    from_easy, from_hard = (softmax_regret(known, EASY, 30.0)[-1] for known in (EASY, HARD))
    assert from_easy == pytest.approx(0.625, abs=1e-3)
    assert from_hard > exact_regret("independent", EASY)[-1] > from_easy


def test_a_discount_of_zero_never_explores_and_one_of_one_is_optimal():
    assert discounted_regret(0.0, 30).tolist() == pytest.approx(myopic_regret(30).tolist())
    optimum = exact_regret("independent", "independent", 30)
    assert discounted_regret(1.0, 30).tolist() == pytest.approx(optimum.tolist())


def test_a_discount_costs_more_late_than_it_gains_early():
    impatient, optimum = discounted_regret(0.8, 30), exact_regret("independent", "independent", 30)
    assert impatient[9] < optimum[9]
    assert impatient[-1] > optimum[-1]


def test_the_discounted_value_of_two_trials_by_hand():
    # Of the second trial an arm is worth 2/3 after a reward (the same), 1/2 after none (the other).
    assert optimal_policy(2, 0.5)[1] == pytest.approx(1 / 2 + 0.5 * (1 / 2 * 2 / 3 + 1 / 2 * 1 / 2))
