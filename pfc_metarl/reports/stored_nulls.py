"""Nulls that were measured for the report of a run, stored beside it, so that later reports show them too."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from pfc_metarl.data.files import write_json
from pfc_metarl.experiments.nulls import Null
from pfc_metarl.runs.run import SUMMARY, Run

NULLS = "nulls.json"
"""In the run directory; like the report it is not listed in the manifest."""


def store(run: Run, nulls: Mapping[str, Sequence[Null]]) -> None:
    """Write the nulls of a run, with the hash of the summary beside which they were measured."""
    content = {
        label: [[one.name, _numbers(one.values), *_numbers([one.limit])] for one in each]
        for label, each in nulls.items()
    }
    write_json(run.folder / NULLS, {"summary": _hash(run), "nulls": content})


def stored(run: Run) -> dict[str, list[Null]]:
    """Return the nulls that were stored with a run; none if it was measured anew since, or the file is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> stored(Run(Path("nowhere"), {"provenance": {}, "files": {}}))
    {}
    """
    try:
        content = json.loads((run.folder / NULLS).read_text(encoding="utf-8"))
        fits = content["summary"] == _hash(run)
        return {label: [_null(*one) for one in each] for label, each in content["nulls"].items()} if fits else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _null(name: str, values: Sequence[float | None], limit: float | None) -> Null:
    known = [math.nan if value is None else float(value) for value in (*values, limit)]
    return Null(str(name), known[:-1], known[-1])


def _numbers(values: Sequence[float]) -> list[float | None]:
    """Return numbers for JSON, which has none that is not finite."""
    return [value if math.isfinite(value) else None for value in values]


def _hash(run: Run) -> str | None:
    """Return the hash of the run's summary, which changes where anything is recorded or measured anew."""
    entry = run.manifest["files"].get(SUMMARY)
    return entry["sha256"] if entry else None
