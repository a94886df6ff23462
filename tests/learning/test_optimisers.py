import pytest
import torch

from pfc_metarl.learning.optimisers import allocated, moments


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad])
def test_an_allocated_optimiser_steps_as_a_new_one(kind):
    weights, twins = ({"core": torch.ones(2, 3), "heads": torch.ones(2)} for _ in range(2))
    early, late = allocated(kind(list(weights.values()), lr=0.1)), kind(list(twins.values()), lr=0.1)
    assert all(torch.equal(weights[name], torch.ones_like(weights[name])) for name in weights)
    assert all((moment == 0).all() for moment in moments(early, weights).values())
    for _ in range(3):
        for optimiser, tensors in ((early, weights), (late, twins)):
            for tensor in tensors.values():
                tensor.grad = 0.5 * tensor
            optimiser.step()
    assert all(torch.equal(weights[name], twins[name]) for name in weights)


def test_moments_are_the_tensors_that_steps_change():
    weights = {"core": torch.ones(2)}
    optimiser = allocated(torch.optim.Adam(list(weights.values())))
    named = moments(optimiser, weights)
    weights["core"].grad = torch.ones(2)
    optimiser.step()
    assert named["optimiser.core.step"].item() == 1
    assert (named["optimiser.core.exp_avg"] > 0).all()
