"""The Kalman filter: the mean and the uncertainty of what each of any number of drifting options pays."""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from pfc_metarl.models.base import Experience, Model, NonNegative, Positive, Probability, Real, chosen, filled, spread
from pfc_metarl.settings import settings


class Gaussian(NamedTuple):
    """Belief about the payoff of each option, shape [..., option] each."""

    mean: Tensor
    variance: Tensor


@settings
class KalmanFilter(Model):
    """Learns faster about options of which less is known, and may prefer them.

    Parameters
    ----------
    drift_sd : float
        Standard deviation of the random walk of a payoff, per trial.
    noise_sd : float
        Standard deviation of a reward around the payoff.
    decay : float
        How much of its distance to `center` a payoff keeps from trial to trial; 1 is a walk that goes anywhere.
    center, initial_sd : float
        Mean and standard deviation of a payoff before the first trial.
    uncertainty_bonus : float
        φ: what an option is worth more for each unit of its standard deviation.
    inverse_temperature : float
        β of the softmax.

    Notes
    -----
    Daw et al. 2006, doi:10.1038/nature04766. The learning rate is variance / (variance + noise_sd²).

    Examples
    --------
    >>> from pfc_metarl.models import Experience
    >>> filter = KalmanFilter(initial_sd=1.0, noise_sd=1.0, drift_sd=0.0)
    >>> trial = Experience(choice=torch.tensor([0]), reward=torch.ones(1), finished=torch.tensor([True]))
    >>> filter.values(filter.update(filter.begin((1,), n_options=3), trial))
    tensor([[0.7500, 0.5000, 0.5000]])
    """

    drift_sd: NonNegative = 0.1
    noise_sd: Positive = 0.4
    decay: Probability = 1.0
    center: Real = 0.5
    initial_sd: Positive = 0.3
    uncertainty_bonus: Real = 0.0
    inverse_temperature: NonNegative = 5.0

    signals: ClassVar[tuple[str, ...]] = ("uncertainty",)

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Gaussian:
        mean = filled((*shape, n_options), self.center, dtype)
        return Gaussian(mean, filled((*shape, n_options), self.initial_sd, dtype) ** 2)

    def learn(self, state: Gaussian, experience: Experience) -> Gaussian:
        noise, drift, decay, center = (
            spread(parameter, state.mean) for parameter in (self.noise_sd, self.drift_sd, self.decay, self.center)
        )
        gain = state.variance / (state.variance + noise**2)
        gain = gain * chosen(experience.choice, state.mean.shape[-1])
        error = self.prediction_error(state, experience).unsqueeze(-1)
        mean, variance = state.mean + gain * error, (1 - gain) * state.variance
        return Gaussian(center + decay * (mean - center), decay**2 * variance + drift**2)

    def values(self, state: Gaussian) -> Tensor:
        return state.mean

    def logits(self, state: Gaussian) -> Tensor:
        bonus, beta = (spread(p, state.mean) for p in (self.uncertainty_bonus, self.inverse_temperature))
        return beta * (state.mean + bonus * state.variance.clamp(min=TINY).sqrt())

    def read(self, state: Gaussian) -> dict[str, Tensor]:
        """Return the standard deviation of the option that is thought best."""
        best = state.mean.argmax(-1, keepdim=True)
        return {"uncertainty": state.variance.gather(-1, best).squeeze(-1).sqrt()}


TINY = 1e-12
"""Smallest variance under a root, whose derivative is infinite at 0."""
