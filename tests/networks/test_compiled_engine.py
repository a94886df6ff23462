import torch

from tests.networks.test_tape import gradients, lived, random_weights


def test_weights_may_lie_in_memory_in_any_order():
    weights = random_weights("lstm")
    turned = {name: tensor.mT.contiguous().mT for name, tensor in weights.items()}
    assert not turned["core"].is_contiguous()
    own, other = lived("lstm", True, weights=weights), lived("lstm", True, weights=turned)
    assert torch.equal(own.heads, other.heads)
    found = gradients(other)
    assert all(torch.equal(gradient, found[name]) for name, gradient in gradients(own).items())


def test_a_network_computes_the_same_bits_in_any_cohort():
    weights = random_weights("gru")
    one = {name: tensor[1:] for name, tensor in weights.items()}
    together = lived("gru", True, weights=weights)
    part, widths = together.part, together.part.inputs
    alone = type(together)(part, one, together.n_steps, 3)
    alone.rewind()
    for t in range(together.n_steps):
        for name in widths:
            alone.steps[t].slots[name].copy_(together.steps[t].slots[name][1:])
        alone.forward(t)
    assert torch.equal(alone.heads, together.heads[:, 1:])
