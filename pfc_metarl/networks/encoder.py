"""A convolutional encoder between what a task shows and the core: for tasks that show an image.

Every network of a cohort has its own filters.
"""

import math

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput, settings

COLOURS = 3

MIDDLE, SPREAD = 0.5, 0.25
"""Brightness that is mapped to 0, and the standard deviation of brightness in a picture of high contrast."""

FEATURE_GAIN = 0.25
"""Variance of a feature over that of its inputs: small, so that cores begin in their linear range."""

FRAMES_AT_ONCE = 2048
"""Images that `backward` processes at a time; limits its memory."""


@settings
class Encoder:
    """Settings of the encoder: convolutions, all but the last rectified, so that features have either sign.

    Parameters
    ----------
    filters, kernels, strides : tuple of int
        One entry for each convolution. A last kernel as large as the image it sees makes a layer of units that are
        connected to all of it; a smaller one makes features of places. The defaults suit 84 x 84 pixels: two
        convolutions as in Mnih et al. 2016, arXiv:1602.01783, and 256 such units.
    learned : bool
        Whether the weights are learned, or keep their initial values: random features, which need less time.
    learning_rate_fraction : float
        Learning rate of the encoder, as a fraction of that of the cores, which must keep up with changing features.
    """

    filters: tuple[int, ...] = Field((16, 32, 256), min_length=1)
    kernels: tuple[int, ...] = Field((8, 4, 9), min_length=1)
    strides: tuple[int, ...] = Field((4, 2, 1), min_length=1)
    learned: bool = True
    learning_rate_fraction: float = Field(1.0, gt=0, le=1, allow_inf_nan=False)

    def __post_init__(self) -> None:
        lengths = {len(self.filters), len(self.kernels), len(self.strides)}
        if len(lengths) > 1 or min(*self.filters, *self.kernels, *self.strides) < 1:
            raise ValueError(
                f"filters = {self.filters}, kernels = {self.kernels}, strides = {self.strides} "
                "must be as many each, and at least 1"
            )

    def sides(self, n_channels: int) -> list[int]:
        """Return the side of the image in pixels, and of the output of each convolution.

        Raises
        ------
        BadInput
            If so many channels are no square image of three colours, or it is too small.
        """
        sides = [math.isqrt(n_channels // COLOURS)]
        if COLOURS * sides[0] ** 2 != n_channels:
            raise BadInput(
                f"network.encoder: the task shows {n_channels} channels, no square image of three colours; "
                "leave the encoder out."
            )
        for kernel, stride in zip(self.kernels, self.strides, strict=True):
            sides.append((sides[-1] - kernel) // stride + 1)
        if sides[-1] < 1:
            raise BadInput(
                f"network.encoder.kernels = {self.kernels}: with strides {self.strides} too large for an image of "
                f"{sides[0]} x {sides[0]} pixels; make them smaller."
            )
        return sides

    def n_features(self, n_channels: int) -> int:
        """Return how many features reach the cores.

        Examples
        --------
        >>> Encoder().n_features(3 * 84 * 84)
        256
        """
        return self.filters[-1] * self.sides(n_channels)[-1] ** 2

    def draw(self, n_channels: int, generator: torch.Generator) -> Weights:
        """Draw the weights of one network: standard Gaussian; `forward` scales them."""
        self.sides(n_channels)
        weights: Weights = {}
        for layer, (after, kernel) in enumerate(zip(self.filters, self.kernels, strict=True)):
            before = (COLOURS, *self.filters)[layer]
            weights[f"convolution_{layer}"] = torch.randn(after, before, kernel, kernel, generator=generator)
            weights[f"convolution_{layer}_bias"] = torch.zeros(after)
        return weights

    def forward(self, weights: Weights, shown: Tensor) -> Tensor:
        """Turn images into features.

        Weights are scaled here, not where they are drawn, so that a step of the optimiser, which has the
        same size for each weight, changes all layers by the same fraction: Karras et al. 2018, arXiv:1710.10196.

        Parameters
        ----------
        weights : mapping of Tensor, [network, ...]
        shown : Tensor, shape [network, image, channel]
            Channels of a square image of three colours: colour, row, column; brightness 0 to 1.

        Returns
        -------
        Tensor, shape [network, image, feature]
        """
        return self.features(self.sized(weights), shown)

    def sized(self, weights: Weights) -> Weights:
        """Scale weights as `features` needs them."""
        sized, last = dict(weights), len(self.filters) - 1
        for layer in range(last + 1):
            name = f"convolution_{layer}"
            filters = _centred(weights[name]) if layer else weights[name]
            gain = FEATURE_GAIN if layer == last else 2  # as many rectified rates are 0, the others keep the variance
            sized[name] = filters * math.sqrt(gain / math.prod(filters.shape[2:]))
        # the contrast of an image, (shown - MIDDLE) / SPREAD, by other weights: images are large
        sized["convolution_0"] = sized["convolution_0"] / SPREAD
        shift = MIDDLE * sized["convolution_0"].flatten(2).sum(-1)
        return sized | {"convolution_0_bias": weights["convolution_0_bias"] - shift}

    def features(self, sized: Weights, shown: Tensor) -> Tensor:
        """Do the same as `forward` with weights that are scaled already."""
        return torch.stack([self._features(sized, n, images) for n, images in enumerate(shown)])

    def _features(self, sized: Weights, n: int, shown: Tensor) -> Tensor:
        """Return the features of one network: a convolution of several at once is not faster, and rounds otherwise."""
        side = self.sides(shown.shape[-1])[0]
        seen = shown.unflatten(-1, (COLOURS, side, side))
        for layer, stride in enumerate(self.strides):
            if layer:
                seen.relu_()
            filters, bias = sized[f"convolution_{layer}"], sized[f"convolution_{layer}_bias"]
            seen = functional.conv2d(seen, filters[n], bias[n], stride)
        return seen.flatten(1)

    def backward(self, weights: Weights, shown: Tensor, features: Tensor, d_features: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights.

        Parameters
        ----------
        weights : mapping of Tensor, [network, ...]
        shown : Tensor, shape [network, image, channel]
        features, d_features : Tensor, shape [network, image, feature]
            Output of `forward` for these images, and the derivative of the scalar with respect to it.
        """
        of_networks = [
            self._gradient({name: weight[n : n + 1] for name, weight in weights.items()}, *distinct(*of_network))
            for n, of_network in enumerate(zip(shown, features, d_features, strict=True))
        ]
        return {name: torch.cat([gradient[name] for gradient in of_networks]) for name in weights}

    def _gradient(self, weights: Weights, shown: Tensor, d_features: Tensor) -> Weights:
        total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        leaves = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
        batches = zip(shown.split(FRAMES_AT_ONCE), d_features.split(FRAMES_AT_ONCE), strict=True)
        for images, errors in batches:
            with torch.enable_grad():
                features = self.forward(leaves, images.unsqueeze(0))
            found = torch.autograd.grad(features, list(leaves.values()), errors.unsqueeze(0))
            for name, gradient in zip(leaves, found, strict=True):
                total[name] += gradient
        return total


def distinct(shown: Tensor, features: Tensor, errors: Tensor) -> tuple[Tensor, Tensor]:
    """Return every image once, with the sum of its errors: in an episode most images are seen several times.

    Parameters
    ----------
    shown : Tensor, shape [image, channel]
    features, errors : Tensor, shape [image, feature]

    Returns
    -------
    Tensor, shape [different image, channel]
    Tensor, shape [different image, feature]

    Notes
    -----
    Images count as the same where two random sums of their features are: features are fewer than pixels, and where
    they are the same, so is the gradient. For images that differ this happens once in some 10¹³ pairs.

    Examples
    --------
    >>> image, error = torch.tensor([[0.5], [0.25], [0.5]]), torch.tensor([[1.0], [2.0], [3.0]])
    >>> distinct(image, 4 * image - 2, error)[1].sum(1).sort().values
    tensor([2., 4.])
    """
    sums = torch.randn(features.shape[-1], 2, generator=torch.Generator().manual_seed(0)).to(features)
    marks, number = (features @ sums).float().view(torch.int64).squeeze(-1).unique(return_inverse=True)
    first = torch.zeros_like(marks).index_copy_(0, number, torch.arange(len(shown), device=shown.device))
    summed = errors.new_zeros(len(marks), errors.shape[-1]).index_add_(0, number, errors)
    return shown[first], summed


def _centred(weight: Tensor) -> Tensor:
    """Subtract the mean from the weights of rectified inputs, so that features do not have a large common constant.

    Rectified rates are all positive, and their variance is smaller than their mean square by a factor of
    1 − 1/π, which is corrected here: Brock et al. 2021, arXiv:2101.08692.
    """
    return (weight - weight.mean(tuple(range(2, weight.ndim)), keepdim=True)) / math.sqrt(1 - 1 / math.pi)
