import itertools

import pytest
import torch
from scipy import stats

from pfc_metarl.models import CorrelatedOptimal, Experience, Thompson, UpperConfidence
from pfc_metarl.models.bandits import Counts, p_best
from pfc_metarl.tasks import Bandit

D_I, D_E = Bandit(), Bandit(arms="correlated", p_first=(0.1, 0.9))
# Science sheet 2.1 [computed], its standard errors are up to 0.05. UCB chi 1 and UCB1 chi 2.
SHEET = [
    (Thompson(), D_I, 2.79),
    (UpperConfidence(chi=1.0), D_I, 4.17),
    (UpperConfidence(chi=2.0), D_I, 5.63),
    (CorrelatedOptimal(), D_I, 2.79),
    (Thompson(), D_E, 2.13),
    (UpperConfidence(chi=1.0), D_E, 3.92),
    (UpperConfidence(chi=2.0), D_E, 6.30),
    (CorrelatedOptimal(), D_E, 0.62),
]


def counts(*arms):
    """Counts in one world from (wins, losses) of each arm."""
    wins, losses = torch.tensor(arms, dtype=torch.float64).T
    return Counts(wins[None, None], losses[None, None])


@pytest.mark.parametrize(("model", "task", "expected"), SHEET, ids=lambda p: str(p)[:60])
def test_regret_is_that_of_the_reference_table(model, task, expected, regret_of):
    mean, error = regret_of(model, task)
    assert abs(mean - expected) < 3 * (error**2 + 0.05**2) ** 0.5


def test_a_model_counts_what_each_arm_paid():
    model = Thompson()
    state = model.begin((1, 1))
    for choice, reward in [(0, 1.0), (0, 0.0), (1, 1.0), (0, 1.0)]:
        state = model.update(state, Experience(torch.tensor([[choice]]), torch.tensor([[reward]]), torch.tensor(True)))
    assert (state.wins.tolist(), state.losses.tolist()) == ([[[2, 1]]], [[[1, 0]]])
    torch.testing.assert_close(model.values(state), torch.tensor([[[3 / 5, 2 / 3]]], dtype=torch.float64))


def test_p_best_by_hand():
    # P(Beta(2, 1) > uniform) = 2/3, since the mean of Beta(2, 1) is 2/3
    torch.testing.assert_close(p_best(counts((1, 0), (0, 0)))[0, 0], torch.tensor([2 / 3, 1 / 3], dtype=torch.float64))


@pytest.mark.parametrize("arms", [[(3, 1), (10, 9)], [(70, 50), (60, 70)], [(2, 2), (3, 1), (0, 0)]], ids=str)
def test_p_best_is_that_of_draws(arms):
    draws = torch.stack(
        [
            torch.from_numpy(stats.beta(1 + wins, 1 + losses).rvs(100_000, random_state=k))
            for k, (wins, losses) in enumerate(arms)
        ]
    )
    fraction = torch.nn.functional.one_hot(draws.argmax(0), len(arms)).double().mean(0)
    got = p_best(counts(*arms))[0, 0]
    torch.testing.assert_close(got, fraction, atol=0.006, rtol=0)
    assert got.sum().item() == pytest.approx(1)


def test_upper_confidence_by_hand():
    # after 3 wins of 4 and 1 of 1: 0.75 + sqrt(chi ln 5 / 4) against 1 + sqrt(chi ln 5 / 1)
    assert UpperConfidence().logits(counts((3, 1), (1, 0))).argmax() == 1
    # 9 of 10 against 0 of 1: with chi = 2 0.9 + 0.69 against 2.19; with chi = 0 the mean alone decides
    assert UpperConfidence(chi=2.0).logits(counts((9, 1), (0, 1))).argmax() == 1
    assert UpperConfidence(chi=0.0).logits(counts((9, 1), (0, 1))).argmax() == 0


def test_upper_confidence_tries_everything_first():
    for arms in itertools.permutations([(5, 0), (0, 3), (0, 0)]):
        assert UpperConfidence().logits(counts(*arms)).argmax() == arms.index((0, 0))
    assert len(UpperConfidence().logits(counts((0, 0), (0, 0))).unique()) == 1


def test_the_reward_of_one_arm_informs_about_the_other_if_they_are_correlated():
    model = CorrelatedOptimal()
    assert model.logits(counts((0, 1), (0, 0))).argmax() == 1
    assert model.logits(counts((2, 1), (0, 0))).argmax() == 0
    assert len(model.logits(counts((1, 0), (1, 0))).unique()) == 1
    torch.testing.assert_close(model.values(counts((2, 1), (0, 3)))[0, 0].tolist(), [6 / 8, 2 / 8])
