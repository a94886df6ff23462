import torch

from pfc_metarl.networks.buffers import Buffers
from tests.networks.test_cores import N_INPUTS, N_NETWORKS, UNITS, WIDTHS, random_weights


def test_buffers_have_the_precision_of_the_weights_and_no_cells_without_need():
    precise = {name: tensor.double() for name, tensor in random_weights("gru").items()}
    buffers = Buffers.like(precise, WIDTHS, False, 2, 3, None)
    assert buffers.percepts.dtype == torch.float64
    assert buffers.cells.numel() == buffers.d_input.numel() == 0


def test_rows_of_a_percept_are_inputs_hidden_units_and_one():
    buffers = Buffers.like(random_weights("lstm"), WIDTHS, True, 2, 3, "previous_action")
    assert buffers.percepts.shape == (N_NETWORKS, 3, N_INPUTS + UNITS + 1, 3)
    assert (buffers.percepts[:, :, -1] == 1).all()
    assert buffers.cells.shape == buffers.hidden.shape == (N_NETWORKS, 3, UNITS, 3)
    assert buffers.traced == buffers.rows["previous_action"]
    buffers.hidden.fill_(2)
    for value, slot in enumerate(buffers.slots(1).values(), start=3):
        slot.fill_(value)
    expected = [3] * WIDTHS["observation"] + [4] * WIDTHS["previous_action"] + [5] + [2] * UNITS + [1]
    assert buffers.percepts[0, 1, :, 0].tolist() == expected


def test_a_number_has_no_axis():
    slots = Buffers.like(random_weights("rnn"), WIDTHS, False, 1, 3, None).slots(0)
    assert slots["previous_reward"].shape == (N_NETWORKS, 3)
    assert slots["observation"].shape == (N_NETWORKS, 3, WIDTHS["observation"])
