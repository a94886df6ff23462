import numpy as np
import torch

from pfc_metarl.fitting import tiny_network_training
from pfc_metarl.fitting.tiny_network import Shape, start_weights
from pfc_metarl.fitting.tiny_network_training import Choices, stopped_early, trained_for

SHAPE = Shape(n_units=1, n_kinds=4, n_options=2)


def repeating(n_subjects=2, n_trials=30, seed=0):
    """Subjects who repeat each choice with a probability of 0.9."""
    rng = np.random.default_rng(seed)
    choice = np.cumsum(rng.random((n_subjects, 1, n_trials)) < 0.1, -1) % 2
    code = torch.from_numpy(choice * 2 + rng.integers(0, 2, choice.shape))
    return Choices(torch.nn.functional.one_hot(code, 4).double(), torch.from_numpy(choice))


def masks(choices, n_networks=1):
    first = torch.arange(choices.choice.shape[-1]) < choices.choice.shape[-1] // 2
    of_all = first.expand(len(choices.choice), n_networks, 1, -1)
    return of_all, ~of_all


def test_training_finds_that_choices_are_repeated():
    choices = repeating(n_trials=200)
    fitted, checked = masks(choices)
    found = stopped_early(choices, start_weights(SHAPE, 1).expand(2, 1, -1), SHAPE, fitted, checked, 100)
    entropy = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert (found.loss < entropy + 0.15).all()
    assert (found.loss < np.log(2) - 0.1).all()


def test_the_weights_are_those_of_the_epoch_with_the_least_loss():
    choices = repeating()
    fitted, checked = masks(choices)
    found = stopped_early(choices, start_weights(SHAPE, 1).expand(2, 1, -1), SHAPE, fitted, checked, 60)
    log_p = choices.log_p(found.weights, SHAPE)
    own = -(log_p * checked).sum((-1, -2)) / checked.sum((-1, -2))
    np.testing.assert_allclose(own, found.loss)
    again = trained_for(choices, start_weights(SHAPE, 1).expand(2, 1, -1), SHAPE, fitted, found.n_epochs)
    np.testing.assert_allclose(again, found.weights)


def test_a_network_is_trained_as_if_it_were_alone():
    choices = repeating(n_subjects=3)
    fitted, checked = masks(choices, n_networks=2)
    start = start_weights(SHAPE, 2).expand(3, 2, -1)
    together = stopped_early(choices, start, SHAPE, fitted, checked, 30)
    one = Choices(choices.shown[1:2], choices.choice[1:2])
    alone = stopped_early(one, start[1:2, 1:], SHAPE, fitted[1:2, 1:], checked[1:2, 1:], 30)
    np.testing.assert_allclose(together.weights[1, 1], alone.weights[0, 0], rtol=1e-9)
    assert together.n_epochs[1, 1] == alone.n_epochs[0, 0]


def test_training_ends_when_the_loss_no_longer_falls(monkeypatch):
    steps, step = [], tiny_network_training._step
    monkeypatch.setattr(tiny_network_training, "PATIENCE", 5)
    monkeypatch.setattr(tiny_network_training, "_step", lambda *given: steps.append(1) or step(*given))
    choices = repeating()
    fitted, _ = masks(choices)
    found = stopped_early(choices, start_weights(SHAPE, 1).expand(2, 1, -1), SHAPE, fitted, fitted & False, 500)
    assert len(steps) == 6
    assert found.n_epochs.tolist() == [[0], [0]]
