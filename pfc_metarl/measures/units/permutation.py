"""Encoding tested by permutation of whole episodes, for activity and variables that drift within an episode.

Slow activity and slow variables are correlated by chance, so that tests which take trials as independent find encoding
where there is none. Episodes are independent, since memory is reset between them; they can be exchanged.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy.stats import false_discovery_control

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.expected import require_named
from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import generator, labels, numbers_of_trials, require_activity, trial_activity
from pfc_metarl.measures.units.regression import problem_of
from pfc_metarl.settings import BadInput

FEWEST_EPISODES = 10
"""Fewer episodes have too few different permutations of which none is close to the identity."""


def permuted_encoding(
    recording: xr.Dataset,
    regressors: Mapping[str, xr.DataArray],
    tested: str,
    phase: str | None = None,
    variable: str = "hidden",
    n_permutations: int = 200,
    level: float = 0.05,
    seed: int = 0,
) -> xr.Dataset:
    """Test whether units encode a variable beyond others, by permutation of episodes.

    Parameters
    ----------
    recording : Dataset
        It is read network by network.
    regressors : mapping of DataArray, dims (network, episode, trial)
        All of them are in the regression. A trial in which any of them is NaN is left out.
    tested : str
        The regressor that is tested, given the others.
    phase, variable : str
        As of `pfc_metarl.measures.unit_encoding`.
    n_permutations : int
    level : float
        False discovery rate, over the units of a network.
    seed : int

    Returns
    -------
    Dataset, dims (subject, unit)
        ``partial_correlation``; ``p_value``: fraction of permutations, the data among them, whose absolute partial
        correlation is at least as large; ``significant`` (after Benjamini and Hochberg). Over units:
        ``p_significant(subject)``, ``median(subject)`` of the absolute partial correlation, its mean over permutations
        ``chance(subject)``, and its ``p_network(subject)``; ``n_trials(subject)``; ``valid(subject)`` and ``reason``.

    Raises
    ------
    BadInput
        If arguments do not fit the recording, there are too few episodes, or no network can be tested.

    Notes
    -----
    Freedman & Lane 1983, doi:10.2307/1391660: what the other regressors leave of the activity is exchanged between
    episodes, trial by trial, and regressed again; the correlation of the regressors is kept. Harris 2021,
    doi:10.1101/2020.11.29.402719, on correlations of variables that drift.

    Examples
    --------
    A unit that encodes the sum of choice and reward (−1 or 1 each), with noise of variance 1.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> regressors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> found = permuted_encoding(recording, regressors, "reward", phase="outcome", n_permutations=99)
    >>> found["significant"].sel(unit="sum").values.tolist(), found["significant"].sel(unit="noise").any().item()
    ([True, True], False)
    """
    require_named(regressors, "regressors")
    names = list(regressors)
    if tested not in names:
        raise BadInput(f"tested = {tested!r}: is none of the regressors, which are {', '.join(map(str, names))}.")
    if n_permutations < 1 / level:
        raise BadInput(f"n_permutations = {n_permutations}: too few for level = {level}.")
    require_activity(recording, variable)
    if recording.sizes["episode"] < FEWEST_EPISODES:
        raise BadInput(f"recording: too few episodes, {recording.sizes['episode']}; {FEWEST_EPISODES} are needed.")
    phase = phase_names(recording)[0] if phase is None else phase
    design = [numbers_of_trials(regressors[name], recording, f"regressors[{name!r}]") for name in names]
    others = [array for name, array in zip(names, design, strict=True) if name != tested]
    found, reasons = [], []
    for network, label in enumerate(labels(recording, "network")):
        activity = trial_activity(recording, network, variable, phase)
        sample = _Episodes(activity, design[names.index(tested)][network], [array[network] for array in others])
        reasons.append(sample.reason)
        random = generator(seed, label)
        found.append(sample.tested(random, n_permutations, level) if not sample.reason else sample.nothing())
    refuse_all(reasons)
    return _labelled(found, recording, variable).assign(validity(reasons)).assign_attrs(tested=tested, phase=phase)


class _Episodes:
    """The trials of a network in which any episode counts; where others do not, what is left of them is 0."""

    def __init__(self, activity: np.ndarray, tested: np.ndarray, others: list[np.ndarray]) -> None:
        design = np.stack([tested, *others], -1)
        known = np.isfinite(activity).all(-1) & np.isfinite(design).all(-1)
        some = known.any(0)
        activity, design, known = activity[:, some], design[:, some], known[:, some]
        self.shape, self.n_units = activity.shape, activity.shape[-1]
        names = ["tested", *(f"other {number}" for number in range(1, 1 + len(others)))]
        self.reason = problem_of(activity[known], design[known], names)
        if not self.reason and not np.ptp(activity[known], axis=0).any():
            self.reason = "its activity never changes"
        if self.reason:
            return
        self.known = known.ravel()[:, None]
        given = np.concatenate([np.ones((*known.shape, 1)), design[..., 1:]], -1)
        self.basis = np.linalg.qr(self._counted(given))[0]
        left = self._without(self._counted(design[..., :1]))
        self.regressor = left / np.linalg.norm(left)
        self.residual = self._without(self._counted(activity)).reshape(self.shape)

    def _counted(self, values: np.ndarray) -> np.ndarray:
        """Return values [trial of any episode, column], 0 where a trial does not count."""
        return np.where(self.known, values.reshape(len(self.known), -1), 0.0)

    def _without(self, values: np.ndarray) -> np.ndarray:
        """Return what the other regressors leave."""
        return np.asarray(values - self.basis @ (self.basis.T @ values))

    def partial(self, order: np.ndarray) -> np.ndarray:
        """Return the partial correlation of every unit, with the residuals of episodes in another order."""
        left = self._without(self._counted(self.residual[order]))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.regressor.T @ left)[0] / np.linalg.norm(left, axis=0))

    def tested(self, random: np.random.Generator, n: int, level: float) -> dict[str, np.ndarray]:
        own = self.partial(np.arange(self.shape[0]))
        drawn = np.array([self.partial(random.permutation(self.shape[0])) for _ in range(n)])
        p = (1 + (np.abs(drawn) >= np.abs(own)).sum(0)) / (1 + n)
        p = np.where(np.isfinite(own), p, np.nan)
        alive = np.isfinite(p)
        significant = np.zeros(self.n_units, bool)
        significant[alive] = false_discovery_control(p[alive]) <= level
        median, of_drawn = np.nanmedian(np.abs(own)), np.nanmedian(np.abs(drawn), axis=1)
        return {
            "partial_correlation": own,
            "p_value": p,
            "significant": significant,
            "p_significant": significant[alive].mean(),
            "median": median,
            "chance": of_drawn.mean(),
            "p_network": np.asarray((1 + (of_drawn >= median).sum()) / (1 + n)),
            "n_trials": np.asarray(self.known.sum()),
        }

    def nothing(self) -> dict[str, np.ndarray]:
        """Return NaN for a network that cannot be tested."""
        empty = np.full(self.n_units, np.nan)
        numbers = dict.fromkeys(("p_significant", "median", "chance", "p_network"), np.asarray(np.nan))
        of_units = {"partial_correlation": empty, "p_value": empty, "significant": np.zeros(self.n_units, bool)}
        return {**of_units, **numbers, "n_trials": np.asarray(0)}


def _labelled(found: list[dict[str, np.ndarray]], recording: xr.Dataset, variable: str) -> xr.Dataset:
    units = recording[variable].dims[-1]
    coords = {"subject": labels(recording, "network"), "unit": labels(recording, units)}
    data = {
        name: (("subject", "unit")[: 1 + np.ndim(found[0][name])], np.stack([each[name] for each in found]))
        for name in found[0]
    }
    return xr.Dataset(data, coords)
