"""A convolutional encoder between what a task shows and the core: for tasks that show an image.

Every network of a cohort has filters of its own; one grouped convolution serves all.
"""

import math

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from pfc_metarl.settings import BadInput, settings
from pfc_metarl.weights import Weights

COLOURS = 3

MIDDLE, SPREAD = 0.5, 0.25
"""Brightness that counts as nothing, and its standard deviation in a picture full of contrast."""

FRAMES_AT_ONCE = 2048
"""Images that `backward` takes at a time; bounds the memory."""


@settings
class Encoder:
    """Settings of the encoder: rectified convolutions, then a linear layer, whose features have either sign.

    Parameters
    ----------
    filters, kernels, strides : tuple of int
        One entry for each convolution. The defaults suit 84 x 84 pixels, as in Mnih et al. 2016, arXiv:1602.01783.
    units : int
        Features that reach the cores.
    learned : bool
        Whether the weights are learned, or stay as they were drawn: random features, which cost less.
    learning_rate_share : float
        Steps of the optimiser here, as a share of those of the cores, whose memory must keep up with the features.
    """

    filters: tuple[int, ...] = Field((16, 32), min_length=1)
    kernels: tuple[int, ...] = Field((8, 4), min_length=1)
    strides: tuple[int, ...] = Field((4, 2), min_length=1)
    units: int = Field(256, ge=1, le=100_000)
    learned: bool = True
    learning_rate_share: float = Field(1.0, gt=0, le=1, allow_inf_nan=False)

    def __post_init__(self) -> None:
        lengths = {len(self.filters), len(self.kernels), len(self.strides)}
        if len(lengths) > 1 or min(*self.filters, *self.kernels, *self.strides) < 1:
            raise ValueError(
                f"filters = {self.filters}, kernels = {self.kernels}, strides = {self.strides} "
                "must be as many each, and at least 1"
            )

    def sides(self, n_channels: int) -> list[int]:
        """Return the side of the image in pixels, and of what each convolution makes of it.

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

    def draw(self, n_channels: int, generator: torch.Generator) -> Weights:
        """Draw the weights of one network: standard Gaussian; `forward` brings them to size."""
        side = self.sides(n_channels)[-1]
        widths = [COLOURS, *self.filters]
        shapes: list[tuple[str, tuple[int, ...]]] = [
            (f"convolution_{layer}", (after, before, kernel, kernel))
            for layer, (before, after, kernel) in enumerate(zip(widths, self.filters, self.kernels, strict=False))
        ]
        shapes.append(("features", (self.units, widths[-1] * side**2)))
        weights: Weights = {}
        for name, shape in shapes:
            weights[name] = torch.randn(shape, generator=generator)
            weights[f"{name}_bias"] = torch.zeros(shape[0])
        return weights

    def forward(self, weights: Weights, shown: Tensor) -> Tensor:
        """Turn images into features.

        Parameters
        ----------
        weights : mapping of Tensor, [network, ...]
        shown : Tensor, shape [network, image, channel]
            Channels of a square image of three colours: colour, row, column; brightness 0 to 1.

        Returns
        -------
        Tensor, shape [network, image, units]
        """
        n, side = len(shown), self.sides(shown.shape[-1])[0]
        seen = ((shown - MIDDLE) / SPREAD).unflatten(-1, (COLOURS, side, side)).transpose(0, 1).flatten(1, 2)
        for layer, stride in enumerate(self.strides):
            filters, bias = weights[f"convolution_{layer}"], weights[f"convolution_{layer}_bias"]
            sized = _sized(_centred(filters) if layer else filters, 2)
            seen = functional.conv2d(seen, sized.flatten(0, 1), bias.flatten(), stride, groups=n).relu_()
        flat = seen.unflatten(1, (n, -1)).flatten(2).transpose(0, 1)
        features = _sized(_centred(weights["features"]), 1)
        return torch.baddbmm(weights["features_bias"].unsqueeze(1), flat, features.mT)

    def backward(self, weights: Weights, shown: Tensor, d_features: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights.

        Parameters
        ----------
        weights : mapping of Tensor, [network, ...]
        shown : Tensor, shape [network, image, channel]
        d_features : Tensor, shape [network, image, units]
            Derivative of the scalar with respect to the features of these images.
        """
        of_networks = [
            self._gradient({name: weight[n : n + 1] for name, weight in weights.items()}, *distinct(images, errors))
            for n, (images, errors) in enumerate(zip(shown, d_features, strict=True))
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


def distinct(shown: Tensor, errors: Tensor) -> tuple[Tensor, Tensor]:
    """Return every image once, with the sum of its errors: in an episode the gaze comes back to most of what it saw.

    Parameters
    ----------
    shown : Tensor, shape [image, channel]
    errors : Tensor, shape [image, units]

    Returns
    -------
    Tensor, shape [different image, channel]
    Tensor, shape [different image, units]

    Notes
    -----
    Images of the same bits have the same mark, a random sum of them modulo 2⁶⁴; two others have it with a probability
    of about 2⁻⁶⁴.

    Examples
    --------
    >>> distinct(torch.tensor([[0.5], [0.25], [0.5]]), torch.tensor([[1.0], [2.0], [3.0]]))[1].sum(1).sort().values
    tensor([2., 4.])
    """
    bits = shown.contiguous().view(torch.int32)
    weight = torch.randint(2**62, bits.shape[-1:], generator=torch.Generator().manual_seed(0)).to(bits.device)
    marks, number = (bits * (2 * weight + 1)).sum(-1).unique(return_inverse=True)
    first = torch.zeros_like(marks).index_copy_(0, number, torch.arange(len(bits), device=bits.device))
    summed = errors.new_zeros(len(marks), errors.shape[-1]).index_add_(0, number, errors)
    return shown[first], summed


def _sized(weight: Tensor, gain: float) -> Tensor:
    """Scale weights so that layers keep the size of what they see: a gain of 2 before a rectifier, else 1.

    Done here, not where weights are drawn, so that a step of the optimiser, which is as large for each weight, changes
    no layer by more than another: Karras et al. 2018, arXiv:1710.10196.
    """
    return weight * math.sqrt(gain / math.prod(weight.shape[2:]))


def _centred(weight: Tensor) -> Tensor:
    """Take the mean from the weights of what was rectified, so that features do not share one large constant.

    Rectified rates are all positive, and the variance that they keep is smaller than their mean square by a factor of
    1 − 1/π, which is put right here: Brock et al. 2021, arXiv:2101.08692.
    """
    return (weight - weight.mean(tuple(range(2, weight.ndim)), keepdim=True)) / math.sqrt(1 - 1 / math.pi)
