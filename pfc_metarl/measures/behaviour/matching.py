"""Matching: how choices are divided over sessions in comparison with what paid, or with what options are worth."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import RoleTable, role_table
from pfc_metarl.data.validity import validity
from pfc_metarl.measures.behaviour.choice_fit import option_labels
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.measures.behaviour.session_line import lines, of_options, reasons
from pfc_metarl.settings import BadInput


def matching(data: xr.Dataset | pd.DataFrame, skip: float = 1 / 3, rewarded_above: float = 0.0) -> xr.Dataset:
    """Compare how often each option was chosen in a session with how often it paid.

    Parameters
    ----------
    data : recording or trial table
        With first-stage choices, 0 (left), 1 (right) and so on, and ``reward``. Trials marked ``forced`` do not count.
    skip : float
        Fraction of each session, at its beginning, that does not count: there the world has yet to be found out.
    rewarded_above : float
        A trial counts as rewarded if its reward is larger.

    Returns
    -------
    Dataset, dim subject
        ``choice_ratio(subject, session)`` and ``reward_ratio(subject, session)``, log2 of right over left: choices, and
        trials with a reward; NaN where an option was never chosen or never paid, as there is no logarithm. Of the line
        through the ``n_sessions`` others, choice on reward ratio: ``slope`` (1 is matching, less is under-matching, 0
        indifference), ``standard_error`` of it, ``intercept``; and ``orthogonal_slope``; NaN for fewer than three
        sessions. With more than two options the ratios have a dimension ``option`` more, log2 of the option over the
        geometric mean of all, and so has the ``intercept``. ``n_trials`` and ``n_left_out``; ``valid`` and ``reason``,
        why a subject has no line.

    Raises
    ------
    BadInput
        If a column is missing or holds something else, no trial counts, or only one option was ever chosen.

    Notes
    -----
    The generalised matching law, Baum 1974, doi:10.1901/jeab.1974.22-231. The slope is that of ordinary least squares,
    which is drawn towards 0 where sessions are short, since the reward ratio that was found in a session strays from
    the one that the world has; the orthogonal slope, along the first principal axis, takes both ratios to stray alike.
    More than two options follow the same law with one slope for all pairs, p(option) ∝ bias · reward^slope (Natapoff
    1970, Journal of Mathematical Psychology 7:444-465): one line for all options, each with an intercept. Two options
    have the same slope either way.

    Examples
    --------
    One session with two choices of left and four of right; two of each were rewarded:

    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(6), "choice1": [0, 0, 1, 1, 1, 1]})
    >>> found = matching(table.assign(reward=[1, 1, 1, 1, 0, 0]), skip=0)
    >>> found["choice_ratio"].item(), found["reward_ratio"].item()
    (1.0, 0.0)
    """
    found = role_table(data, "reward", two_options=False)
    n_options = found.n_options()
    used = found.target & found.late(skip) & found.rows["reward"].notna()
    rows = found.rows.assign(rewarded=rewarded(found.rows["reward"], rewarded_above))[used]
    if not rows["choice1"].nunique() > 1:
        raise BadInput(
            "choice1: matching needs choices of two options, and the trial table has one."
            if len(rows)
            else f"choice1: no trial of the table counts; those that do are free, have a choice and a reward, and come "
            f"after the first {skip:.0%} of their session (skip)."
        )
    ratios = [_log_ratios(part, found, n_options) for part in (rows, rows[rows["rewarded"] > 0])]
    known = np.asarray(np.isfinite(ratios).all(axis=(0, 3)))
    choice, reward = (np.where(known[:, :, None], ratio, np.nan) for ratio in ratios)
    found_lines = lines(reward, choice)
    dims, units = ("subject", "session", "option"), "log2 right/left" if n_options == 2 else "log2 option/mean"
    return xr.Dataset(
        {
            "choice_ratio": of_options(dims, choice, {"units": units}),
            "reward_ratio": of_options(dims, reward, {"units": units}),
            **found_lines,
            "n_sessions": ("subject", known.sum(axis=1)),
            **found.counts(used),
            **validity(reasons(found_lines["slope"][1], known, "in which each option was chosen and paid")),
        },
        coords={"subject": found.subjects, "session": found.sessions} | option_labels(n_options),
    )


def allocation(data: xr.Dataset | pd.DataFrame, worth: Sequence[str], skip: float = 1 / 3) -> xr.Dataset:
    """Compare how often each option was chosen in a session with what it was worth there.

    Unlike `matching` it has an answer for every subject, those too that never leave an option.

    Parameters
    ----------
    data : recording or trial table
        With first-stage choices, 0, 1 and so on. Trials marked ``forced`` do not count.
    worth : sequence of str
        Columns of the trial table: what option 0, option 1 and so on is worth; not negative, and constant in a session,
        such as how fast its reward comes back.
    skip : float
        As for `matching`.

    Returns
    -------
    Dataset, dim subject
        ``choice_fraction(subject, session)``: fraction of the choices that took option 1; ``worth_fraction(subject,
        session)``: its fraction of the worth of both. Of the line through them, choice on worth: ``slope`` (1 where
        choices match what options are worth, 0 indifference), its ``standard_error`` and ``intercept``; NaN for fewer
        than three sessions. With more than two options the fractions have a dimension ``option`` more, and so has the
        ``intercept``: one line for all options, each with an intercept. ``n_trials`` and ``n_left_out``; ``valid`` and
        ``reason``, why a subject has no line.

    Raises
    ------
    BadInput
        If a column is missing, a worth is negative, or an option has none.

    Notes
    -----
    Matching in fractions, Herrnstein 1961, doi:10.1901/jeab.1961.4-267, with what options are worth in place of what
    they happened to pay.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(4), "choice1": [0, 1, 1, 1]})
    >>> found = allocation(table.assign(poor=0.1, rich=0.4), ("poor", "rich"), skip=0)
    >>> found["choice_fraction"].item(), found["worth_fraction"].item()
    (0.75, 0.8)
    """
    found = role_table(data, *worth, two_options=False)
    n_options = found.n_options()
    values = found.rows[list(worth)].astype(float)
    if (values < 0).to_numpy().any():
        raise BadInput(f"worth = {tuple(worth)}: what an option is worth must not be negative.")
    if len(worth) < n_options:
        raise BadInput(f"worth = {tuple(worth)}: name a column for each option; choice1 has {n_options}.")
    used = found.target & found.late(skip)
    options = np.arange(len(worth))
    chosen = (found.rows["choice1"].to_numpy()[:, None] == options).astype(float)
    fraction = values.to_numpy() / values.to_numpy().sum(axis=1, keepdims=True)
    choice, worth_fraction = (_session_means(part, found, used) for part in (chosen, fraction))
    found_lines = lines(worth_fraction, choice)
    known, dims = np.isfinite(choice + worth_fraction).all(axis=2), ("subject", "session", "option")
    return xr.Dataset(
        {
            "choice_fraction": of_options(dims, choice),
            "worth_fraction": of_options(dims, worth_fraction),
            **{name: variable for name, variable in found_lines.items() if name != "orthogonal_slope"},
            **found.counts(used),
            **validity(reasons(found_lines["slope"][1], known, "with a choice and a worth of each option")),
        },
        coords={"subject": found.subjects, "session": found.sessions} | option_labels(len(worth)),
    )


def _log_ratios(rows: pd.DataFrame, found: RoleTable, n_options: int) -> np.ndarray:
    """Return log2 of the trials of each option, [subject, session, option]; not finite where one has none.

    Of two options in comparison with the other, of more with the geometric mean of all.
    """
    shape = (len(found.subjects), len(found.sessions), n_options)
    counts = rows.groupby(["subject", "session", "choice1"]).size()
    index = pd.MultiIndex.from_product([range(n) for n in shape])
    number = counts.reindex(index).to_numpy(float).reshape(shape)
    if n_options == 2:
        right = np.log2(number[..., 1] / number[..., 0])
        return np.stack([-right, right], axis=-1)
    return np.asarray(np.log2(number) - np.log2(number).mean(axis=2, keepdims=True))


def _session_means(values: np.ndarray, found: RoleTable, used: pd.Series) -> np.ndarray:
    """Return the means of columns over the used trials of each session, [subject, session, column]."""
    means = pd.DataFrame(values, index=used.index)[used].groupby(
        [found.rows[name][used] for name in ("subject", "session")]
    )
    index = pd.MultiIndex.from_product([range(len(found.subjects)), range(len(found.sessions))])
    return means.mean().reindex(index).to_numpy().reshape(len(found.subjects), len(found.sessions), -1)
