import subprocess
import sys

import pytest
import torch

from pfc_metarl.learning.optimisers import Optimiser, with_room

OF_TORCH = {
    "adam": lambda tensors: torch.optim.Adam(tensors, lr=0.1, eps=1e-6),
    "rmsprop": lambda tensors: torch.optim.RMSprop(tensors, lr=0.1, alpha=0.9, eps=1e-6),
}


@pytest.mark.parametrize("kind", OF_TORCH)
def test_a_step_is_that_of_the_class_of_torch(kind):
    weights, twins = ({"core": torch.ones(2, 3), "heads": torch.ones(2)} for _ in range(2))
    ours, theirs = Optimiser(kind, weights, 1e-6, 0.9), OF_TORCH[kind](list(twins.values()))
    for number in range(4):
        for name, tensor in twins.items():
            ours.gradients[name].copy_(0.5 * weights[name] + number)
            tensor.grad = 0.5 * tensor + number
        ours.step([0.1, 0.1])
        theirs.step()
        for name, tensor in weights.items():
            torch.testing.assert_close(tensor, twins[name], rtol=1e-6, atol=1e-7)
    for name, tensor in twins.items():
        assert set(theirs.state[tensor]) == set(ours.state[name])


@pytest.mark.parametrize("kind", OF_TORCH)
@pytest.mark.parametrize("n", [1, 3, 15, 33])
def test_weights_with_room_are_rounded_alike_whatever_is_beside_them(kind, n):
    noise = torch.Generator().manual_seed(0)
    first, gradients = torch.randn(64, generator=noise), torch.randn(5, 64, generator=noise)
    weights = [{"core": with_room(first[:length])} for length in (n, 64)]
    for own in weights:
        optimiser = Optimiser(kind, own, 1e-6, 0.9)
        for gradient in gradients:
            optimiser.gradients["core"].copy_(gradient[: len(own["core"])])
            optimiser.step([0.1])
    assert torch.equal(weights[0]["core"], weights[1]["core"][:n])


def test_a_part_of_other_memory_is_changed_alone():
    memory = torch.ones(128)
    optimiser = Optimiser("adam", {"core": memory[:64]}, 1e-8)
    optimiser.gradients["core"].fill_(1.0)
    optimiser.step([0.5])
    torch.testing.assert_close(memory, torch.cat([torch.full((64,), 0.5), torch.ones(64)]))


def test_each_weight_has_its_own_learning_rate():
    weights = {"core": torch.ones(2), "heads": torch.ones(2)}
    optimiser = Optimiser("adam", weights, 1e-8)
    for gradient in optimiser.gradients.values():
        gradient.fill_(2.0)
    optimiser.step([0.1, 0.0])
    torch.testing.assert_close(weights["core"], torch.full((2,), 0.9))
    assert torch.equal(weights["heads"], torch.ones(2))


def test_moments_are_the_tensors_that_steps_change():
    weights = {"core": torch.ones(2)}
    optimiser = Optimiser("adam", weights, 1e-8)
    named = optimiser.moments()
    assert all((moment == 0).all() for moment in named.values())
    optimiser.gradients["core"].fill_(1.0)
    optimiser.step([0.1])
    assert named["optimiser.core.step"].item() == 1
    assert (named["optimiser.core.exp_avg"] > 0).all()


def test_a_training_does_not_import_the_compiler_of_torch():
    code = (
        "import sys; from pfc_metarl import A2C, Network; from pfc_metarl.tasks import Bandit\n"
        "training = A2C(updates=1).begin(Bandit(n_trials=3), Network(units=4), 0, [0])\n"
        "training.update(); sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
