"""A simulation as a function: begin or continue a run, do the missing steps, return the run."""

import contextlib
import functools
import json
import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import xarray as xr

from pfc_metarl.agents.base import Agent
from pfc_metarl.execution.cohort import n_shards, one_thread
from pfc_metarl.execution.jobs import Report
from pfc_metarl.execution.order import Order, require_possible
from pfc_metarl.execution.pipeline import Plan, carry_out, raise_if_interrupted, training_of
from pfc_metarl.execution.rehearsal import is_needed, rehearse
from pfc_metarl.execution.source import Source, experiment_of, parts_of, present_experiment_of
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.expectations import names_of
from pfc_metarl.learning.base import Learner
from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.weights import Weights
from pfc_metarl.reports.pages import write_report
from pfc_metarl.runs.begin import Begun, begin
from pfc_metarl.runs.manifest import NAME, provenance
from pfc_metarl.runs.run import SUMMARY, WEIGHTS, Run
from pfc_metarl.runs.run import open_run as open_directory
from pfc_metarl.settings import BadInput, Caution, counted
from pfc_metarl.tasks.base import Task


def frozen_agent(parts: tuple[Task, Architecture, Learner], weights: Weights, task: Task | None = None) -> Agent:
    """Return trained networks with frozen weights, as an agent for a task.

    Parameters
    ----------
    parts : tuple of Task, Architecture and Learner
        With which they were trained.
    weights : mapping of Tensor
    task : Task, optional
        With the same channels and actions; by default their own.

    Raises
    ------
    BadInput
        If the task has other channels or actions.
    """
    own, network, learner = parts
    task = own if task is None else task
    for names in ("channel_names", "action_names"):
        here, there = len(getattr(task, names)), len(getattr(own, names))
        if here != there:
            raise BadInput(
                f"task: it has {here} {names.replace('_names', 's')}, the networks were trained with {there}."
            )
    return learner.agent(task, network, weights)


