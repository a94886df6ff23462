import dataclasses

import pytest
import torch

from pfc_metarl.experiments import harlow_objects
from pfc_metarl.experiments.harlow_pixels import EXPERIMENT, VARIANTS
from pfc_metarl.learning.base import train

WANG2018 = VARIANTS["harlow_pixels_wang2018"]


def test_the_numbers_are_those_of_the_papers():
    task, full = EXPERIMENT.task, WANG2018.task  # Wang et al. 2018 and 2016; science sheet 2.6, 3.5
    assert (task.n_trials, task.fixation_reward, task.set_size) == (6, 0.2, 1000)
    assert (full.view, full.picture, WANG2018.network.units) == (84, 34, 256)
    position = full.pixels_per_position / full.view * 65  # degrees, of a screen's
    assert position == pytest.approx(4.4, abs=0.3)
    assert full.saccade == 4  # steps for which an action is repeated
    assert full.n_positions * position == pytest.approx(360, rel=0.03)
    assert full.n_positions % full.saccade == 0, "turns all around lead back to the cross"
    encoder = WANG2018.network.encoder
    assert (encoder.filters[:2], encoder.kernels[:2], encoder.strides[:2]) == ((16, 32), (8, 4), (4, 2))
    assert EXPERIMENT.learner.snapshots == harlow_objects.SNAPSHOTS
    assert not EXPERIMENT.network.learned_initial_state


def test_what_is_tested_was_never_trained_on():
    for experiment in (EXPERIMENT, WANG2018):
        tested = {name: probe.task(experiment.task, name).drawn_from for name, probe in experiment.probes.items()}
        assert tested == {"test": "held_out_set", "old_pictures": "training_set", "views": "held_out_set"}


def test_networks_are_trained_from_pixels_to_choices():
    assert EXPERIMENT.network.encoder.learned
    assert WANG2018.network.encoder.learned
    training = _short(EXPERIMENT, episodes=2)
    before = {name: tensor.clone() for name, tensor in training.weights.items()}
    train(training)
    changed = {name for name, tensor in training.weights.items() if not torch.equal(tensor, before[name])}
    assert changed == set(before) - {"initial"}


@pytest.mark.slow
def test_the_full_setting_trains():
    training = _short(WANG2018, episodes=2)
    train(training)
    assert int(training.stopped) == -1
    assert all(bool(tensor.isfinite().all()) for tensor in training.weights.values())
    assert bool(training.history["gradient_norm"].isfinite().all())


def _short(experiment, **changes):
    learner = dataclasses.replace(experiment.learner, updates=3, snapshots=(), **changes)
    return learner.begin(experiment.task, experiment.network, seed=1000, networks=[0])
