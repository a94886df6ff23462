import math

import pytest
import torch
from torch import nn

from pfc_metarl.networks import encoder as encoders
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise

SMALL = Encoder(filters=(4, 6, 5), kernels=(3, 2, 3), strides=(2, 1, 1))
N_CHANNELS = 3 * 9 * 9


def weights_of(n_networks):
    drawn = [SMALL.draw(N_CHANNELS, each) for each in noise.generators(0, range(n_networks), "encoder")]
    found = {name: torch.stack([each[name] for each in drawn]) for name in drawn[0]}
    return {name: weight + 0.1 * torch.randn_like(weight) for name, weight in found.items()}


@pytest.fixture
def shown():
    return torch.rand(2, 7, N_CHANNELS, generator=torch.Generator().manual_seed(1))


def test_images_shrink_as_in_the_paper():
    assert Encoder().sides(3 * 84 * 84) == [84, 20, 9, 1]
    assert SMALL.sides(N_CHANNELS) == [9, 4, 3, 1]


def test_every_network_equals_torchs_own_layers(shown):
    weights = weights_of(2)
    features = SMALL.forward(weights, shown)
    rectified = 1 - 1 / math.pi  # variance of max(z, 0) over its mean square, z Gaussian
    for n in range(2):
        layers = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 6, 2, 1), nn.Linear(54, 5)
        for number, gain in enumerate((2, 2 / rectified, encoders.FEATURE_GAIN / rectified)):
            own = weights[f"convolution_{number}"][n].flatten(1)
            if number > 0:
                own = own - own.mean(1, keepdim=True)
            layer = layers[number]
            layer.weight.data = (own * (gain / own.shape[1]) ** 0.5).reshape(layer.weight.shape)
            layer.bias.data = weights[f"convolution_{number}_bias"][n]
        first, second, last = layers
        expected = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.Flatten(), last)
        torch.testing.assert_close(features[n], expected(4 * shown[n].reshape(-1, 3, 9, 9) - 2))


def test_features_do_not_depend_on_the_networks_beside_them():
    encoder, shown = Encoder(), torch.rand(3, 5, 3 * 84 * 84, generator=torch.Generator().manual_seed(1))
    drawn = [encoder.draw(3 * 84 * 84, each) for each in noise.generators(0, range(3), "encoder")]
    weights = {name: torch.stack([each[name] for each in drawn]) for name in drawn[0]}
    together = encoder.forward(weights, shown)
    for n in range(3):
        alone = encoder.forward({name: weight[n : n + 1] for name, weight in weights.items()}, shown[n : n + 1])
        assert torch.equal(together[n : n + 1], alone)


def test_a_small_last_kernel_makes_features_of_places():
    places = Encoder(filters=(4, 2), kernels=(3, 1), strides=(3, 1))
    drawn = {name: weight.unsqueeze(0) for name, weight in places.draw(N_CHANNELS, torch.Generator()).items()}
    dark = torch.zeros(1, 1, 3, 9, 9)
    bright = dark.clone()
    bright[..., 3:6, 6:9] = 1
    before, after = (places.forward(drawn, image.flatten(2)).unflatten(-1, (2, 3, 3)) for image in (dark, bright))
    assert places.n_features(N_CHANNELS) == 2 * 3**2
    changed = (before != after).any(2)[0, 0]
    assert changed.nonzero().tolist() == [[1, 2]]


def test_gradients_depend_neither_on_batches_of_images_nor_on_repetitions(shown, monkeypatch):
    shown = shown[:, [0, 1, 2, 1, 3, 4, 0, 5, 6, 1]]
    weights, errors = weights_of(2), torch.randn(2, 10, 5)
    leaves = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    features = SMALL.forward(leaves, shown)
    expected = torch.autograd.grad((features * errors).sum(), list(leaves.values()))
    monkeypatch.setattr(encoders, "FRAMES_AT_ONCE", 3)
    found = SMALL.backward(weights, shown, features.detach(), errors)
    torch.testing.assert_close(list(found.values()), list(expected))


def test_an_image_seen_twice_is_taken_once(shown):
    features, errors = torch.randn(4, 5)[[3, 1, 3, 0, 3]], torch.arange(5.0)[:, None].expand(5, 2)
    images = shown[0, [3, 1, 3, 0, 3]]
    once, summed = encoders.distinct(images, features, errors)
    sums = {float(image[0]): float(error[1]) for image, error in zip(once, summed, strict=True)}
    expected = {float(shown[0, number, 0]): total for number, total in ((3, 0 + 2 + 4), (1, 1), (0, 3))}
    assert sums == expected
    assert len(encoders.distinct(shown[0], torch.randn(7, 5), torch.zeros(7, 2))[0]) == 7


def test_an_image_has_the_same_features_at_any_position(shown):
    weights = weights_of(2)
    features = SMALL.forward(weights, shown[:, [0, 1, 2, 1, 3, 4, 0, 5, 6, 1]])
    assert torch.equal(features[:, 1], features[:, 3])
    assert torch.equal(features[:, 0], features[:, 6])
    assert torch.equal(features[:, 1], features[:, 9])


@pytest.fixture(scope="module")
def wide_features():
    """Features of noise, [image, unit], behind one rectified convolution that sees it all."""
    wide = Encoder(filters=(64, 500), kernels=(3, 1), strides=(1, 1))
    drawn = wide.draw(3 * 3**2, torch.Generator().manual_seed(0))
    weights = {name: weight.unsqueeze(0) for name, weight in drawn.items()}
    return wide.forward(weights, torch.randn(1, 1000, 27, generator=torch.Generator().manual_seed(1)) / 4 + 0.5)[0]


def test_layers_keep_the_variance_of_their_inputs(wide_features):
    assert float(wide_features.square().mean()) == pytest.approx(encoders.FEATURE_GAIN, rel=0.1)


def test_features_share_no_constant(wide_features):
    # max(z, 0) has a squared mean of 1 / (π − 1) = 0.47 of its variance, which is what random weights would hand on
    assert float(wide_features.mean(0).square().mean() / wide_features.var(0).mean()) < 0.05


@pytest.mark.parametrize(
    "wrong", [{"filters": (16,)}, {"strides": (4, 0)}, {"filters": ()}, {"learning_rate_fraction": 0}]
)
def test_a_wrong_encoder_is_refused(wrong):
    with pytest.raises(BadInput, match=r"^Encoder"):
        Encoder(**wrong)


@pytest.mark.parametrize(("n_channels", "message"), [(5, "5 channels"), (3 * 6 * 6, "too large for an image of 6 x 6")])
def test_channels_that_are_no_image_are_refused(n_channels, message):
    with pytest.raises(BadInput, match=message):
        Encoder().sides(n_channels)
