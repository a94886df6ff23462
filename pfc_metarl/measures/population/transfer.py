"""Transfer: whether a read-out fitted in one recording holds in another one, of another task or condition."""

import numpy as np
import sklearn
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import generator, labels, positions, trial_activity
from pfc_metarl.measures.population.readout import (
    QUICK,
    SCORES,
    Kind,
    checked_target,
    classes_of,
    compared,
    predicted,
    read_out,
    scored,
)
from pfc_metarl.settings import BadInput, counted


def transfer_decoding(
    recording: xr.Dataset,
    target: xr.DataArray,
    other: xr.Dataset,
    other_target: xr.DataArray,
    kind: Kind,
    phase: str | None = None,
    other_phase: str | None = None,
    variable: str = "hidden",
    n_shuffles: int = 100,
    penalty: float = 1.0,
    seed: int = 0,
) -> xr.Dataset:
    """Decode a target in one recording with a read-out fitted to another one of the same networks.

    Parameters
    ----------
    recording, other : Dataset
        The read-out is fitted to the first and tested in the second: another task, another condition, a lesion.
    target, other_target : DataArray, dims (network, episode, trial)
        What to decode in each.
    kind, phase, other_phase, variable, n_shuffles, penalty, seed
        As for `pfc_metarl.measures.population_decoding`; it is the other recording's targets that are shuffled. Where
        they are the same in all its episodes, that changes nothing, and `n_shuffles` must be 0.

    Returns
    -------
    Dataset, dims (subject, metric)
        ``score``, ``chance``, ``p_value``, ``shuffled(subject, metric, shuffle)`` and ``n_trials(subject)`` of the
        other recording, as of `population_decoding`. A network in which a label does not occur in both recordings has
        NaN, ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If recordings and targets do not fit, are not of the same networks, or nothing can be decoded in any network.

    Examples
    --------
    A read-out of the choice, fitted to one recording, holds in another one of the same networks, which encode it
    in the same way: 0.84 = Φ(1) of the choices are read correctly.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> first, second = (example_recording(seed=seed) for seed in (0, 1))
    >>> choices = [trial_view(recording, "action", "choice") for recording in (first, second)]
    >>> found = transfer_decoding(first, choices[0], second, choices[1], "classes", n_shuffles=0)
    >>> bool(abs(found["score"].sel(metric="accuracy").mean() - 0.84) < 0.03)
    True
    """
    truth = checked_target(recording, target, kind, variable, n_shuffles, penalty)
    other_truth = checked_target(other, other_target, kind, variable, n_shuffles, penalty, "other_target")
    place, units = _places(recording, other, variable)
    phase = phase_names(recording)[0] if phase is None else phase
    other_phase = phase_names(other)[0] if other_phase is None else other_phase
    classes = classes_of(np.append(truth, other_truth), kind)
    n_networks = len(truth)
    score, shuffled = np.full((n_networks, 2), np.nan), np.full((n_networks, 2, n_shuffles), np.nan)
    n_trials, reasons = np.zeros(n_networks, int), []
    for network, label in enumerate(labels(recording, "network")):
        pair = [
            (trial_activity(recording, network, variable, phase), truth[network]),
            (trial_activity(other, place[network], variable, other_phase)[..., units], other_truth[place[network]]),
        ]
        reasons.append(_transfer_problem(pair, classes, n_shuffles))
        if not reasons[-1]:
            random = generator(seed, label)
            score[network], shuffled[network] = _transferred(pair, classes, penalty, random, n_shuffles)
            n_trials[network] = int(_known(*pair[1]).sum())
    refuse_all(reasons)
    chance, p_value = compared(score, shuffled)
    data = {
        "score": (("subject", "metric"), score),
        "chance": (("subject", "metric"), chance),
        "p_value": (("subject", "metric"), p_value),
        "shuffled": (("subject", "metric", "shuffle"), shuffled),
        "n_trials": ("subject", n_trials),
        **validity(reasons),
    }
    coords = {"subject": labels(recording, "network"), "metric": list(SCORES[kind])}
    return xr.Dataset(data, coords, {"phase": phase, "other_phase": other_phase, "kind": kind})


def _places(recording: xr.Dataset, other: xr.Dataset, variable: str) -> tuple[list[int], list[int]]:
    """Return the positions of the networks, and of the units, of a recording in the other one."""
    if other is recording:
        raise BadInput("other: is the recording itself, whose trials the read-out has seen; give other episodes.")
    networks = positions(labels(recording, "network"), labels(other, "network"))
    if networks is None:
        raise BadInput("other: is a recording of other networks; give recordings of the same run.")
    own, its = recording[variable], other[variable]
    if own.shape[-1] != its.shape[-1]:
        raise BadInput(
            f"variable = {variable!r}: has {counted(own.shape[-1], 'unit')} in one recording and {its.shape[-1]} in "
            "the other."
        )
    units = positions(labels(own, own.dims[-1]), labels(its, its.dims[-1]))
    if units is None:
        raise BadInput(f"variable = {variable!r}: the units of the two recordings have other names.")
    return networks, units


Pair = list[tuple[np.ndarray, np.ndarray]]
"""Activity [episode, trial, unit] and target [episode, trial] of a network, in the two recordings."""


def _known(activity: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.asarray(np.isfinite(truth) & np.isfinite(activity).all(-1))


def _transfer_problem(pair: Pair, classes: np.ndarray, n_shuffles: int) -> str:
    for name, (activity, truth) in zip(("target", "other_target"), pair, strict=True):
        seen = truth[_known(activity, truth)]
        for label in classes:
            if label not in seen:
                return f"{name}: {label:g} never occurs"
        if len(np.unique(seen)) < 2:
            return f"{name}: all its known values are the same in a network, so there is nothing to decode"
    first = truth[0]
    if all(np.array_equal(row, first, equal_nan=True) for row in truth):
        if n_shuffles:
            return "other_target is the same in all episodes, trial by trial; shuffles change nothing: n_shuffles = 0"
        if all(np.array_equal(row, first, equal_nan=True) for row in pair[0][1]):
            return "target and other_target are the same in all episodes, trial by trial, so that a clock decodes them"
    return ""


def _transferred(
    pair: Pair, classes: np.ndarray, penalty: float, random: np.random.Generator, n_shuffles: int
) -> tuple[tuple[float, float], np.ndarray]:
    """Return the scores, and those of shuffles, [metric, shuffle]."""
    (activity, truth), (other, other_truth) = pair
    seen, alive = _known(activity, truth), np.isfinite(other).all(-1)
    with sklearn.config_context(**QUICK):
        model = read_out(classes, penalty).fit(activity[seen], truth[seen])
        said, given = predicted(model, other[alive], classes)

        def score(true: np.ndarray) -> tuple[float, float]:
            known = np.isfinite(true)
            return scored(true[known], said[known], given[known], classes)

        permuted = [score(other_truth[random.permutation(len(other_truth))][alive]) for _ in range(n_shuffles)]
        return score(other_truth[alive]), np.reshape(permuted, (n_shuffles, 2)).T
