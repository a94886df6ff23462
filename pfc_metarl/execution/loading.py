"""Trained networks as an agent: of a run, or those that come with the package."""

from pathlib import Path

from pfc_metarl.agents.base import Agent
from pfc_metarl.execution.simulation import SimulatedRun, frozen_agent, open_run
from pfc_metarl.pretrained import files
from pfc_metarl.runs.manifest import NAME
from pfc_metarl.runs.run import Run
from pfc_metarl.tasks.base import Task


def load(run: Run | str | Path, task: Task | None = None, follow_links: bool = False) -> Agent:
    """Return trained networks, with frozen weights, as an agent: those of a run, or one that comes with the package.

    An experiment is returned by `pfc_metarl.experiments.load`, a run with all its files by `pfc_metarl.open_run`. The
    agent can be stepped by hand (``begin``, ``act``), recorded in a task by `pfc_metarl.record`, and edited by
    interventions.

    Parameters
    ----------
    run : Run, str or Path
        A run, or its directory; or the name of an experiment, as "two_step", of which a trained network comes with the
        package: see `pfc_metarl.pretrained.files`. A run directory of this name goes before.
    task : Task, optional
        That the agent will act in, with the same channels and actions; by default the one that it was trained on.
    follow_links : bool
        Whether the files of the run may be symbolic links, as git-annex and DataLad make them. A run that was opened
        with `follow_links` needs no second permission.

    Raises
    ------
    BadInput
        If there is no such run or network, or its training is not complete.

    Examples
    --------
    >>> agent = load("two_step")
    >>> agent.n_networks
    1

    The networks of a run:

    >>> from pfc_metarl import A2C, Experiment, Network, Probe, simulate
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"task": Bandit(n_trials=5), "network": Network(units=4), "learner": A2C(updates=1)}
    >>> tiny = Experiment(claim="An example.", **parts, probes={"test": Probe(episodes=2)})
    >>> agent = load(simulate(tiny, networks=2, workers=1, progress=False))
    >>> type(agent).__name__, agent.n_actions
    ('Prefrontal', 2)
    """
    if isinstance(run, Run):
        opened = run if isinstance(run, SimulatedRun) else open_run(run.folder, follow_links or run.follow_links)
    elif isinstance(run, str) and _comes_with_the_package(run):
        found = files.load(run)
        own = found.experiment
        return frozen_agent((own.task, own.network, own.learner), found.weights, task)
    else:
        opened = open_run(run, follow_links)
    return opened.agent(task)


def _comes_with_the_package(name: str) -> bool:
    """Return whether a text means a network of the package: it is the name of one, or of nothing that is there."""
    if not name.isidentifier() or (Path(name) / NAME).exists():
        return False
    return name in files.names() or not Path(name).exists()
