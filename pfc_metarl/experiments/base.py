"""The contract of an experiment: a task, a network, a learner, and the probes, whose weights are frozen by default."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field, InstanceOf

from pfc_metarl import measures
from pfc_metarl.agents import Random
from pfc_metarl.experiments.headline import Headline, row
from pfc_metarl.experiments.plain_values import plain
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import Learner
from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.weights import snapshot_name
from pfc_metarl.runs.run import RESERVED
from pfc_metarl.settings import changed, settings
from pfc_metarl.tasks.base import Task

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Causality", "Cause", "Experiment", "Headline", "Probe"]


@settings
class Probe:
    """A condition in which the trained networks are recorded, with frozen weights unless it is plastic.

    Parameters
    ----------
    episodes : int
        Episodes of each network. With more of them, earlier episodes stay the same in blocks of 50: see `docs/runs.md`.
    changes : mapping
        Settings of the training task that are different here.
    in_task : Task, optional
        Task to be recorded in, with as many channels and actions; by default that of the training.
    only : tuple of str, optional
        Variables to keep; all by default.
    yoked : mapping of Agent
        Agents shown the networks' choices; their prediction errors and values are recorded as ``rpe_<name>`` etc.
    reference_agents : mapping of Agent
        Reference agents in the same worlds; recorded as ``<probe>_<name>``.
    untrained : bool
        Whether the same networks with their initial weights are recorded too, as ``<probe>_untrained``.
    intervene : callable, optional
        Changes the input of the agent, see `pfc_metarl.simulation.rollout.rollout`: a settings class with
        ``__call__``, whose fields ``--set probes.NAME.intervene.FIELD`` changes, or a function of a module.
    worlds : str
        Name of the probe with the same worlds and choice noise; by default a probe has its own.
    snapshots : bool
        Whether the networks are recorded at each snapshot of the training too, as ``<probe>_snapshot_1`` etc.
    plastic : bool
        Whether the weights go on learning, from the end of the training: one update after every 50 recorded episodes,
        from these. The weights of the run stay as they are. Recordings of other agents are not concerned.

    Examples
    --------
    The same networks in a task with other transitions, and once more before they were trained:

    >>> from pfc_metarl.tasks import TwoStep
    >>> probe = Probe(episodes=100, changes={"p_common": 0.6}, untrained=True)
    >>> probe.task(TwoStep(), "rare").p_common
    0.6
    """

    episodes: int = Field(300, ge=1, le=1_000_000)
    changes: Mapping[str, Any] = Field(default_factory=dict)
    in_task: Task | None = None
    only: tuple[str, ...] | None = None
    yoked: Mapping[str, Any] = Field(default_factory=dict)
    reference_agents: Mapping[str, Any] = Field(default_factory=dict)
    untrained: bool = False
    intervene: Any = None
    worlds: str = ""
    snapshots: bool = False
    plastic: bool = False

    def task(self, trained_on: Task, name: str) -> Task:
        """Return the task of this probe."""
        task: Task = changed(self.in_task or trained_on, self.changes, f"probes.{name}.changes.")
        return task

    def numbers(self) -> dict[str, Any]:
        """Return what --set can change of a probe."""
        numbers: dict[str, Any] = {"episodes": self.episodes, "plastic": self.plastic, "changes": dict(self.changes)}
        if dataclasses.is_dataclass(self.intervene) and not isinstance(self.intervene, type):
            numbers["intervene"] = self.intervene
        return numbers


@settings
class Cause:
    """A variable that activity may encode, and the behaviour that tests whether it is needed.

    Parameters
    ----------
    variable : str
        A variable of the recording: either binary, such as which state is good, or a value for each of two options,
        such as those of a yoked agent; then the variable is which of them is higher.
    effect : str
        Behaviour that should be lost with it, a variable of the result of `Causality.behaviour`.
    """

    variable: str
    effect: str


@settings
class Causality:
    """A causal test that clamps parts of the activity; see `pfc_metarl.causality`.

    Parameters
    ----------
    causes : mapping of Cause
        By their name in results and figures.
    behaviour : callable
        Trial table -> Dataset, dim subject: everything that is measured.
    probes : tuple of str
        Probes whose tasks are recorded, one after the other.
    yoked : mapping of Agent
        Reference agents whose values are causes, as ``value_<name>`` and ``action_value_<name>``.
    chance : Agent
        The agent that shows the chance level of a behaviour.
    choice : str, optional
        Phase of the choice, action 0 or 1. Its directions are edited too, as a control; None leaves them out.

    Examples
    --------
    Settings with which the command finds the direction of the better arm of a bandit, and tests what it is needed for:

    >>> from pfc_metarl import Cause, measures
    >>> better_arm = Cause(variable="p_reward", effect="reward_per_trial")
    >>> tested = Causality(causes={"better arm": better_arm}, behaviour=measures.reward_per_trial)
    >>> tested.probes
    ('test',)
    """

    causes: Mapping[str, Cause] = Field(min_length=1)
    behaviour: Any
    probes: tuple[str, ...] = Field(("test",), min_length=1)
    yoked: Mapping[str, Any] = Field(default_factory=dict)
    chance: Any = Random()
    choice: str | None = None


def _rewards(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    return {
        f"reward_{name}": measures.reward_per_trial(recording)
        for name, recording in recordings.items()
        if np.size(recording.attrs.get("trial_columns", ()))
    }


@settings
class Experiment:
    """All settings of a run; the files of experiments give the source of each number.

    Parameters
    ----------
    claim : str
        What the experiment shows, in a sentence.
    task : Task
    network : Architecture
    learner : Learner
    networks : int
        Networks in the cohort.
    probes : mapping of Probe
    measures : callable
        Recordings by name -> results by name. By default the reward per trial of every probe.
    headlines : tuple of Headline
    reference_measures : callable, optional
        As `measures`, but only what can be measured in reference agents too; by default `measures`.
    causality : Causality, optional
        What ``python -m pfc_metarl.causality`` tests in a run.
    variant : bool
        Whether it is a variant of a main experiment; ``simulate --all`` leaves variants out.

    Examples
    --------
    >>> from pfc_metarl import A2C
    >>> from pfc_metarl.tasks import Bandit
    >>> mine = Experiment(claim="It explores.", task=Bandit(n_trials=20), learner=A2C(updates=100), networks=2)
    >>> sorted(mine.probes), mine.numbers()["learner"]["updates"]
    (['test'], 100)
    """

    claim: str
    task: Task
    network: InstanceOf[Architecture] = Network()
    learner: InstanceOf[Learner] = A2C()
    networks: int = Field(8, ge=1, le=100_000)
    probes: Mapping[str, Probe] = Field(default_factory=lambda: {"test": Probe()})
    measures: Any = _rewards
    headlines: tuple[Headline, ...] = ()
    reference_measures: Any = None
    causality: Causality | None = None
    variant: bool = False

    def __post_init__(self) -> None:
        for name in ("task", "network", "learner"):
            part = type(getattr(self, name))
            if not dataclasses.is_dataclass(part):
                raise ValueError(f"{name}: {part.__name__} must be a frozen dataclass; put @pfc_metarl.settings on it")
        _require_names(self.probes, len(self.learner.snapshots))
        for name, probe in self.probes.items():
            if probe.worlds and probe.worlds not in self.probes:
                raise ValueError(f"probes.{name}.worlds = {probe.worlds!r}: there is no such probe")
        for name in self.causality.probes if self.causality else ():
            if name not in self.probes:
                raise ValueError(f"causality.probes: there is no probe {name!r}")

    def numbers(self) -> dict[str, Any]:
        """Return all settings as nested plain values: what --set can change and run.json keeps.

        Raises
        ------
        BadInput
            If a setting is of a kind that run.json cannot hold.
        """
        probes = {name: probe.numbers() for name, probe in self.probes.items()}
        parts: dict[str, Any] = {name: getattr(self, name) for name in ("task", "network", "learner")}
        numbers = {"networks": self.networks, **parts, "probes": probes}
        return {name: plain(value, name) for name, value in numbers.items()}

    def summary(self, results: Mapping[str, xr.Dataset]) -> list[dict[str, Any]]:
        """Return the headline measures as rows: label, expected, mean, sem, n and the value of every subject.

        Where there is a criterion, it and the number of subjects that reached it stand in the row too. A number that
        is not finite is None, since JSON has none of that kind.
        """
        return [row(headline, results) for headline in self.headlines or _default_headlines(results)]


def _require_names(probes: Mapping[str, Probe], n_snapshots: int) -> None:
    """Check that each recording can have a file of its own."""
    taken = {name.casefold(): "a file of every run" for name in RESERVED}
    for name, probe in probes.items():
        snapshots = [snapshot_name(number + 1) for number in range(n_snapshots * probe.snapshots)]
        others = ["untrained"] * probe.untrained + snapshots + list(probe.reference_agents)
        for recorded in (name, *(f"{name}_{other}" for other in others)):
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", recorded):
                raise ValueError(f"probes: {recorded!r} can be no file name; use letters, digits, _ and -")
            if recorded.casefold() in taken:
                raise ValueError(f"probes: {recorded!r} is already the name of {taken[recorded.casefold()]}")
            taken[recorded.casefold()] = "another recording"


def _default_headlines(results: Mapping[str, xr.Dataset]) -> tuple[Headline, ...]:
    return tuple(
        Headline(label=f"reward per trial, {name.removeprefix('reward_')}", measure=name, variable="reward_per_trial")
        for name in results
        if name.startswith("reward_")
    )
