"""The table of headline measures in a report: what was measured, what was expected, and whether it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pfc_metarl.measures.inference import confidence_interval, holm, within
from pfc_metarl.reports.drawing import strip
from pfc_metarl.reports.sentences import bounds, criterion_met

if TYPE_CHECKING:
    from pfc_metarl.experiments.headline import Headline
    from pfc_metarl.experiments.nulls import Null

LEVEL = 0.05


def rows(
    measures: Sequence[Mapping[str, Any]],
    headlines: Mapping[str, Headline] | None = None,
    nulls: Mapping[str, Sequence[Null]] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of the table of headline measures, as text.

    Parameters
    ----------
    measures : sequence of mapping
        Rows of a summary.
    headlines : mapping of Headline, optional
        Headlines of the experiment by label, which name the nulls of criteria.
    nulls : mapping, optional
        Nulls that were measured, by label: see `pfc_metarl.experiments.nulls.nulls`.

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``interval`` (95 % confidence interval of the mean), ``n``, ``expected``, ``criterion``,
        ``null``, ``verdict``, ``strip`` (a drawing of all subjects) and ``range`` (the lowest and the highest of them).

    Examples
    --------
    >>> row = {"measure": "reward", "expected": "chance 0.5", "mean": 0.7, "sem": 0.01, "n": 3, "reached": 3}
    >>> (shown,) = rows([{**row, "subjects": [0.69, 0.7, 0.71], "criterion": [0.6, None]}])
    >>> shown["value"], shown["criterion"], shown["verdict"]
    ('0.700 ± 0.010', '3 of 3 ≥ 0.6', 'holds (p = 0.002)')
    """
    p = _corrected([_p(row) for row in measures])
    return [
        {
            "measure": row["measure"],
            "value": f"{number(row['mean'])} ± {number(row['sem'])}",
            "interval": _interval(row),
            "n": row["n"],
            "expected": row["expected"],
            "criterion": criterion_met(row),
            "null": _null(row, (headlines or {}).get(row["measure"]), (nulls or {}).get(row["measure"], ())),
            "verdict": _verdict(row, value),
            "strip": strip(_known(row), row.get("criterion", (None, None)), row["measure"]),
            "range": _range(row),
        }
        for row, value in zip(measures, p, strict=True)
    ]


def _range(row: Mapping[str, Any]) -> str:
    """Return the ends of the drawing of all subjects."""
    known = _known(row)
    return f"{number(min(known))} to {number(max(known))}" if len(known) > 1 else ""


def reached_by_network(measures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for every criterion which networks did not reach it; empty where all did.

    Examples
    --------
    >>> row = {"measure": "reward", "subjects": [0.7, 0.5, None], "criterion": [0.6, None]}
    >>> reached_by_network([row])
    [{'measure': 'reward', 'criterion': '≥ 0.6', 'networks': '1 (0.500), 2 (–)'}]
    """
    found = []
    for row in measures:
        low, high = row.get("criterion", (None, None))
        failed = [
            f"{network} ({number(value)})"
            for network, value in enumerate(row["subjects"])
            if value is None or (low is not None and value < low) or (high is not None and value > high)
        ]
        if "criterion" in row and failed:
            criterion = bounds(row["criterion"])
            found.append({"measure": row["measure"], "criterion": criterion, "networks": ", ".join(failed)})
    return found


def number(value: float | None) -> str:
    """Return a number with three decimals, or a dash.

    Examples
    --------
    >>> number(0.70118), number(None)
    ('0.701', '–')
    """
    return "–" if value is None or not math.isfinite(value) else f"{round(value, 3) + 0.0:.3f}"  # no -0.000


def p_value(p: float) -> str:
    """Return a p value with one digit.

    Examples
    --------
    >>> p_value(0.032), p_value(1e-9), p_value(float("nan"))
    ('p = 0.03', 'p < 0.0001', 'p unknown')
    """
    return "p unknown" if not math.isfinite(p) else "p < 0.0001" if p < 1e-4 else f"p = {p:.1g}"


def _known(row: Mapping[str, Any]) -> list[float]:
    return [value for value in row["subjects"] if value is not None]


def _p(row: Mapping[str, Any]) -> float:
    """Return the p value of the mean lying outside the bounds of its criterion; NaN without a criterion."""
    return within(_known(row), tuple(row["criterion"])) if row.get("criterion") else math.nan


def _corrected(p: Sequence[float]) -> list[float]:
    """Correct p values after Holm over the criteria of the run."""
    found = np.array(p, float)
    known = np.isfinite(found)
    found[known] = holm(found[known])
    return [float(value) for value in found]


def _interval(row: Mapping[str, Any]) -> str:
    low, high = confidence_interval(_known(row))
    return f"{number(low)} to {number(high)}" if math.isfinite(low) else "–"


def _verdict(row: Mapping[str, Any], p: float) -> str:
    if not row.get("criterion"):
        return "no criterion"
    if not math.isfinite(p):
        return "not tested (fewer than two networks)"
    return f"{'holds' if p < LEVEL else 'not shown'} ({p_value(p)})"


def _null(row: Mapping[str, Any], headline: Headline | None, measured: Sequence[Null]) -> str:
    """Return the nulls of a criterion, with what their individuals reach if it was measured."""
    if not row.get("criterion"):
        return ""
    if None not in row["criterion"]:
        return "outside the bounds"
    if measured:
        return ", ".join(f"{one.name.replace('_', ' ')} (95 % limit {one.limit:.3g})" for one in measured)
    named = ", ".join(name.replace("_", " ") for name in headline.null) if headline else ""
    return f"{named} (not measured)" if named else ""
