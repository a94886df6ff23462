"""Similarity of representations: whether two networks, or two architectures, lay out the same conditions alike."""

from collections.abc import Hashable

import numpy as np
import xarray as xr
from scipy import spatial

from pfc_metarl.settings import BadInput

FEWEST = 4
"""Conditions or moments that the estimate without bias needs."""

Pair = tuple[np.ndarray, np.ndarray]


def representational_similarity(first: xr.DataArray, second: xr.DataArray, paired: bool = False) -> xr.Dataset:
    """Compare how the networks of two recordings, or of one with itself, represent the same conditions or moments.

    Parameters
    ----------
    first, second : DataArray, dims (subject or network, ..., unit)
        Activity; what lies between must be the same in both, but the numbers of units need not. Either by conditions,
        ``condition_means(...)["activity"]``, or moment by moment, ``trial_view(recording, "hidden", phase)``.
    paired : bool
        Compare network 0 with network 0 and so on, instead of each with each. Moment by moment there is no other way:
        networks of a cohort live in different worlds, those of the same number and seed in the same.

    Returns
    -------
    Dataset, dims (subject, other), or (subject) if paired
        ``linear_cka``: centred kernel alignment without bias, 1 for representations that are the same up to rotation,
        shift and scale, around 0 (on either side) for unrelated ones; ``biased_cka``, from 0 to 1, as it is often
        given, which is far above 0 by chance where there are fewer rows than units; ``procrustes_disparity``, from 0
        for the same to 1. Attribute ``n_rows``. NaN where the activity of a network never changes.

    Raises
    ------
    BadInput
        If the two do not fit together, or there are fewer than four rows, or too few networks.

    Notes
    -----
    Kornblith et al. 2019, arXiv:1905.00414; without bias by the estimator HSIC₁ of Song et al. 2012, doi:
    10.5555/2188385.2343691, for linear kernels in the space of units. Procrustes analysis by scipy.
    """
    left, right = _rows(first, "first"), _rows(second, "second")
    _require_same_rows(first, second, paired)
    if paired:
        pairs: list[list[Pair]] = [[pair] for pair in zip(left, right, strict=True)]
    else:
        pairs = [[(one, other) for other in right] for one in left]
    table = np.array([[_compared(*pair) for pair in row] for row in pairs])
    own, others = _labels(first), _labels(second)
    dims = ("subject",) if paired else ("subject", "other")
    values = table[:, 0] if paired else table
    names = ("linear_cka", "biased_cka", "procrustes_disparity")
    return xr.Dataset(
        {name: (dims, values[..., column]) for column, name in enumerate(names)},
        coords={"subject": own, **({} if paired else {"other": others})},
        attrs={"n_rows": left[0].shape[0]},
    )


def _labels(array: xr.DataArray) -> np.ndarray:
    dim = array.dims[0]
    return np.asarray(array[dim].values if dim in array.coords else np.arange(array.sizes[dim]))


def _rows(array: xr.DataArray, name: str) -> list[np.ndarray]:
    """Return the activity of each network, [row, unit]."""
    if not isinstance(array, xr.DataArray) or array.ndim < 3 or array.dims[0] not in ("subject", "network"):
        raise BadInput(f"{name}: must be a DataArray with dims subject (or network), one or more others, and unit.")
    values = array.values.astype(float)
    if not np.isfinite(values).all():
        raise BadInput(f"{name}: holds values that are not finite; leave those conditions or trials out of both.")
    return list(values.reshape(values.shape[0], -1, values.shape[-1]))


def _require_same_rows(first: xr.DataArray, second: xr.DataArray, paired: bool) -> None:
    rows: tuple[Hashable, ...] = first.dims[1:-1]
    if rows != second.dims[1:-1]:
        raise BadInput(f"first has rows {rows}, second {second.dims[1:-1]}: they must be the same conditions.")
    for dim in rows:
        same = first.sizes[dim] == second.sizes[dim]
        if same and dim in first.coords and dim in second.coords:
            same = bool((first[dim].values == second[dim].values).all())
        if not same:
            raise BadInput(f"{dim}: first and second differ along it, but they must be the same conditions.")
    if np.prod([first.sizes[dim] for dim in rows]) < FEWEST:
        raise BadInput(f"There must be at least {FEWEST} conditions or moments to compare.")
    if "episode" in rows and not paired:
        raise BadInput("paired = False: networks live in different episodes; compare pairs, or average by condition.")
    if paired and first.shape[0] != second.shape[0]:
        raise BadInput(f"paired = True: there are {first.shape[0]} and {second.shape[0]} networks, not as many.")


def _compared(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    if not (one.any() and other.any()):
        return np.nan, np.nan, np.nan
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    own = _unbiased(one, one) * _unbiased(other, other)
    cka = _unbiased(one, other) / np.sqrt(own) if own > 0 else np.nan
    biased = _squares(one, other) / np.sqrt(_squares(one, one) * _squares(other, other))
    width = max(one.shape[1], other.shape[1])
    padded = [np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in (one, other)]
    return float(cka), float(biased), float(spatial.procrustes(*padded)[2])


def _squares(one: np.ndarray, other: np.ndarray) -> float:
    return float(((one.T @ other) ** 2).sum())


def _unbiased(one: np.ndarray, other: np.ndarray) -> float:
    """Return HSIC₁ of two linear kernels, from centred features: no matrix of rows x rows is made."""
    n = len(one)
    own, its = (one**2).sum(axis=1), (other**2).sum(axis=1)
    pairs = _squares(one, other) - own @ its
    return float((pairs + own.sum() * its.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (own @ its)) / (n * (n - 3)))
