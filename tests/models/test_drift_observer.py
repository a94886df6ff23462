import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.measures import cumulative_regret
from pfc_metarl.models import DriftObserver, Experience, RescorlaWagner
from pfc_metarl.models.drift_observer import _grid
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import RestlessBandit


def after(model, outcomes):
    """The state after outcomes of the first option."""
    state = model.begin((1,), dtype=torch.float64)
    for outcome in outcomes:
        trial = Experience(torch.tensor([0]), torch.tensor([float(outcome)]), torch.tensor([True]))
        state = model.update(state, trial)
    return state


def test_moves_are_those_of_a_reflected_walk():
    points, moves = _grid((0.02, 0.2, 1.0), 50, torch.float64)
    torch.testing.assert_close(moves.sum(-1), torch.ones(3, 50, dtype=torch.float64))
    torch.testing.assert_close(moves[1:].sum(-2), torch.ones(2, 50, dtype=torch.float64), atol=5e-3, rtol=0)
    drawn = points[1] + torch.randn(200_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    drawn = drawn.remainder(2)
    drawn = torch.where(drawn > 1, 2 - drawn, drawn)
    counted = torch.histc(drawn, 50, 0, 1) / 200_000
    torch.testing.assert_close(counted, moves[2, 1], atol=2e-3, rtol=0)


def test_without_drift_the_posterior_is_a_beta_distribution():
    value = DriftObserver(sds=(1e-6,), n_points=400).values(after(DriftObserver(sds=(1e-6,), n_points=400), [1, 1, 0]))
    assert value[0, 0].item() == pytest.approx(3 / 5, abs=1e-3)  # Beta(1 + 2, 1 + 1)


def test_surprises_are_signs_of_a_fast_walk():
    model = DriftObserver()
    steady, changing = after(model, [1] * 12), after(model, [1] * 6 + [0] * 6)
    assert model.read(steady)["expected_sd"].item() < model.read(changing)["expected_sd"].item()


def test_thompson_chooses_by_the_probability_of_being_better():
    model = DriftObserver(sds=(1e-6,), rule="thompson", n_points=400)
    p = model.logits(after(model, [1])).softmax(-1)[0, 0].item()
    assert p == pytest.approx(0.75, abs=5e-3)  # of Beta(2, 1) above one half


def test_it_loses_less_than_any_fixed_rate():
    task = RestlessBandit()

    def regret(model):
        made = record(task, agent_of(model, task), n_episodes=300, seed=0, networks=(0, 1))
        return float(cumulative_regret(made)["regret"].mean())

    rates = [regret(RescorlaWagner(learning_rate=rate, inverse_temperature=100.0)) for rate in (0.1, 0.2, 0.3)]
    assert regret(DriftObserver()) < min(rates) - 0.3


def test_a_third_option_is_refused():
    with pytest.raises(BadInput, match="two options"):
        DriftObserver().begin((1,), n_options=3)
