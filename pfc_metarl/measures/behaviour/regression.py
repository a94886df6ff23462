"""Logistic regressions of choice on what came before: one trial back, and several."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import at_rows, role_table, rows_before
from pfc_metarl.measures.behaviour.choice import stay_table
from pfc_metarl.measures.behaviour.choice_fit import Past, biases, choice_fits, option_labels
from pfc_metarl.measures.behaviour.logistic_fit import fit_flags, logistic_fit
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput

TRIAL_TYPES = {
    "common rewarded": (1, 1),
    "common unrewarded": (1, 0),
    "rare rewarded": (0, 1),
    "rare unrewarded": (0, 0),
}
"""Trial type -> (common, rewarded)."""


def stay_regression(data: xr.Dataset | pd.DataFrame, rewarded_above: float = 0.0) -> xr.Dataset:
    """Regress staying on reward, transition, their interaction and whether the last choice was correct.

    Parameters
    ----------
    data : recording or trial table
        With ``choice1`` (0, 1 and so on), ``common`` (0 or 1) and ``reward``. The regressor ``correct`` is included if
        the table shows in ``good_state`` which second-stage state was good, by the code of the choice that commonly
        leads to it.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dim term
        ``coefficient`` (log odds), ``standard_error`` and ``p_value``, clustered by subject (by session if there is
        one subject only, not at all if there is one session only); attributes ``n_clusters``, ``n_trials`` and
        ``n_left_out``. Regressors are coded ±½. With so few clusters as subjects the p values come from Student's t
        with ``n_clusters`` − 1 degrees of freedom. ``valid``, whether there are estimates; ``penalised``, whether
        staying is separated by the regressors and the estimates are Firth's (`logistic_fit`); ``reason``, why a number
        is NaN.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, or no two successive trials have a choice.

    Notes
    -----
    The regressor ``correct`` takes up what a reward history alone explains: Akam et al. 2015,
    doi:10.1371/journal.pcbi.1004648. One fit over all subjects, statsmodels' Logit.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(400)})
    >>> table = table.assign(choice1=rng.integers(0, 2, 400), common=rng.integers(0, 2, 400))
    >>> found = stay_regression(table.assign(reward=rng.integers(0, 2, 400)))
    >>> found["term"].values.tolist(), bool((abs(found["coefficient"]) < 4 * found["standard_error"]).all())
    (['intercept', 'reward', 'transition', 'reward x transition'], True)
    """
    stays = stay_table(data, rewarded_above)
    keys, n_rows = stays.found.rows[["subject", "session"]], len(stays.used)
    table = pd.concat([stays.columns[stays.used], keys[stays.used]], axis=1)
    del stays, keys  # of a large table there is room for one copy
    if "previous_correct" in table:
        table = table[table["previous_correct"].notna()]
    if table.empty:
        raise BadInput("good_state: the trial table says of no trial followed by a choice which state was good.")
    terms = ["intercept", "reward", "transition", "reward x transition"]
    if "previous_correct" in table and table["previous_correct"].nunique() > 1:
        terms.append("correct")
    groups = table["subject" if table["subject"].nunique() > 1 else "session"].to_numpy()
    stay, design = table["stay"].to_numpy(), _stay_design(table, terms)
    del table
    fit = logistic_fit(stay, design, groups)
    return xr.Dataset(
        {
            "coefficient": ("term", fit.coefficient, {"units": "log odds"}),
            "standard_error": ("term", fit.standard_error, {"units": "log odds"}),
            "p_value": ("term", fit.p_value),
            "valid": fit.valid,
            "penalised": fit.penalised,
            "reason": fit.reason,
        },
        coords={"term": terms},
        attrs={
            "n_clusters": len(np.unique(groups)),
            "n_trials": len(stay),
            "n_left_out": n_rows - len(stay),
        },
    )


def _stay_design(table: pd.DataFrame, terms: list[str]) -> np.ndarray:
    """Return the regressors of `stay_regression`, [trial, term]."""
    design = np.ones((len(table), len(terms)), order="F")
    design[:, 1] = table["previous_reward"] - 0.5
    design[:, 2] = table["previous_common"] - 0.5
    design[:, 3] = 2 * design[:, 1] * design[:, 2]
    if "correct" in terms:
        design[:, 4] = table["previous_correct"] - 0.5
    return design


def lagged_regression(data: xr.Dataset | pd.DataFrame, n_lags: int = 5, rewarded_above: float = 0.0) -> xr.Dataset:
    """Regress the first-stage choice on the types of the trials before, for each subject.

    Parameters
    ----------
    data : recording or trial table
        With ``choice1`` (0, 1 and so on), ``common`` (0 or 1) and ``reward``. Trials marked ``forced`` are past only.
    n_lags : int
        Trials back.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dims (subject, trial_type, lag)
        ``coefficient`` and ``standard_error`` (log odds of repeating the choice made on a trial of that type),
        ``bias(subject)`` towards option 0 (with more than two options ``bias(subject, option)``, in comparison with the
        last), ``planning_weight(subject, lag)``, ``model_free_weight(subject, lag)``, their sums over lags
        ``planning_index(subject)`` and ``model_free_index(subject)``. ``n_trials(subject)`` and
        ``n_left_out(subject)``: trials that are not targets, or whose past is not known. ``valid(subject)``: whether
        there are estimates; ``penalised(subject)``: whether the choices are separated by the regressors, so that
        maximum likelihood has no finite estimate and these are Firth's; ``reason(subject)``: why numbers are NaN.

    Raises
    ------
    BadInput
        If a column is missing or holds something else.

    Notes
    -----
    Miller, Botvinick & Brody 2017, doi:10.1038/nn.4613. A regressor is +1 if a trial of its type followed a left
    (0) choice, −1 if a right one, 0 otherwise; with more than two options it is a conditional logit, in which an
    option's regressor is 1 if a trial of that type followed its choice. With coefficients w at a lag,

        planning weight = (w[common rewarded] − w[rare rewarded]) + (w[rare unrewarded] − w[common unrewarded])
        model-free weight = (w[common rewarded] + w[rare rewarded]) − (w[common unrewarded] + w[rare unrewarded])

    An index is the sum of all lags. Only several lags distinguish a planner from a model-free learner whose states
    remember the last trial: Akam et al. 2015, doi:10.1371/journal.pcbi.1004648. Penalised estimates: Firth 1993,
    doi:10.1093/biomet/80.1.27.

    Examples
    --------
    A subject that always repeats a rewarded choice and never an unrewarded one, whatever the transition:

    >>> rng = np.random.default_rng(0)
    >>> reward, common = rng.integers(0, 2, (2, 200))
    >>> choice1 = np.concatenate([[0], np.cumsum(1 - reward[:-1]) % 2])
    >>> table = pd.DataFrame({"subject": "a", "session": 0, "trial": range(200), "choice1": choice1})
    >>> found = lagged_regression(table.assign(common=common, reward=reward), n_lags=1).sel(subject="a")
    >>> found["penalised"].item(), found["model_free_index"].item() > 10, abs(found["planning_index"].item()) < 1
    (True, True, True)
    """
    if n_lags < 1:
        raise BadInput(f"n_lags = {n_lags}: must be at least 1.")
    found = role_table(data, "common", "reward", two_options=False)
    n_options = found.n_options()
    past, known = _lagged_types(found.rows, n_lags, rewarded_above)
    fits = choice_fits(found, (used := found.target.to_numpy() & known), past, n_options)
    estimates = np.array([fit.coefficient for fit in fits])
    errors = np.array([fit.standard_error for fit in fits])
    shape = (len(fits), len(TRIAL_TYPES), n_lags)
    dims = ("subject", "trial_type", "lag")
    result = xr.Dataset(
        {
            "coefficient": (dims, estimates[:, n_options - 1 :].reshape(shape), {"units": "log odds"}),
            "standard_error": (dims, errors[:, n_options - 1 :].reshape(shape), {"units": "log odds"}),
            "bias": biases(estimates, n_options),
            **found.counts(used),
            **fit_flags(fits),
        },
        coords={"subject": found.subjects, "trial_type": list(TRIAL_TYPES), "lag": np.arange(1, n_lags + 1)}
        | option_labels(n_options),
    )
    return result.assign(_indices(result["coefficient"]))


def _indices(coefficient: xr.DataArray) -> dict[str, xr.DataArray]:
    common_rewarded, common_unrewarded, rare_rewarded, rare_unrewarded = (
        coefficient.sel(trial_type=name, drop=True) for name in TRIAL_TYPES
    )
    weights = {
        "planning": common_rewarded - rare_rewarded + rare_unrewarded - common_unrewarded,
        "model_free": common_rewarded + rare_rewarded - common_unrewarded - rare_unrewarded,
    }
    indices = {f"{name}_index": weight.sum("lag", skipna=False) for name, weight in weights.items()}
    return {f"{name}_weight": weight for name, weight in weights.items()} | indices


def _lagged_types(rows: pd.DataFrame, n_lags: int, rewarded_above: float) -> tuple[Past, np.ndarray]:
    """Return the design, columns (trial type, lag), and where all of it is known."""
    paid = rows.assign(reward=rewarded(rows["reward"], rewarded_above))
    known = np.ones(len(rows), dtype=bool)
    shape = len(rows), len(TRIAL_TYPES), n_lags
    option, weight = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int8)
    for lag in range(1, n_lags + 1):
        before = rows_before(paid, lag)
        choice, common, reward = (at_rows(paid, name, before).to_numpy() for name in ("choice1", "common", "reward"))
        known &= np.isfinite(choice) & np.isfinite(common) & np.isfinite(reward)
        option[:, :, lag - 1] = np.nan_to_num(choice)[:, None]
        for place, (is_common, is_rewarded) in enumerate(TRIAL_TYPES.values()):
            weight[:, place, lag - 1] = (common == is_common) & (reward == is_rewarded)
    return Past(option.reshape(len(rows), -1), weight.reshape(len(rows), -1)), known
