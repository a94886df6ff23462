"""The Gittins index of an arm with a known number of trials to come."""

import functools

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.bandits import CountingModel, Counts
from pfc_metarl.models.base import preferred
from pfc_metarl.models.bayes_optimal import crossing
from pfc_metarl.settings import BadInput, settings


@settings
class FiniteHorizonGittins(CountingModel):
    """Chooses the option with the largest Gittins index for the trials that are left, without discounting.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.

    Notes
    -----
    The index of an option is the sure payment per trial that is worth as much as the option, if the learner may change
    from the option to the payment once. The rule is close to the optimum, `BayesOptimal`, and, unlike it, takes any
    number of options. Kaufmann 2018, doi:10.1214/17-AOS1569.
    """

    n_trials: int = Field(100, ge=1, le=500)

    def logits(self, state: Counts) -> Tensor:
        trials = state.pulls.sum(-1, keepdim=True).long()
        if int(trials.max()) >= self.n_trials:
            raise BadInput(
                f"n_trials = {self.n_trials} of FiniteHorizonGittins: an episode has more trials; make it larger."
            )
        table = finite_horizon_indices(self.n_trials)
        return preferred(table[self.n_trials - trials, state.wins.long(), state.losses.long()])


@functools.lru_cache(maxsize=4)
def finite_horizon_indices(n_trials: int, n_rates: int = 501) -> Tensor:
    """Return the Gittins indices of a Bernoulli arm for each number of trials to come, by calibration.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    n_rates : int
        Sure payments λ that the arm is compared with, evenly spaced in [0, 1]; between them indices are interpolated.

    Returns
    -------
    Tensor, shape [n_trials + 1, n_trials, n_trials]
        Index by trials to come, wins and losses; NaN where all of them exceed `n_trials`, or none is to come.

    Notes
    -----
    With m trials to come, V(w, l, m) = max(m λ, p (1 + V(w+1, l, m−1)) + (1 − p) V(w, l+1, m−1)), p = (w+1)/(w+l+2);
    the index is the λ at which both sides of the maximum are equal.

    Examples
    --------
    >>> indices = finite_horizon_indices(2)
    >>> [round(indices[left, 0, 0].item(), 3) for left in (1, 2)]  # 1/2, then 5/9
    [0.5, 0.556]
    """
    rates = np.linspace(0, 1, n_rates)[:, None, None]
    indices = np.full((n_trials + 1, n_trials, n_trials), np.nan)
    value = np.zeros((n_rates, n_trials + 1, n_trials + 1))
    for left in range(1, n_trials + 1):
        most = n_trials - left
        wins, losses = np.ogrid[: most + 1.0, : most + 1.0]
        p = (wins + 1) / (wins + losses + 2)
        going_on = p * (1 + value[:, 1 : most + 2, : most + 1]) + (1 - p) * value[:, : most + 1, 1 : most + 2]
        value = np.maximum(left * rates, going_on)
        gain = (going_on - left * rates).reshape(n_rates, -1)
        index = crossing(rates[:, 0, 0], gain).reshape(most + 1, most + 1)
        indices[left, : most + 1, : most + 1] = np.where(wins + losses <= most, index, np.nan)
    return torch.from_numpy(indices)