class SimulatedRun(Run):
    """A run directory, its experiment, and its trained networks.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    experiment : Experiment, optional
        By default found by its name, or in the source that is stored in the run.
    temporary : bool
        Whether the folder is removed with this object; files are then read into memory at once.
    seconds : mapping, optional
        Seconds that each step took in the call that returned this object; ``manifest["seconds"]`` has those of all.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Mapping[str, Any],
        experiment: Experiment | None = None,
        temporary: bool = False,
        seconds: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        super().__init__(folder, manifest)
        self.seconds = seconds
        self._experiment, self.temporary = experiment, temporary
        if temporary:
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def recording(self, name: str) -> xr.Dataset:
        """Open a recording by its name; see `pfc_metarl.runs.run.Run.recording`."""
        opened = super().recording(name)
        return opened.load() if self.temporary else opened

    def history(self) -> xr.Dataset:
        """Open the history: dims update and network."""
        opened = super().history()
        return opened.load() if self.temporary else opened

    @property
    def experiment(self) -> Experiment:
        """The experiment, with the settings that the run was made with."""
        if self._experiment is None:
            self._experiment = experiment_of(self)
        return self._experiment

    def agent(self, task: Task | None = None) -> Agent:
        """Return the trained networks with frozen weights, as an agent; by default for the task of training.

        Raises
        ------
        BadInput
            If the task has other channels or actions than the one that they were trained on.
        """
        given = self._experiment
        parts = (given.task, given.network, given.learner) if given else parts_of(self)
        return frozen_agent(parts, self.weights(), task)

    def remeasure(self, experiment: Experiment | None = None, again: bool = True) -> "SimulatedRun":
        """Make missing recordings and measure, with the probes, measures and headlines of an experiment; train nothing.

        Parameters
        ----------
        experiment : Experiment, optional
            With the same task, network and learner; by default that of the run, with the present content of its file.
        again : bool
            Whether to measure again even if nothing was changed.

        Raises
        ------
        BadInput
            If the run is not trained, or the experiment needs another training.
        """
        if experiment is not None:
            source = Source(experiment, self.manifest["experiment"], self.manifest["changes"], self.manifest["source"])
        elif self._experiment is not None and not self.manifest["experiment"]:
            source = Source(self._experiment, "", {})
        else:
            source = present_experiment_of(self)
        return remeasured(self, source, again)


def remeasured(
    run: Run,
    source: Source,
    again: bool,
    say: Callable[[str], None] | None = None,
    warn: Callable[[str], None] | None = None,
    report: Report | None = None,
) -> SimulatedRun:
    """Make the missing recordings of a trained run, and measure; see `SimulatedRun.remeasure`."""
    if not run.trained:
        raise BadInput(f"{run.folder}: its training is not complete; to continue: {run.command()}")
    run.intact(WEIGHTS)  # otherwise they would be trained again
    manifest = run.manifest
    made, wanted = manifest["training"]["learner"]["updates"], source.experiment.learner.updates
    if wanted > made:
        raise BadInput(
            f"{run.folder}: it has {counted(made, 'update')}, not {wanted:,}; pfc_metarl.simulate trains on."
        )
    order = Order(source, manifest["seed"], manifest["device"], None, False, manifest["arguments"])
    order = order._replace(measure_again=again, follow_links=run.follow_links)
    plan = None if report is None else Plan(order.n_workers(), report, None)
    return simulate_in(run.folder, order, plan, say, warn)


def simulate_in(
    folder: Path | None,
    order: Order,
    plan: Plan | None = None,
    say: Callable[[str], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> SimulatedRun:
    """Do the missing steps of a run.

    Parameters
    ----------
    folder : Path, optional
        Run directory; by default a temporary one that is removed with the returned object.
    order : Order
    plan : Plan, optional
    say : callable, optional
        Called with what was kept, and what was made.
    warn : callable, optional
        Called with notes on damage, and on versions and code that have changed; by default warnings (`Caution`).

    Raises
    ------
    BadInput
        If the folder holds another run, or an argument cannot be used.
    Interrupted
        If ``plan.stop`` was set.
    """
    require_possible(order)
    plan = plan or Plan(order.n_workers(), lambda progress: None, None)
    if order.force or folder is None or not os.path.exists(folder / NAME):  # False, no error, for a name that cannot be
        _rehearse(order, plan)
    temporary = folder is None
    folder = folder or Path(tempfile.mkdtemp(prefix="pfc_metarl_"))
    experiment = order.source.experiment
    with begun(folder, order) as (run, notes):
        for note in notes:
            (warn or _caution)(note)
        if order.measure_again:
            run.drop([SUMMARY])
        done = carry_out(experiment, run, plan)
        if order.report and not temporary:
            write_report(run, experiment)
    if say is not None and done.kept:
        say(done.sentence())
    made = SimulatedRun(folder, run.manifest, experiment, temporary, done.seconds)
    made.follow_links = order.follow_links
    return made


def begun(folder: Path, order: Order) -> contextlib.AbstractContextManager[Begun]:
    """Begin or continue a run without doing any of its steps; its folder is locked meanwhile."""
    return begin(folder, _manifest(order), order.force, order.source.texts, order.follow_links)


def _rehearse(order: Order, plan: Plan) -> None:
    """Find mistakes that need no training, before it and before anything is written."""
    source = order.source
    if order.rehearse and is_needed(source.experiment, source.name, names_of(source.changes)):
        with one_thread():
            rehearse(source.experiment, order.seed, order.device, functools.partial(raise_if_interrupted, plan))


def _caution(sentence: str) -> None:
    warnings.warn(Caution(sentence), stacklevel=4)


def _manifest(order: Order) -> dict[str, Any]:
    source, experiment = order.source, order.source.experiment
    return {
        "experiment": source.name,
        "source": source.file,
        "seed": order.seed,
        "device": order.device,
        "settings": json.loads(json.dumps(experiment.numbers())),
        "changes": json.loads(json.dumps(source.changes)),
        "training": training_of(experiment, order.seed, order.device),
        "shards": 1 if order.device != "cpu" else n_shards(experiment.networks, order.n_workers()),
        "arguments": list(order.arguments),
        "provenance": provenance(),
    }


def open_run(folder: str | Path, follow_links: bool = False) -> SimulatedRun:
    """Open a run directory.

    Parameters
    ----------
    folder : str or Path
    follow_links : bool
        Whether its files may be symbolic links, as git-annex and DataLad make them. A file that is made again replaces
        the link, not the file to which it leads.

    Raises
    ------
    BadInput
        If it is not a run directory, or its manifest is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl import A2C, Experiment, Network, Probe, simulate
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"task": Bandit(n_trials=5), "network": Network(units=4), "learner": A2C(updates=1)}
    >>> tiny = Experiment(claim="An example.", **parts, probes={"test": Probe(episodes=2)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = simulate(tiny, networks=1, out=f"{folder}/run", workers=1, progress=False)
    ...     open_run(made.folder).recordings()
    ['test']
    """
    run = open_directory(folder, follow_links)
    opened = SimulatedRun(run.folder, run.manifest)
    opened.follow_links = run.follow_links
    return opened
