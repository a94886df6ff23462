"""Nulls of criteria: what individuals reach that lack what an experiment claims.

A criterion with one open end is informative only if it lies beyond what a named null reaches: a reference agent, or
networks with their initial weights. The null meets the same worlds as the networks and is measured in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.headline import Headline
from pfc_metarl.measures.inference import null_limit
from pfc_metarl.settings import BadInput, choice_of
from pfc_metarl.simulation.recording import record

if TYPE_CHECKING:
    import xarray as xr

UNTRAINED = "untrained"


class Null(NamedTuple):
    """A null of a criterion."""

    name: str
    values: list[float]
    """Of every individual."""
    limit: float
    """Exceeded by a further individual in 5 % of cases, on the side of the criterion."""


def nulls(
    experiment: Experiment,
    seed: int = 0,
    recordings: Mapping[str, xr.Dataset] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, list[Null]]:
    """Measure the nulls of all criteria of an experiment.

    Parameters
    ----------
    experiment : Experiment
    seed : int
        Of the worlds, as of the run.
    recordings : mapping of Dataset, optional
        Of a run, by name: nulls that it recorded are not simulated again.
    progress : callable, optional
        Called before each null with what is measured, how many are complete, and their number.

    Returns
    -------
    dict of list
        Label of a headline with a criterion -> its nulls, of which there are none for claims of equivalence only.

    Examples
    --------
    >>> import dataclasses
    >>> from pfc_metarl.experiments import load
    >>> small = dataclasses.replace(load("informative_arm"), networks=3)
    >>> (search,) = nulls(small)["informative arm first"]
    >>> search.name, search.limit  # a search without the informative arm never begins with it
    ('search', 0.0)
    """
    judged = [headline for headline in experiment.headlines if headline.criterion is not None]
    names = list(dict.fromkeys(name for headline in judged for name in headline.null))
    measure = experiment.reference_measures or experiment.measures
    results: dict[str, Mapping[str, xr.Dataset]] = {}
    for n, name in enumerate(names):
        if progress:
            progress(f"measuring the null {name.replace('_', ' ')}, {n + 1} of {len(names)}", n, len(names))
        results[name] = measure(_OfNull(experiment, name, seed, recordings or {}))
    return {each.label: [_null(each, name, results[name]) for name in each.null] for each in judged}


def _null(headline: Headline, name: str, results: Mapping[str, xr.Dataset]) -> Null:
    values = [float(value) for value in headline.values(results).values]
    return Null(name, values, null_limit(values, side(headline)))


def require_nulls(experiment: Experiment) -> None:
    """Raise BadInput if a criterion names a null that no probe has; nothing is checked without reference agents.

    Examples
    --------
    >>> from pfc_metarl.experiments import load
    >>> require_nulls(load("two_step"))
    """
    agents = [name for probe in experiment.probes.values() for name in probe.reference_agents]
    known = [*dict.fromkeys(agents), UNTRAINED]
    for headline in experiment.headlines if agents else ():
        for name in headline.null:
            if name not in known:
                raise BadInput(
                    f"headline {headline.label!r}: null = {name!r}: no probe has such a reference agent; "
                    f"there are {choice_of(known, name)}"
                )


def in_sentences(experiment: Experiment, found: Mapping[str, list[Null]]) -> list[str]:
    """Return for each criterion what its nulls reach, and whether it lies beyond them.

    Examples
    --------
    >>> from pfc_metarl.experiments import load
    >>> found = {"informative arm first": [Null("search", [0.0, 0.0], 0.0)]}
    >>> in_sentences(load("informative_arm"), found)
    ['informative arm first: 95 % of search reach at most 0; the criterion lies beyond.']
    """
    judged = {each.label: each for each in experiment.headlines if each.criterion is not None}
    return [_reach(judged[label], null) for label, nulls in found.items() for null in nulls]


def _reach(headline: Headline, null: Null) -> str:
    most = "at most" if side(headline) == "upper" else "at least"
    beyond = headline.criterion is not None and is_beyond(headline.criterion, null.limit)
    verdict = "lies beyond" if beyond else "does not lie beyond, so reaching it shows nothing"
    name = null.name.replace("_", " ")
    return f"{headline.label}: 95 % of {name} reach {most} {null.limit:.3g}; the criterion {verdict}."


def side(headline: Headline) -> str:
    """Return on which side of its null a criterion lies.

    Examples
    --------
    >>> side(Headline(label="regret", measure="regret", variable="regret", criterion=(None, 1.4)))
    'lower'
    """
    return "lower" if headline.criterion is not None and headline.criterion[0] is None else "upper"


def is_beyond(criterion: tuple[float | None, float | None], limit: float) -> bool:
    """Whether a criterion excludes what lies within the limit of a null; a null that has no value excludes nothing."""
    low, high = criterion
    if not math.isfinite(limit):
        return False
    return limit < low if low is not None else high is not None and limit > high


class _OfNull(Mapping[str, "xr.Dataset"]):
    """The recordings of a null instead of the networks', simulated where the run does not have them."""

    def __init__(self, experiment: Experiment, name: str, seed: int, recorded: Mapping[str, xr.Dataset]) -> None:
        self.experiment, self.name, self.seed, self.recorded = experiment, name, seed, recorded
        self.made: dict[str, xr.Dataset] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self.experiment.probes)

    def __len__(self) -> int:
        return len(self.experiment.probes)

    def __getitem__(self, probe: str) -> xr.Dataset:
        if probe not in self.experiment.probes:
            raise KeyError(probe)
        if (own := f"{probe}_{self.name}") in self.recorded:
            return self.recorded[own]
        if probe not in self.made:
            self.made[probe] = self._recording(probe)
        return self.made[probe]

    def _recording(self, name: str) -> xr.Dataset:
        probe = self.experiment.probes[name]
        task = probe.task(self.experiment.task, name)
        options: dict[str, Any] = {"intervene": probe.intervene, "worlds": probe.worlds or None}
        if self.name == UNTRAINED:
            networks = range(self.experiment.networks)
            begun = self.experiment.learner.begin(self.experiment.task, self.experiment.network, self.seed, networks)
            agent = self.experiment.learner.agent(task, self.experiment.network, dict(begun.weights))
            options |= {"only": probe.only, "yoked": probe.yoked}
        else:
            agent = self._reference_agent(name)
        numbers = tuple(range(self.experiment.networks))
        return record(task, agent, probe.episodes, self.seed, purpose=name, networks=numbers, **options)

    def _reference_agent(self, probe: str) -> Any:
        """Return the agent of this probe, or, where it has none, that of another probe."""
        probes = [self.experiment.probes[probe], *self.experiment.probes.values()]
        for each in probes:
            if self.name in each.reference_agents:
                return each.reference_agents[self.name]
        raise BadInput(f"null = {self.name!r}: no probe has such a reference agent.")
