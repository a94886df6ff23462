"""What a page says that compares several runs."""

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from pfc_metarl.reports.content import CURVE, facts, histories, name_of, settings_table
from pfc_metarl.reports.content import warnings as warnings_of
from pfc_metarl.reports.drawing import curves, key
from pfc_metarl.reports.sentences import criterion_met, judged
from pfc_metarl.reports.verdicts import number
from pfc_metarl.runs.run import SUMMARY, Run


def compared(runs: Sequence[Run]) -> dict[str, Any]:
    """Return what the page of several runs shows: headline measures, curves, and the settings that differ.

    Parameters
    ----------
    runs : sequence of Run
        The first is what the others are compared with.
    """
    names = labels([str(run.folder) for run in runs])
    summaries = [run.summary() if run.has(SUMMARY) else {} for run in runs]
    shown = zip(names, runs, summaries, range(len(runs)), strict=True)
    history = {name: histories(run).get(CURVE) for name, run in zip(names, runs, strict=True)}
    known = {name: values for name, values in history.items() if values is not None}
    return {
        "runs": [_described(*each) for each in shown],
        "rows": rows([summary.get("measures", []) for summary in summaries]),
        "graph": curves(known, CURVE.replace("_", " "), single=False) if len(known) == len(runs) else "",
        "settings": differing([run.manifest for run in runs]),
        "warnings": [
            f"{name}: {text}"
            for name, run, summary in zip(names, runs, summaries, strict=True)
            for text in warnings_of(run, summary or None)
        ],
        "command": shlex.join(["python", "-m", "pfc_metarl.report", *(str(run.folder) for run in runs)]),
    }


def _described(label: str, run: Run, summary: Mapping[str, Any], place: int) -> dict[str, str]:
    claim = summary.get("claim")
    return {
        "label": label,
        "key": key(place),
        "name": name_of(run),
        "cohort": facts(run.manifest)["cohort"],
        "claim": claim["text"] if claim else "",
        "judged": judged(claim) if claim else "not measured",
        "command": run.command(),
    }


def labels(folders: Sequence[str]) -> list[str]:
    """Return short names of run directories: the last part, or the whole path where that is not unique.

    Examples
    --------
    >>> labels(["runs/two_step", "runs/gru"]), labels(["a/two_step", "b/two_step"])
    (['two_step', 'gru'], ['a/two_step', 'b/two_step'])
    """
    short = [folder.rstrip("/").rpartition("/")[2] for folder in folders]
    return short if len(set(short)) == len(short) else list(folders)


def rows(measures: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return the table of headline measures: a row for each measure, a cell for each run.

    Parameters
    ----------
    measures : sequence of sequence of mapping
        The rows of the summary of each run.

    Examples
    --------
    >>> row = {"measure": "reward", "mean": 0.7, "sem": 0.1, "n": 2, "subjects": [0.6, 0.8]}
    >>> rows([[row], []])
    [{'measure': 'reward', 'cells': ['0.700 ± 0.100 (2)', '–']}]
    """
    by_run = [{row["measure"]: row for row in each} for each in measures]
    names = list(dict.fromkeys(name for each in by_run for name in each))
    first = by_run[0]
    return [{"measure": name, "cells": [_cell(each.get(name), first.get(name)) for each in by_run]} for name in names]


def _cell(row: Mapping[str, Any] | None, first: Mapping[str, Any] | None) -> str:
    if row is None:
        return "–"
    parts = [f"{number(row['mean'])} ± {number(row['sem'])} ({row['n']})"]
    parts += [criterion_met(row)] if row.get("criterion") else []
    if first is not None and first is not row:
        parts += [difference(row["subjects"], first["subjects"])]
    return "; ".join(part for part in parts if part)


def difference(values: Sequence[float | None], reference: Sequence[float | None]) -> str:
    """Return the 95 % confidence interval of a difference of means (Welch 1947, doi:10.1093/biomet/34.1-2.28).

    Examples
    --------
    The standard error is √(1/3 + 1/3) = 0.816 with four degrees of freedom: 2 ± 2.776 * 0.816.

    >>> difference([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    'difference -0.267 to 4.267'
    """
    a, b = (np.array([value for value in each if value is not None], float) for each in (values, reference))
    if min(len(a), len(b)) < 2 or not (np.ptp(a) or np.ptp(b)):
        return ""
    low, high = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    return f"difference {number(low)} to {number(high)}" if math.isfinite(low) else ""


def differing(manifests: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the settings in which runs differ: name, and the value in each run.

    Examples
    --------
    >>> differing([{"settings": {"a": 1, "b": 2}, "changes": {}, "seed": n} for n in (0, 0)])
    []
    >>> differing([{"settings": {"a": n}, "changes": {}, "seed": 0} for n in (1, 2)])
    [('a', ['1', '2'])]
    """
    tables = [{"seed": str(each["seed"])} | {n: v for n, v, _ in settings_table(each)} for each in manifests]
    names = list(dict.fromkeys(name for table in tables for name in table))
    found = [(name, [table.get(name, "–") for table in tables]) for name in names]
    return [(name, values) for name, values in found if len(set(values)) > 1]
