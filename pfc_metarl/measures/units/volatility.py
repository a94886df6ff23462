"""Volatility in activity: which units track it, and how well it is decoded from all of them.

Where every episode has the same order of stable and volatile trials, a clock decodes volatility. So these measures need
episodes of both orders in one recording: see `pfc_metarl.data.combining.joined`.
"""

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import previous
from pfc_metarl.measures.population.decoding import population_decoding
from pfc_metarl.measures.units.permutation import permuted_encoding
from pfc_metarl.settings import BadInput

EVERY = 10
"""Successive trials are similar: every tenth is nearly as informative as all, and takes a tenth of the time."""


LEARNING_RATE, REWARD_RATE = 0.3, 0.1
"""Rates of the running averages of `volatility_nuisances`: of a simple learner, and over about ten trials; ours."""


def volatility_nuisances(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return what differs between volatile and stable trials, or drifts with them, and is not volatility.

    Parameters
    ----------
    recording : Dataset
        With ``p_reward`` of two options; one step a trial.

    Returns
    -------
    dict of DataArray, dims (network, episode, trial)
        Of the world: "p_left", and "time since reversal" (logarithm of trials). Of the last trial: "previous reward",
        "previous action", and "surprise", the unsigned prediction error of a learner with a fixed rate (0.3), which
        knows nothing of volatility. Of more trials: "confidence", the unsigned difference of that learner's values,
        and "reward rate", a running average over about ten trials.

    Raises
    ------
    BadInput
        If `p_reward` has no dimension option.

    Examples
    --------
    >>> from pfc_metarl.data.example import volatility_example
    >>> list(volatility_nuisances(volatility_example()))[:3]
    ['p_left', 'time since reversal', 'previous reward']
    """
    phase = phase_names(recording)[0]
    reward, action = (trial_view(recording, name, phase).astype(float) for name in ("reward", "action"))
    p_reward = trial_view(recording, "p_reward", phase)
    if "option" not in p_reward.dims:
        raise BadInput("p_reward: must have a dimension option, the probability of reward of each.")
    p_left = p_reward.isel(option=0, drop=True)
    values = action.copy(data=_running(action.values, reward.values))
    right = action == 1
    expected = xr.where(right, 1 - values, values)
    return {
        "p_left": p_left,
        "time since reversal": p_left.copy(data=np.log(_since_change(p_left.values))),
        "previous reward": previous(reward),
        "previous action": previous(action),
        "surprise": previous(abs(reward - expected)),
        "confidence": abs(2 * values - 1),
        "reward rate": previous(reward.copy(data=_averaged(reward.values))),
    }


def _running(action: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """Return how likely the left arm pays for a learner of anticorrelated arms, before each trial."""
    left = np.where(action == 1, 1 - reward, reward)
    found = np.full(left.shape, 0.5)
    for trial in range(1, left.shape[-1]):
        before = found[..., trial - 1]
        found[..., trial] = before + LEARNING_RATE * (left[..., trial - 1] - before)
    return found


def _averaged(reward: np.ndarray) -> np.ndarray:
    found = np.full(reward.shape, 0.5)
    for trial in range(reward.shape[-1]):
        before = found[..., trial - 1] if trial else found[..., 0]
        found[..., trial] = before + REWARD_RATE * (reward[..., trial] - before)
    return found


def _since_change(values: np.ndarray) -> np.ndarray:
    """Return the number of trials, with this one, for which a value has been what it is."""
    changed = np.zeros(values.shape, bool)
    changed[..., 1:] = np.diff(values, axis=-1) != 0
    trial = np.arange(values.shape[-1])
    return trial - np.maximum.accumulate(np.where(changed, trial, 0), axis=-1) + 1


def volatility_units(
    recording: xr.Dataset, variable: str = "hidden", every: int = EVERY, n_permutations: int = 200
) -> xr.Dataset:
    """Test whether each unit encodes volatility beyond all that goes along with it.

    Parameters
    ----------
    recording : Dataset
        With ``volatile`` and ``p_reward`` of two options; episodes of both orders.
    variable : str
        The activity: "hidden" or "cell".
    every : int
        Use the last of every so many trials.
    n_permutations : int

    Returns
    -------
    Dataset, dims (subject, unit)
        Of `pfc_metarl.measures.permuted_encoding`, with all `volatility_nuisances` that vary in the regression.
        ``p_significant`` is the fraction of units that encode volatility; ``median`` is the partial correlation, and
        ``chance`` that of permuted episodes.

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, report 37 ± 1 % of units, with a criterion that is not known. The
    fraction depends on how many episodes are recorded, as any count of significant tests does, and on what else is in
    the regression: with `p_left`, previous reward and previous action alone, nine in ten units are counted. The
    partial correlation does not depend on the number of episodes.

    Examples
    --------
    One of two units encodes volatility, with noise.

    >>> from pfc_metarl.data.example import volatility_example
    >>> volatility_units(volatility_example())["p_significant"].values.tolist()
    [0.5, 0.5]
    """
    phase = phase_names(recording)[0]
    nuisances = volatility_nuisances(recording)
    varying = {name: values for name, values in nuisances.items() if float(values.max()) > float(values.min())}
    regressors = {"volatile": _volatile(recording, phase, every), **varying}
    return permuted_encoding(recording, regressors, "volatile", phase, variable, n_permutations)


def volatility_decoding(
    recording: xr.Dataset, variable: str = "hidden", every: int = EVERY, n_shuffles: int = 20
) -> xr.Dataset:
    """Decode from each network's units whether the world is volatile.

    Parameters
    ----------
    recording : Dataset
        With ``volatile``; episodes of both orders.
    variable : str
        The activity: "hidden" or "cell".
    every : int
        Read-outs are fitted to, and tested in, the last of every so many trials; they are applied to all.
    n_shuffles : int

    Returns
    -------
    Dataset
        Of `pfc_metarl.measures.population_decoding`; ``probability`` at label 1 is the decoded volatility.

    Examples
    --------
    One of two units follows volatility by three standard deviations of its noise: Φ(1.5) = 0.93 of the trials are
    decoded.

    >>> from pfc_metarl.data.example import volatility_example
    >>> found = volatility_decoding(volatility_example(), every=2, n_shuffles=0)
    >>> bool(abs(found["score"].sel(metric="accuracy") - 0.93).max() < 0.05)
    True
    """
    phase = phase_names(recording)[0]
    target = _volatile(recording, phase, every)
    return population_decoding(recording, target, "classes", phase, variable, n_shuffles=n_shuffles)


def _volatile(recording: xr.Dataset, phase: str, every: int) -> xr.DataArray:
    if every < 1:
        raise BadInput(f"every = {every}: must be at least 1.")
    volatile = trial_view(recording, "volatile", phase)
    return volatile.where(volatile["trial"] % every == every - 1)
