import dataclasses

import numpy as np
import pytest
import torch

from pfc_metarl import A2C, BadInput, Network, open_recording, open_run, record, simulate
from pfc_metarl.agents import Random
from pfc_metarl.experiments import load
from pfc_metarl.simulation.interventions import silence
from pfc_metarl.tasks import Bandit, TwoStep

TASK = Bandit(n_trials=4)


@pytest.fixture
def cohort():
    learner, network = A2C(updates=1), Network(units=4)
    weights = learner.begin(TASK, network, 0, [0, 1], "cpu").weights
    return learner.agent(TASK, network, weights)


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("task = 'two_step': this is not a task; give one", lambda: record("two_step", Random(), 2, 0)),
        ("agent = 'runs/two_step': give an agent", lambda: record(TASK, "runs/two_step", 2, 0)),
        ("n_episodes = 0: must be a whole number from 1 on", lambda: record(TASK, Random(), 0, 0)),
        ("n_episodes = '2': must be a whole number", lambda: record(TASK, Random(), "2", 0)),
        ("seed = 1.5: must be a whole number", lambda: record(TASK, Random(), 2, 1.5)),
        ("give a function of percept and state", lambda: record(TASK, Random(), 2, 0, intervene=silence([1]))),
        ("intervene = 'silence': give a function", lambda: record(TASK, Random(), 2, 0, intervene="silence")),
        ("seed = None: must be a whole number", lambda: simulate("two_step", seed=None)),
        ("workers = 1.5: must be a whole number", lambda: simulate("two_step", workers=1.5)),
        ("out = 3: must be a path", lambda: simulate("two_step", out=3)),
        ("run = 3: must be a path", lambda: open_run(3)),
        ("recording = None: must be a path", lambda: open_recording(None)),
        ("experiment = 3: must be a path", lambda: load(3)),
        ("units = 3: must be a list", lambda: silence(3)(torch.ones(1, 1, 4))),
        ("units = 1.5: must be a whole number", lambda: silence([1.5])(torch.ones(1, 1, 4))),
    ],
)
def test_a_wrong_argument_is_refused_in_a_sentence(said, call):
    with pytest.raises(BadInput, match=said):
        call()


def test_numbers_of_numpy_are_numbers():
    found = record(TASK, Random(), np.int64(2), np.int64(0))
    assert found.sizes["episode"] == 2
    assert silence(np.array([1]))(torch.ones(1, 1, 2)).tolist() == [[[1.0, 0.0]]]


def test_networks_act_in_a_longer_version_of_their_task(cohort):
    short, long = (record(dataclasses.replace(TASK, n_trials=n), cohort, 3, 0) for n in (4, 9))
    assert (short.sizes["step"], long.sizes["step"]) == (4, 9)


def test_networks_are_not_recorded_in_a_task_with_other_channels(cohort):
    with pytest.raises(BadInput, match="task: it has 3 channels, the networks were trained with 1"):
        record(TwoStep(), cohort, 2, 0)


def test_an_agent_declares_all_that_the_contract_asks_for():
    class Incomplete:
        def act(self, percept, memory, noise):
            return noise.argmax(-1), None, None

    with pytest.raises(BadInput, match="give an agent"):
        record(TASK, Incomplete(), 2, 0)
