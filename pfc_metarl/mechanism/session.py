"""A second session with trained networks: parts of their activity are clamped, and behaviour is measured.

Which units or directions encode a variable is known only after a network has been recorded, so this is not a probe of
the experiment. First the intact networks run in new worlds, to find what encodes the variables that the experiment
names (`pfc_metarl.experiments.base.Causality`). Then this is clamped, in worlds that are the same for every edit.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.agents.base import Agent
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.base import Causality, Experiment
from pfc_metarl.measures.activity import require_activity
from pfc_metarl.mechanism.targets import KINDS, Targets, edits, targets
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.interventions import Edited
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks.base import Task

NAME = "causality"
"""Name of the random streams, and of the file in the run directory."""

Where = tuple[str, str, int]
"""Target, kind and draw of an edit."""

EachEdit = Callable[[Callable[[Edited], xr.Dataset], Sequence[Edited]], Iterable[xr.Dataset]]
"""Applies a function to each edit and gives the results in their order, as `map` does, or in several processes."""

Report = Callable[[str, str, str, int, Mapping[str, np.ndarray]], None]
"""Called after each edit with cause, target, kind, draw and what was measured, by effect and network."""


def edited_behaviour(
    experiment: Experiment,
    weights: Weights,
    seed: int,
    episodes: int = 50,
    draws: int = 20,
    units: int | None = None,
    report: Report | None = None,
    each: EachEdit = map,
) -> xr.Dataset:
    """Measure the behaviour of trained networks with parts of their activity clamped.

    Either the target is clamped at its mean at each phase of the trial, or all other activity is.

    Parameters
    ----------
    experiment : Experiment
        One that names causes, with the settings that the networks were trained with.
    weights : Weights
        Of its networks.
    seed : int
    episodes : int
        Of each network at each probe, for each edit; the targets are found in as many episodes of other worlds.
    draws : int
        See `pfc_metarl.mechanism.targets.targets`.
    units : int, optional
        Units to clamp together; by default 16, or half of them in a network of fewer than 32.
    report : callable, optional
    each : callable
        Applies a function to each edit; edits are independent, so it may do this in several processes.

    Returns
    -------
    Dataset, dims (cause, subject, target, kind, draw)
        Each effect that the experiment measures, NaN beyond a target's draws, and ``intact_<effect>(subject)`` and
        ``chance_<effect>(subject)`` in the same worlds; ``judged_by(cause)``, the name of an effect;
        ``variance_fraction(cause, target, phase, subject)``: fraction of all variance along the direction, or
        its mean over the random ones.

    Raises
    ------
    BadInput
        If the experiment names no causes, or a cause cannot be found in the activity.
    """
    session = _Session.of(experiment, weights, seed, episodes)
    causality = session.causality
    seen = session.recording("directions", session.networks, yoked=causality.yoked)
    require_activity(seen, "hidden")
    units = max(1, min(16, seen["hidden"].shape[-1] // 2)) if units is None else units
    measured, known = [], dict[Where, xr.Dataset]()
    for name, cause in causality.causes.items():
        found = targets(seen, cause.variable, draws, units, seed, causality.choice)
        measured_in = functools.partial(each, _EditedSession(experiment, weights, seed, episodes))
        effects = _effects(session, name, found, known, measured_in, report)
        measured.append(effects.assign(variance_fraction=found.variance_fraction, judged_by=cause.effect))
    intact, chance = (session.behaviour(who) for who in (session.networks, session.random))
    beside = {f"intact_{name}": values for name, values in intact.items()}
    beside |= {f"chance_{name}": values for name, values in chance.items()}
    made = xr.concat(measured, xr.IndexVariable("cause", list(causality.causes))).assign(beside)
    return made.assign_attrs(episodes=episodes, units=units, seed=seed)


class _Session(NamedTuple):
    """Networks, agents that act at random, and the worlds of both; all by probe."""

    causality: Causality
    tasks: dict[str, Task]
    networks: dict[str, Agent]
    random: dict[str, Agent]
    numbers: tuple[int, ...]
    episodes: int
    seed: int

    @classmethod
    def of(cls, experiment: Experiment, weights: Weights, seed: int, episodes: int) -> "_Session":
        causality = experiment.causality
        if causality is None:
            raise BadInput(
                "The experiment names no causes; give it a field causality, and simulate it again: weights are kept."
            )
        tasks = {name: experiment.probes[name].task(experiment.task, name) for name in causality.probes}
        networks: dict[str, Agent] = {
            name: experiment.learner.agent(task, experiment.network, weights) for name, task in tasks.items()
        }
        random, numbers = dict.fromkeys(tasks, causality.chance), tuple(range(experiment.networks))
        return cls(causality, tasks, networks, random, numbers, episodes, seed)

    def recording(self, worlds: str, who: dict[str, Agent], **options: Any) -> xr.Dataset:
        """Return the recordings of some agents at all probes, joined along episodes."""
        shared = {"n_episodes": self.episodes, "seed": self.seed, "networks": self.numbers, **options}
        made = [
            record(task, who[name], purpose=name, worlds=f"{NAME}, {worlds}: {name}", **shared)
            for name, task in self.tasks.items()
        ]
        return made[0] if len(made) == 1 else joined(*made)

    def behaviour(self, who: dict[str, Agent], intervene: Any = None) -> xr.Dataset:
        """Return the behavioural measures of some agents, dim subject."""
        made: xr.Dataset = self.causality.behaviour(trials(self.recording("edits", who, only=(), intervene=intervene)))
        return made


class _EditedSession:
    """Behaviour as a function of the edit; it can be sent to another process, where its session is made anew."""

    def __init__(self, experiment: Experiment, weights: Weights, seed: int, episodes: int) -> None:
        self.of = dataclasses.replace(experiment, measures=None, headlines=()), weights, seed, episodes

    def __call__(self, edit: Edited) -> xr.Dataset:
        return self._session.behaviour(self._session.networks, edit)

    @functools.cached_property
    def _session(self) -> _Session:
        return _Session.of(*self.of)


def _effects(
    session: _Session,
    cause: str,
    found: Targets,
    known: dict[Where, xr.Dataset],
    measured_in: Callable[[Sequence[Edited]], Iterable[xr.Dataset]],
    report: Report | None,
) -> xr.Dataset:
    """Return the behaviour with each target edited; effects in `known` are not measured again."""
    draws, subjects = len(found.chosen["random units"][0]), list(session.numbers)
    table: dict[str, np.ndarray] = {}
    wanted = {(target, kind, draw): edit for target, kind, draw, edit in edits(found)}
    names = list(dict.fromkeys(target for target, _, _ in wanted))
    new = iter(measured_in([edit for where, edit in wanted.items() if where not in known]))
    for where in wanted:
        target, kind, draw = where
        effects = known[where] if where in known else next(new)
        if target == "random units":  # they are drawn without regard to the cause
            known[where] = effects
        for name, values in effects.reindex(subject=subjects).items():
            empty = np.full((len(subjects), len(names), len(KINDS), draws), np.nan)
            table.setdefault(str(name), empty)[:, names.index(target), KINDS.index(kind), draw] = values
        if report is not None:
            report(cause, *where, {str(name): values.values for name, values in effects.items()})
    dims = ("subject", "target", "kind", "draw")
    coords = {"subject": subjects, "target": names, "kind": list(KINDS), "draw": np.arange(draws)}
    return xr.Dataset({name: (dims, values) for name, values in table.items()}, coords)
