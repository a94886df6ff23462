"""Expected values of the headline measures, and whether the claim was reached.

Expected values and criteria hold for the settings of an experiment as it is written. If a setting on which they depend
was changed, they are computed from reference agents in the same worlds, by the same measures, or left out.
"""

import math
from collections.abc import Mapping
from typing import Any

import xarray as xr

from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.headline import Headline, reached
from pfc_metarl.settings import BadInput

Changed = tuple[str, ...]
"""Names of settings that are not those of the experiment as it is written, such as "task.p_common"."""


def names_of(changes: Mapping[str, Any], path: str = "") -> Changed:
    """Return the names of all changed settings.

    Examples
    --------
    >>> names_of({"task": {"p": 0.7}, "networks": 3})
    ('task.p', 'networks')
    """
    found: list[str] = []
    for name, value in changes.items():
        full = f"{path}{name}"
        found += names_of(value, f"{full}.") if isinstance(value, Mapping) and value else [full]
    return tuple(found)


def summarised(experiment: Experiment, recordings: Mapping[str, xr.Dataset], changed: Changed = ()) -> dict[str, Any]:
    """Return the claim with the number of networks that reached it, and the headline measures as rows.

    Parameters
    ----------
    experiment : Experiment
    recordings : mapping of Dataset
        All of them, by name.
    changed : tuple of str
        Names of the settings that were changed.
    """
    rows = experiment.summary(experiment.measures(recordings))
    if experiment.headlines:
        agents = _Agents(experiment, recordings)
        pairs = zip(experiment.headlines, rows, strict=True)
        rows = [_with_expectation(row, headline, agents, _basis(headline, changed)) for headline, row in pairs]
    basis = {name: None for headline in experiment.headlines for name in _basis(headline, changed)}
    return {"claim": _judged(experiment, rows, list(basis)), "measures": rows}


def _basis(headline: Headline, changed: Changed) -> Changed:
    """Return the changed settings on which expected values depend."""
    return tuple(name for name in changed if _of_worlds(name) or name in headline.rests_on)


def _of_worlds(name: str) -> bool:
    """Whether a setting is of the task, or of the task or intervention of a probe."""
    parts = name.split(".")
    return parts[0] == "task" or (parts[0] == "probes" and len(parts) > 2 and parts[2] in ("changes", "intervene"))


class _Agents:
    """The headline measures of reference agents, measured once, each instead of the networks."""

    def __init__(self, experiment: Experiment, recordings: Mapping[str, xr.Dataset]) -> None:
        self.experiment, self.recordings = experiment, recordings
        self.results: dict[str, Mapping[str, xr.Dataset]] = {}

    def value(self, headline: Headline, agent: str) -> float | None:
        """Return the mean of a headline measure for an agent; None if it cannot be measured."""
        if agent not in self.results:
            self.results[agent] = self._measured(agent)
        results = self.results[agent]
        if headline.measure not in results:
            return None
        mean = float(headline.values(results).mean())
        return mean if math.isfinite(mean) else None

    def _measured(self, agent: str) -> Mapping[str, xr.Dataset]:
        own = {name: f"{name}_{agent}" for name in self.recordings if f"{name}_{agent}" in self.recordings}
        if not own:
            return {}
        measure = self.experiment.reference_measures or self.experiment.measures
        try:
            found: Mapping[str, xr.Dataset] = measure(
                {name: self.recordings[own.get(name, name)] for name in self.recordings}
            )
        except BadInput:  # not every agent has what is measured in networks
            return {}
        return found


def _with_expectation(row: dict[str, Any], headline: Headline, agents: _Agents, basis: Changed) -> dict[str, Any]:
    """Return a row with the expected values for changed settings; unchanged if none was changed."""
    if not basis:
        return row
    known = {} if set(basis) & set(headline.rests_on) else headline.reference  # agents do not have such a setting
    found = {label: agents.value(headline, agent) for label, agent in known.items()}
    values = {label: value for label, value in found.items() if value is not None}
    row = {name: value for name, value in row.items() if name not in ("criterion", "reached")}
    row["expected"] = ", ".join(f"{label} {value:.3g}" for label, value in values.items())
    criterion = _between(headline, values)
    if criterion is not None:
        subjects = xr.DataArray([math.nan if value is None else value for value in row["subjects"]])
        row |= {"criterion": list(criterion), "reached": reached(subjects, *criterion)}
    return row


def _between(headline: Headline, values: Mapping[str, float]) -> tuple[float | None, float | None] | None:
    """Return the criterion that lies between the values of two reference agents."""
    if headline.criterion_between is None:
        return None
    start, end, fraction = headline.criterion_between
    if start not in values or end not in values or values[start] == values[end]:
        return None
    bound = values[start] + fraction * (values[end] - values[start])
    return (bound, None) if values[end] > values[start] else (None, bound)


def _judged(experiment: Experiment, rows: list[dict[str, Any]], changed: list[str]) -> dict[str, Any]:
    """Return the claim, and how many networks reached every criterion; None if there is no criterion."""
    judged = [row for row in rows if "criterion" in row]
    networks = max((len(row["subjects"]) for row in judged), default=experiment.networks)
    met = [_met(row) for row in judged]
    every = sum(all(each) for each in zip(*met, strict=True)) if len({len(each) for each in met}) == 1 else None
    return {"text": experiment.claim, "networks": networks, "reached": every, "changed": changed}


def _met(row: Mapping[str, Any]) -> list[bool]:
    """Return for every network whether it reached a criterion."""
    bounds = row["criterion"]
    values = [math.nan if value is None else value for value in row["subjects"]]
    return [reached(xr.DataArray(value), *bounds) == 1 for value in values]
