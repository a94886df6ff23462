from typing import NamedTuple

import pytest
import torch

from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import settings
from pfc_metarl.simulation.programs import translated
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.simulation.translated import Translated
from pfc_metarl.tasks import Bandit, RestlessBandit, Task


def training(task, episodes=4, **settings):
    return A2C(episodes=episodes).begin(task, Network(units=4, **settings), seed=0, networks=range(2))


def test_episodes_of_different_numbers_of_worlds_follow_each_other():
    task = Bandit(n_trials=6)
    own = Translated(task, translated(task))
    for episodes in (4, 9, 4):
        made = training(task, episodes)
        noise = made.draw()
        assert all(map(torch.equal, own.act(made.agent, noise), made.acting.live(made.agent, noise)))


def test_what_depends_on_noise_alone_is_computed_for_all_steps_at_once():
    task = RestlessBandit(n_trials=5)
    own = Translated(task, translated(task))
    assert len(own.program.drawn) == 1
    noise = training(task).draw().world
    drawn = own.drawn(noise[1:])
    assert torch.equal(drawn[..., :2], noise[1:])
    assert torch.equal(drawn[..., 2], torch.special.ndtri(noise[1:, ..., 1].clamp(1e-6, 1 - 1e-6)))


class State(NamedTuple):
    trial: int
    phase: int
    place: torch.Tensor


@settings
class Corridor(Task):
    """Its table ends after three places; whoever goes on to the right leaves it."""

    n_trials: int = 6

    action_names = ("left", "right")
    channel_names = ("place",)
    phase_names = ("only",)
    n_steps = 6

    def begin(self, noise):
        return State(0, 0, (noise[..., 0] < 0.5).long())

    def observe(self, state):
        return torch.tensor([0.0, 0.5, 1.0])[state.place].unsqueeze(-1)

    def step(self, state, action, noise):
        return State(state.trial + 1, 0, state.place + action), state.place * 1.0


def test_a_place_beyond_the_end_of_a_table_is_an_error_as_it_is_in_torch(monkeypatch):
    monkeypatch.setattr(torch, "randint", lambda n, shape, generator=None: torch.zeros(shape, dtype=torch.long))
    made = training(Corridor())
    own = Translated(made.task, translated(made.task))
    monkeypatch.undo()
    for act in (lambda noise: made.acting.live(made.agent, noise), lambda noise: own.act(made.agent, noise)):
        with pytest.raises(IndexError):
            act(made.draw())


def test_networks_with_other_parts_are_refused():
    task = Bandit(n_trials=4)
    made = training(task, layers=2)
    with pytest.raises(Untranslatable, match="compiled loops"):
        Translated(task, translated(task)).act(made.agent, made.draw())
