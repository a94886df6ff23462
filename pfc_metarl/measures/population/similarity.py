"""Similarity of representations: whether two networks, or two architectures, represent the same conditions alike."""

from collections.abc import Hashable

import numpy as np
import xarray as xr
from scipy import spatial

from pfc_metarl.data.validity import validity
from pfc_metarl.measures.activity import labels, positions
from pfc_metarl.settings import BadInput, counted

NEVER_CHANGES = "its activity never changes"

FEWEST = 4
"""Conditions or moments that the estimate without bias needs."""

Pair = tuple[np.ndarray, np.ndarray]


def representational_similarity(first: xr.DataArray, second: xr.DataArray, paired: bool = False) -> xr.Dataset:
    """Compare how the networks of two recordings, or of one with itself, represent the same conditions or moments.

    Parameters
    ----------
    first, second : DataArray, dims (subject or network, ..., unit)
        Activity; the dims in between must be the same in both, and are aligned by their labels; the numbers of units
        may differ. Either by conditions,
        ``condition_means(...)["activity"]``, or moment by moment, ``trial_view(recording, "hidden", phase)``.
    paired : bool
        Compare networks with the same label, instead of each with each. Moment by moment this is necessary:
        networks of a cohort have different worlds, those of the same number and seed the same.

    Returns
    -------
    Dataset, dims (subject, other), or (subject) if paired
        ``linear_cka``: centred kernel alignment without bias, 1 for representations that are the same up to rotation,
        shift and scale, around 0 (on either side) for unrelated ones; ``biased_cka``, from 0 to 1, as it is often
        given, which is far above 0 for unrelated ones if rows are fewer than units; ``procrustes_disparity``, from 0
        for the same to 1. Attribute ``n_rows``. NaN where the activity of a network never changes; where it is one of
        the first, ``valid(subject)`` is false and ``reason(subject)`` says so.

    Raises
    ------
    BadInput
        If the two do not fit together, or there are fewer than four rows, or too few networks.

    Notes
    -----
    Kornblith et al. 2019, arXiv:1905.00414; without bias by the estimator HSIC₁ of Song et al. 2012, doi:
    10.5555/2188385.2343691, for linear kernels in the space of units. Procrustes analysis by scipy.

    Examples
    --------
    Networks that encode the same signals are similar; rotated activity is the same.

    >>> random = np.random.default_rng(0)
    >>> signal = random.normal(size=(1, 50, 4))
    >>> first = xr.DataArray(signal + 0.1 * random.normal(size=(3, 50, 4)), dims=("subject", "condition", "unit"))
    >>> turned = first.copy(data=first.values[..., ::-1])
    >>> representational_similarity(first, turned, paired=True)["linear_cka"].round(6).values.tolist()
    [1.0, 1.0, 1.0]
    >>> bool(representational_similarity(first, first)["linear_cka"].min() > 0.95)
    True
    """
    _require_activity(first, "first")
    _require_activity(second, "second")
    second = _with_rows_of(first, second, paired)
    left, right = _rows(first, "first"), _rows(second, "second")
    if paired:
        pairs: list[list[Pair]] = [[pair] for pair in zip(left, right, strict=True)]
    else:
        pairs = [[(one, other) for other in right] for one in left]
    table = np.array([[_compared(*pair) for pair in row] for row in pairs])
    dims = ("subject",) if paired else ("subject", "other")
    values = table[:, 0] if paired else table
    names = ("linear_cka", "biased_cka", "procrustes_disparity")
    reasons = [NEVER_CHANGES if np.ptp(each, axis=0).max() == 0 else "" for each in left]
    return xr.Dataset(
        {name: (dims, values[..., column]) for column, name in enumerate(names)} | validity(reasons),
        coords={
            "subject": labels(first, first.dims[0]),
            **({} if paired else {"other": labels(second, second.dims[0])}),
        },
        attrs={"n_rows": left[0].shape[0]},
    )


def _require_activity(array: xr.DataArray, name: str) -> None:
    if not isinstance(array, xr.DataArray) or array.ndim < 3 or array.dims[0] not in ("subject", "network"):
        raise BadInput(f"{name}: must be a DataArray with dims subject (or network), one or more others, and unit.")


def _rows(array: xr.DataArray, name: str) -> list[np.ndarray]:
    """Return the activity of each network, [row, unit]."""
    values = array.values.astype(float)
    if not np.isfinite(values).all():
        raise BadInput(f"{name}: holds values that are not finite; leave those conditions or trials out of both.")
    return list(values.reshape(values.shape[0], -1, values.shape[-1]))


def _with_rows_of(first: xr.DataArray, second: xr.DataArray, paired: bool) -> xr.DataArray:
    """Return the second with the conditions, and if paired the networks, in the order of the first."""
    rows: tuple[Hashable, ...] = first.dims[1:-1]
    if set(rows) != set(second.dims[1:-1]):
        raise BadInput(f"first has rows {rows}, second {second.dims[1:-1]}: they must be the same conditions.")
    second = second.transpose(second.dims[0], *rows, second.dims[-1])
    for dim in rows:
        second = _along(
            first, second, dim, dim, f"{dim}: first and second differ along it, but they must be the same conditions."
        )
    if np.prod([first.sizes[dim] for dim in rows]) < FEWEST:
        raise BadInput(f"There must be at least {FEWEST} conditions or moments to compare.")
    if "episode" in rows and not paired:
        raise BadInput("paired = False: networks live in different episodes; compare pairs, or average by condition.")
    if not paired:
        return second
    n, other = first.shape[0], second.shape[0]
    if n != other:
        raise BadInput(f"paired = True: one recording has {counted(n, 'network')}, the other {other}; give as many.")
    return _along(
        first, second, first.dims[0], second.dims[0], "paired = True: the networks of the two have other labels."
    )


def _along(first: xr.DataArray, second: xr.DataArray, dim: Hashable, other: Hashable, refusal: str) -> xr.DataArray:
    """Return the second with its labels along a dimension in the order of the first; without labels order counts."""
    if first.sizes[dim] != second.sizes[other]:
        raise BadInput(refusal)
    if dim not in first.coords or other not in second.coords:
        return second
    places = positions(first[dim].values, second[other].values)
    if places is None:
        raise BadInput(refusal)
    return second.isel({other: places})


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
