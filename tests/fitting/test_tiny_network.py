import numpy as np
import pandas as pd
import torch

from pfc_metarl.fitting.layout import checked, laid_out
from pfc_metarl.fitting.tiny_network import Shape, kinds, log_probabilities, start_weights
from pfc_metarl.models import Hybrid, RescorlaWagner


def table(**columns):
    n = len(columns["choice1"])
    return pd.DataFrame({"subject": 0, "session": 0, "trial": range(n), **columns})


def test_each_kind_of_trial_has_an_input():
    made = table(choice1=[0, 0, 1, 1, None], reward=[0, 1, 0, 0.25, 1])
    found = kinds(laid_out(checked(made), RescorlaWagner()))[0, 0]
    expected = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0.75, 0.25], [0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected)


def test_the_state_reached_is_shown_too():
    made = table(choice1=[0, 1], state2=[0, 0], reward=[1, 1])
    found = kinds(laid_out(checked(made), Hybrid()))[0, 0]
    assert found.shape == (2, 8)
    assert found.sum(-1).tolist() == [1, 1]
    assert found[0].argmax() != found[1].argmax()


def reference(weights, codes, n_units, n_kinds, n_options):
    """The equations of Cho et al. 2014, for one network, with numpy."""
    of_input, recurrent, read_out, bias = np.split(weights, np.cumsum(Shape(n_units, n_kinds, n_options).sizes)[:-1])
    of_input, recurrent = of_input.reshape(n_kinds, 3, n_units), recurrent.reshape(n_units, 3, n_units)
    hidden, found = np.zeros(n_units), []
    for code in [*codes, None]:
        logits = np.concatenate([[0], hidden @ read_out.reshape(n_units, -1) + bias])
        found.append(logits - np.log(np.exp(logits).sum()))
        if code is not None:
            own = np.einsum("u,ugv->gv", hidden, recurrent)
            update, reset = (1 / (1 + np.exp(-of_input[code, gate] - own[gate])) for gate in (0, 1))
            hidden = (1 - update) * hidden + update * np.tanh(of_input[code, 2] + reset * own[2])
    return np.array(found)


def test_networks_follow_the_equations_of_a_gated_recurrent_unit():
    shape, rng = Shape(n_units=2, n_kinds=6, n_options=3), np.random.default_rng(0)
    weights, codes = rng.normal(size=(2, 4, sum(shape.sizes))), rng.integers(0, 6, size=(2, 3, 7))
    shown = torch.nn.functional.one_hot(torch.from_numpy(codes), 6).double()
    found = log_probabilities(torch.from_numpy(weights), shown, shape)
    assert found.shape == (2, 4, 3, 8, 3)
    for at in [(0, 0, 0), (1, 3, 2), (1, 0, 1)]:
        subject, network, session = at
        np.testing.assert_allclose(found[at], reference(weights[subject, network], codes[subject, session], 2, 6, 3))


def test_a_trial_without_a_choice_changes_nothing():
    shape = Shape(n_units=1, n_kinds=4, n_options=2)
    shown = torch.eye(4).double()[[0, 1, 1]][None, None].clone()
    shown[0, 0, 1] = 0
    found = log_probabilities(start_weights(shape, 1)[None], shown, shape)[0, 0, 0]
    np.testing.assert_array_equal(found[1], found[2])
    assert (found[2] != found[3]).all()


def test_weights_before_training_are_the_same_in_every_fit():
    shape = Shape(n_units=2, n_kinds=4, n_options=2)
    np.testing.assert_array_equal(start_weights(shape, 3)[:2], start_weights(shape, 2))
