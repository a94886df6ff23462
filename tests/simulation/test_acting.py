"""When a cohort in training acts by its translated task, and when it does not."""

import pytest
import torch

from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation import acting, programs, translated
from pfc_metarl.tasks import Foraging, TwoStep

TASK = TwoStep(n_trials=5)


@pytest.fixture(autouse=True)
def short_trainings_too(monkeypatch):
    monkeypatch.setattr(acting, "TRANSLATED_FROM", 4)


def trained(task=TASK, updates=4, episodes=3, **network):
    made = A2C(updates=updates, episodes=episodes).begin(task, Network(units=5, **network), seed=0, networks=range(2))
    for _ in range(updates):
        made.update()
    return made


def weights_without_translation(monkeypatch, **options):
    monkeypatch.setattr(acting, "TRANSLATED_FROM", 1000)
    return trained(**options).weights


def assert_equal(found, expected):
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("critic", ["shared", "separate"])
def test_training_gives_the_same_bytes_with_a_translated_task(monkeypatch, critic):
    made = trained(critic=critic)
    assert made.acting.translated is not None
    assert_equal(made.weights, weights_without_translation(monkeypatch, critic=critic))


def test_what_has_no_instructions_runs_step_by_step(monkeypatch):
    made = trained(layers=2)
    assert made.acting.translated is None
    assert_equal(made.weights, weights_without_translation(monkeypatch, layers=2))


@pytest.mark.parametrize("episodes", [3, 16])  # 12 and 64 numbers: torch has another way for the last few
def test_powers_are_those_of_torch(monkeypatch, episodes):
    made = trained(Foraging(n_trials=5), episodes=episodes)
    assert made.acting.translated is not None
    assert_equal(made.weights, weights_without_translation(monkeypatch, task=Foraging(n_trials=5), episodes=episodes))


class Falling(Foraging):
    """From the third trial on, the power of another base is asked for in worlds in which the left target was chosen."""

    def step(self, state, action, noise):
        after, reward = super().step(state, action, noise)
        lower = (action == 0) & (noise[..., 0] < 0.01)
        return after._replace(p_base=torch.where(lower.unsqueeze(-1), after.p_base * 0.5, after.p_base)), reward


def test_a_task_is_no_longer_translated_once_the_base_of_a_power_changes_in_an_episode(monkeypatch):
    task = Falling(n_trials=5, fixation=False)
    found = []
    act = translated.Translated.act
    monkeypatch.setattr(translated.Translated, "act", lambda own, *given: found.append(own) or act(own, *given))
    made = trained(task, updates=40)
    assert len(found) > 1
    assert made.acting.translated is None
    assert_equal(made.weights, weights_without_translation(monkeypatch, task=task, updates=40))


def test_a_translation_that_differs_is_not_used(monkeypatch):
    other = programs.translated(TwoStep(n_trials=5, p_common=0.1))
    monkeypatch.setattr(programs, "translated", lambda task: other)
    made = trained()
    assert made.acting.translated is None
    assert_equal(made.weights, weights_without_translation(monkeypatch))


def test_a_task_that_raises_while_it_is_translated_runs_step_by_step(monkeypatch):
    class Printed(TwoStep):
        def observe(self, state):
            shown = super().observe(state)
            return torch.from_numpy(shown.numpy().copy())

    made = trained(Printed(n_trials=5))
    assert made.acting.translated is None
    assert_equal(made.weights, weights_without_translation(monkeypatch))


def test_a_long_episode_is_not_translated(monkeypatch):
    monkeypatch.setattr(acting, "MOST_STEPS", 9)
    assert trained().acting.translated is None


def test_a_short_training_is_not_translated():
    made = trained(updates=3)
    assert made.acting.translated is None


def test_the_translation_is_made_once(monkeypatch):
    count, make = [], translated.Translated
    monkeypatch.setattr(translated, "Translated", lambda *given: count.append(given) or make(*given))
    trained(updates=6)
    assert len(count) == 1
