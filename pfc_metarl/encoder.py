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
        Features that reach the core.
    learned : bool
        Whether the weights are learned, or stay as they were drawn: random features, which cost half as much.
    """

    filters: tuple[int, ...] = Field((16, 32), min_length=1)
    kernels: tuple[int, ...] = Field((8, 4), min_length=1)
    strides: tuple[int, ...] = Field((4, 2), min_length=1)
    units: int = Field(256, ge=1, le=100_000)
    learned: bool = True

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
            filters, bias = _sized(weights[f"convolution_{layer}"]), weights[f"convolution_{layer}_bias"]
            seen = functional.conv2d(seen, filters.flatten(0, 1), bias.flatten(), stride, groups=n).relu_()
        flat = seen.unflatten(1, (n, -1)).flatten(2).transpose(0, 1)
        return torch.baddbmm(weights["features_bias"].unsqueeze(1), flat, _sized(weights["features"]).mT)

    def backward(self, weights: Weights, shown: Tensor, d_features: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights.

        Parameters
        ----------
        weights : mapping of Tensor, [network, ...]
        shown : Tensor, shape [network, image, channel]
        d_features : Tensor, shape [network, image, units]
            Derivative of the scalar with respect to the features of these images.
        """
        total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        at_once = max(1, FRAMES_AT_ONCE // len(shown))
        leaves = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
        for images, errors in zip(shown.split(at_once, 1), d_features.split(at_once, 1), strict=True):
            with torch.enable_grad():
                features = self.forward(leaves, images)
            for name, gradient in zip(
                leaves, torch.autograd.grad(features, list(leaves.values()), errors), strict=True
            ):
                total[name] += gradient
        return total


def _sized(weight: Tensor) -> Tensor:
    """Scale weights so that rectified layers keep their variance.

    Done here, not where weights are drawn, so that a step of the optimiser, which is as large for each weight, changes
    no layer by more than another: Karras et al. 2018, arXiv:1710.10196.
    """
    return weight * math.sqrt(2 / math.prod(weight.shape[2:]))
