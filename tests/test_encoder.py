import pydantic
import pytest
import torch
from torch import nn

from pfc_metarl import encoder as encoders
from pfc_metarl import noise
from pfc_metarl.encoder import Encoder
from pfc_metarl.settings import BadInput

SMALL = Encoder(filters=(4, 6), kernels=(3, 2), strides=(2, 1), units=5)
N_CHANNELS = 3 * 9 * 9


def weights_of(n_networks):
    drawn = [SMALL.draw(N_CHANNELS, each) for each in noise.generators(0, range(n_networks), "encoder")]
    found = {name: torch.stack([each[name] for each in drawn]) for name in drawn[0]}
    return {name: weight + 0.1 * torch.randn_like(weight) for name, weight in found.items()}


@pytest.fixture
def shown():
    return torch.rand(2, 7, N_CHANNELS, generator=torch.Generator().manual_seed(1))


def test_sides_shrink_as_in_the_paper():
    assert Encoder().sides(3 * 84 * 84) == [84, 20, 9]
    assert SMALL.sides(N_CHANNELS) == [9, 4, 3]


def test_every_network_equals_torchs_own_layers(shown):
    weights = weights_of(2)
    features = SMALL.forward(weights, shown)
    for n in range(2):
        first, second, last = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 6, 2, 1), nn.Linear(54, 5)
        own = {name: weight[n] for name, weight in weights.items()}
        for name, layer in (("convolution_0", first), ("convolution_1", second), ("features", last)):
            scale = (2 / own[name][0].numel()) ** 0.5
            layer.weight.data, layer.bias.data = scale * own[name], own[f"{name}_bias"]
        layers = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.Flatten(), last)
        torch.testing.assert_close(features[n], layers(4 * shown[n].reshape(-1, 3, 9, 9) - 2))


def test_gradients_are_the_same_however_many_images_are_taken_at_a_time(shown, monkeypatch):
    weights, errors = weights_of(2), torch.randn(2, 7, 5)
    leaves = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    expected = torch.autograd.grad((SMALL.forward(leaves, shown) * errors).sum(), list(leaves.values()))
    monkeypatch.setattr(encoders, "FRAMES_AT_ONCE", 6)
    found = SMALL.backward(weights, shown, errors)
    torch.testing.assert_close(list(found.values()), list(expected))


def test_rectified_layers_keep_the_size_of_what_they_see():
    wide = Encoder(filters=(64,), kernels=(3,), strides=(1,), units=500)
    weights = {
        name: weight.unsqueeze(0) for name, weight in wide.draw(3 * 64, torch.Generator().manual_seed(0)).items()
    }
    features = wide.forward(weights, torch.randn(1, 200, 3 * 64) / 4 + 0.5)
    assert float(features.square().mean()) == pytest.approx(2, rel=0.15)  # the last is not rectified


@pytest.mark.parametrize("wrong", [{"filters": (16,)}, {"strides": (4, 0)}, {"units": 0}, {"filters": ()}])
def test_a_wrong_encoder_is_refused(wrong):
    with pytest.raises(pydantic.ValidationError):
        Encoder(**wrong)


@pytest.mark.parametrize(("n_channels", "told"), [(5, "5 channels"), (3 * 6 * 6, "too large for an image of 6 x 6")])
def test_what_is_no_image_is_told(n_channels, told):
    with pytest.raises(BadInput, match=told):
        Encoder().sides(n_channels)
