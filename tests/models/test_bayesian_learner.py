import numpy as np
import pytest
import torch
from scipy import stats

from pfc_metarl.agents import agent_of
from pfc_metarl.models import BayesianLearner, Experience
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility


def posterior_by_hand(learner, outcomes):
    """Sums over all paths of v and r, for a grid so small that they can be walked one by one."""
    r, v = (np.arange(learner.n_r) + 0.5) / learner.n_r, np.linspace(*learner.v_range, learner.n_v)
    k, edges = np.linspace(*learner.k_range, learner.n_k), np.arange(learner.n_r + 1) / learner.n_r
    v_edges = np.concatenate([[-np.inf], (v[1:] + v[:-1]) / 2, [np.inf]])
    mass = np.full((learner.n_k, learner.n_v, learner.n_r), 1 / (learner.n_k * learner.n_v * learner.n_r))
    for outcome in outcomes:
        after = np.zeros_like(mass)
        for i, j, m in np.ndindex(mass.shape):
            weight = mass[i, j, m] * (r[m] if outcome else 1 - r[m])
            for j2 in range(learner.n_v):
                step = np.diff(stats.norm(v[j], np.exp(k[i])).cdf(v_edges[j2 : j2 + 2]))[0]
                nu = np.exp(-v[j2])
                moved = np.diff(stats.beta(r[m] * nu, (1 - r[m]) * nu).cdf(edges))
                after[i, j2] += weight * step * moved
        mass = after / after.sum()
    return mass


def outcome_of_first(paid):
    """A trial in which the first option was chosen, and paid or not."""
    chosen = torch.zeros_like(paid, dtype=torch.long)
    return Experience(chosen, paid, finished=chosen == 0)


def test_the_posterior_is_bayes_rule():
    learner = BayesianLearner(n_r=3, n_v=2, n_k=2)
    outcomes = [1, 1, 0, 1]
    belief = learner.begin((1, 2))
    for outcome in outcomes:
        belief = learner.update(belief, outcome_of_first(torch.tensor([[float(outcome), 1.0 - outcome]])))
    expected = posterior_by_hand(learner, outcomes)
    np.testing.assert_allclose(belief.mass[0, 0], expected, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(belief.mass[0, 1].flip(-1), expected, rtol=1e-4, atol=1e-7)  # right for left
    r = (np.arange(3) + 0.5) / 3
    assert learner.values(belief)[0, 0, 0].item() == pytest.approx((expected * r).sum(), rel=1e-4)
    read = learner.read(belief)
    assert read["expected_volatility"][0, 0].item() == pytest.approx((expected.sum((0, 2)) * [-9, -1]).sum(), rel=1e-4)
    spread = np.sqrt((expected * (r - (expected * r).sum()) ** 2).sum())
    assert read["uncertainty"][0, 0].item() == pytest.approx(spread, rel=1e-4)


def test_probability_is_kept_on_the_grid():
    grid = BayesianLearner().grid()
    for moves in (grid.r_moves, grid.v_moves):
        torch.testing.assert_close(moves.sum(-1), torch.ones(moves.shape[:-1]))
        assert (moves >= 0).all()


def test_in_a_stable_world_it_counts_like_a_beta_posterior():
    learner = BayesianLearner(n_r=100, v_range=(-20.0, -19.0), k_range=(-20.0, -19.0), n_v=2, n_k=2)
    belief = learner.begin((1, 1))
    for outcome in [1.0] * 6 + [0.0] * 2:
        belief = learner.update(belief, outcome_of_first(torch.full((1, 1), outcome)))
    assert learner.values(belief)[0, 0, 0].item() == pytest.approx(7 / 10, abs=1e-3)  # mean of Beta(7, 3)


@pytest.fixture(scope="module")
def halves():
    """Volatility as expected, and effective learning rate, in the last 50 trials of each half, by order and half."""
    found = {}
    for order in ("stable_first", "volatile_first"):
        task = Volatility(schedule=order, p_good_volatile=(0.8,))
        made = record(task, agent_of(BayesianLearner(), task), n_episodes=50, seed=0, purpose=order)
        p_left, volatility = made["action_value"].values[0, :, :, 0], made["expected_volatility"].values[0]
        outcome = np.where(made["action"] == 0, made["reward"], 1 - made["reward"])[0]
        error, moved = outcome[:, :-1] - p_left[:, :-1], np.diff(p_left)
        names = ("stable", "volatile") if order == "stable_first" else ("volatile", "stable")
        for kind, part in zip(names, (slice(50, 100), slice(150, 199)), strict=True):
            rate = (error * moved)[:, part].sum() / (error**2)[:, part].sum()
            found[order, kind] = volatility[:, part].mean(), rate
    return found


@pytest.mark.parametrize("order", ["stable_first", "volatile_first"])
def test_it_expects_more_volatility_and_learns_faster_where_the_world_is_volatile(halves, order):
    (stable_v, stable_rate), (volatile_v, volatile_rate) = (halves[order, kind] for kind in ("stable", "volatile"))
    assert volatile_v > stable_v + 0.5
    assert 0.05 < stable_rate < volatile_rate - 0.05 < 0.4


@pytest.mark.parametrize("options", [{"n_r": 1}, {"v_range": (0.0, -7.0)}, {"k_range": (-30.0, 0.0)}])
def test_invalid_values_are_refused(options):
    with pytest.raises(BadInput, match=r"^BayesianLearner"):
        BayesianLearner(**options)
