"""Models of bandits with independent options that look ahead: the Gittins index, and the exact optimum."""

import functools

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.models.bandits import CountingModel, Counts
from pfc_metarl.models.base import CERTAIN, preferred
from pfc_metarl.models.two_step import two_options
from pfc_metarl.settings import BadInput, settings

TIE = 1e-9
"""Difference in expected reward up to which two options count as equal."""


@settings
class Gittins(CountingModel):
    """Chooses the option with the largest Gittins index: the sure payment per trial that is worth as much.

    Parameters
    ----------
    horizon_discount : float
        Weight of the next trial's reward beside this one's; 1 − 1/T fits T trials.

    Notes
    -----
    Optimal for any number of independent arms if rewards are discounted and the episode has no end; beta priors (1, 1).
    Gittins 1979, doi:10.1111/j.2517-6161.1979.tb01068.x.
    """

    horizon_discount: float = Field(0.99, gt=0, lt=1)

    def logits(self, state: Counts) -> Tensor:
        most = int(state.pulls.max())
        table = gittins_indices(max(128, 1 << most.bit_length()), self.horizon_discount)
        return preferred(table[state.wins.long(), state.losses.long()])


@functools.lru_cache(maxsize=4)
def gittins_indices(n_pulls: int, discount: float, n_rates: int = 501, beyond: int = 100) -> Tensor:
    """Return the Gittins indices of a Bernoulli arm by calibration.

    Parameters
    ----------
    n_pulls : int
        Pulls up to which indices are wanted.
    discount : float
        γ.
    n_rates : int
        Sure payments λ that the arm is compared with, evenly spaced in [0, 1]; between them indices are interpolated.
    beyond : int
        Pulls after `n_pulls` that are looked ahead at; after them the arm counts as known.

    Returns
    -------
    Tensor, shape [n_pulls + 1, n_pulls + 1]
        Index by wins and losses; NaN where their sum exceeds `n_pulls`.

    Notes
    -----
    With payments scaled by 1 − γ, V(w, l) = max(λ, p (1 − γ + γ V(w+1, l)) + (1 − p) γ V(w, l+1)), p = (w+1)/(w+l+2);
    the index is the λ at which both sides of the maximum are equal.
    """
    rates = np.linspace(0, 1, n_rates)[:, None]
    last = n_pulls + beyond
    value = np.maximum(rates, (np.arange(last + 1) + 1) / (last + 2))
    indices = np.full((n_pulls + 1, n_pulls + 1), np.nan)
    for pulls in range(last - 1, -1, -1):
        wins = np.arange(pulls + 1)
        p = (wins + 1) / (pulls + 2)
        going_on = p * (1 - discount + discount * value[:, 1:]) + (1 - p) * discount * value[:, :-1]
        value = np.maximum(rates, going_on)
        if pulls <= n_pulls:
            indices[wins, pulls - wins] = crossing(rates[:, 0], going_on - rates)
    return torch.from_numpy(indices)


def crossing(rates: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return the rate at which each column of `gain`, which falls from row to row, passes zero."""
    row = np.clip((gain > 0).sum(0), 1, len(rates) - 1)
    column = np.arange(gain.shape[1])
    before, after = gain[row - 1, column], gain[row, column]
    fraction = np.clip(before / (before - after), 0, 1)
    return np.asarray(rates[row - 1] + fraction * (rates[row] - rates[row - 1]))


@settings
class BayesOptimal(CountingModel):
    """Maximises the expected reward of the episode, exactly: two independent arms, uniform priors, a known horizon.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    """

    n_trials: int = Field(100, ge=1)

    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> Counts:
        two_options(self, n_options)
        return super().begin(shape, n_options, dtype)

    def logits(self, state: Counts) -> Tensor:
        trials = state.pulls.sum(-1).long()
        if int(trials.max()) >= self.n_trials:
            raise BadInput(f"n_trials = {self.n_trials} of BayesOptimal: an episode has more trials; make it larger.")
        (wins1, wins2), losses1 = state.wins.long().unbind(-1), state.losses[..., 0].long()
        advantage = torch.zeros_like(trials)
        for trial in trials.unique().tolist():
            now = trials == trial
            advantage[now] = optimal_policy(self.n_trials)[0][trial][wins1[now], losses1[now], wins2[now]].long()
        return CERTAIN * torch.stack([advantage >= 0, advantage <= 0], -1)


@functools.lru_cache(maxsize=4)
def optimal_policy(n_trials: int, discount: float = 1.0) -> tuple[list[Tensor], float]:
    """Return the optimal policy for two independent arms with uniform priors, by backward induction.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    discount : float
        Weight of the reward of the next trial, relative to that of this one.

    Returns
    -------
    policy : list of Tensor of int8, shape [t + 1, t + 1, t + 1]
        For each trial t, by wins of the first arm, its losses, and wins of the second (whose losses follow
        of t): 1 if the first arm is better, −1 if the second is, 0 if they are equal.
    value : float
        Expected reward of an episode, discounted.

    Examples
    --------
    >>> policy, value = optimal_policy(2)
    >>> round(value, 4), policy[1][1, 0, 0].item(), policy[1][0, 1, 0].item()  # 1/2, then win-stay-lose-shift
    (1.0833, 1, -1)
    """
    value = np.zeros((n_trials + 1,) * 3)
    policy = []
    for trial in range(n_trials - 1, -1, -1):
        wins1, losses1, wins2 = np.ogrid[: trial + 1, : trial + 1, : trial + 1]
        losses2 = np.maximum(trial - wins1 - losses1 - wins2, 0)
        p1, p2 = (wins1 + 1) / (wins1 + losses1 + 2), (wins2 + 1) / (wins2 + losses2 + 2)
        later = discount * value
        first = p1 * (1 + later[1:, :-1, :-1]) + (1 - p1) * later[:-1, 1:, :-1]
        second = p2 * (1 + later[:-1, :-1, 1:]) + (1 - p2) * later[:-1, :-1, :-1]
        value = np.maximum(first, second)
        policy.append(torch.from_numpy((first > second + TIE).astype(np.int8) - (second > first + TIE)))
    return policy[::-1], float(value[0, 0, 0])
