"""What a network needs: parts of its activity held still: ``python -m pfc_metarl.causality RUN``.

Which units or directions carry a belief is known only once a network has been recorded. So this is no probe of the
experiment, but a second session with the same networks: their weights, found in the run, live through new worlds, first
untouched, to find out what carries the causes that the experiment names (`pfc_metarl.experiments.base.Causality`), then
with that held still, in worlds that are the same for every edit. RUN/causality.nc keeps what they did there.
"""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from pfc_metarl.agents.base import Agent
    from pfc_metarl.experiments.base import Causality
    from pfc_metarl.mechanism.targets import Targets
    from pfc_metarl.runs.run import Run
    from pfc_metarl.tasks.base import Task

NAME = "causality"
"""Of the random streams, and of the file in the run directory."""

Where = tuple[str, str, int]
"""Target, kind and draw of an edit."""

Report = Callable[[str, str, str, int, Mapping[str, "np.ndarray"]], None]
"""Called after each edit with cause, target, kind, draw and what was measured, by effect and network."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m pfc_metarl.causality", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("run", help="run directory")
    add("--episodes", type=int, default=50, metavar="N", help="of each network, for each edit and probe (default 50)")
    add("--draws", type=int, default=20, metavar="N", help="random draws (default 20)")
    add("--units", type=int, default=16, metavar="N", help="units to hold still together (default 16)")
    add("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args(arguments)
    for name in ("episodes", "draws", "units"):
        if getattr(options, name) < 1:
            raise BadInput(f"--{name} {getattr(options, name)}: must be at least 1.")
    from pfc_metarl.runs.run import open_run

    run = open_run(options.run)
    if not run.complete:
        raise BadInput(f"{run.folder}: the run is not complete; to go on: {run.command()}")
    settings = {name: getattr(options, name) for name in ("episodes", "draws", "units")}
    run.save_dataset(NAME, edited_behaviour(run, **settings, report=None if options.quiet else _tell))
    if not options.quiet:
        print(run.folder / f"{NAME}.nc")
    return 0


def _tell(cause: str, target: str, kind: str, draw: int, effects: Mapping[str, "np.ndarray"]) -> None:
    told = ", ".join(f"{name.replace('_', ' ')} {values.mean():.3f}" for name, values in effects.items())
    print(f"{cause}, {target} {kind}, draw {draw}: {told}", flush=True)


def edited_behaviour(
    run: "Run", episodes: int = 50, draws: int = 20, units: int = 16, report: Report | None = None
) -> "xr.Dataset":
    """Measure the behaviour of a run's networks with parts of their activity held still.

    The target is either held at its mean at each phase of the trial, or it alone is left free and all else is held.

    Parameters
    ----------
    run : Run
        Of an experiment that names causes.
    episodes : int
        Of each network at each probe, for each edit; as many, of other worlds, to find the targets in.
    draws, units : int
        See `pfc_metarl.mechanism.targets.targets`.
    report : callable, optional

    Returns
    -------
    Dataset, dims (cause, subject, target, kind, draw)
        Each effect that the experiment measures, NaN beyond a target's draws, and ``intact_<effect>(subject)`` and
        ``chance_<effect>(subject)`` in the same worlds; ``judged_by(cause)``, the name of an effect;
        ``variance_share(cause, target, phase, subject)``: share of all variance that lies along the direction, or the
        mean random one.

    Raises
    ------
    BadInput
        If the experiment names no causes, or a cause cannot be told from the activity.
    """
    import xarray as xr

    from pfc_metarl.mechanism.targets import targets

    session = _Session.of(run, episodes)
    causality = session.causality
    seen = session.recording("directions", session.networks, yoked=causality.yoked)
    measured, known = [], dict[Where, xr.Dataset]()
    for name, cause in causality.causes.items():
        found = targets(seen, cause.variable, draws, units, session.seed)
        effects = _effects(session, name, found, known, report)
        measured.append(effects.assign(variance_share=found.variance_share, judged_by=cause.effect))
    intact, chance = (session.behaviour(who) for who in (session.networks, session.nobody))
    beside = {f"intact_{name}": values for name, values in intact.items()}
    beside |= {f"chance_{name}": values for name, values in chance.items()}
    made = xr.concat(measured, xr.IndexVariable("cause", list(causality.causes))).assign(beside)
    return made.assign_attrs(episodes=episodes, units=units, seed=session.seed)


class _Session(NamedTuple):
    """Networks, those who act by chance, and the worlds of both; all by probe."""

    causality: "Causality"
    tasks: "dict[str, Task]"
    networks: "dict[str, Agent]"
    nobody: "dict[str, Agent]"
    numbers: tuple[int, ...]
    episodes: int
    seed: int

    @classmethod
    def of(cls, run: "Run", episodes: int) -> "_Session":
        from pfc_metarl.execution.pipeline import cohort_of, experiment_of

        experiment, weights = experiment_of(run), run.weights()
        causality = experiment.causality
        if causality is None:
            raise BadInput(f"{run.folder}: its experiment names no causes; give it a field causality.")
        tasks = {name: experiment.probes[name].task(experiment.task, name) for name in causality.probes}
        networks: dict[str, Any] = {name: cohort_of(experiment, task, weights) for name, task in tasks.items()}
        nobody, numbers = dict.fromkeys(tasks, causality.chance), tuple(range(experiment.networks))
        return cls(causality, tasks, networks, nobody, numbers, episodes, run.manifest["seed"])

    def recording(self, worlds: str, who: "dict[str, Agent]", **options: Any) -> "xr.Dataset":
        """Return what somebody did, the episodes of each probe after those of the one before."""
        from pfc_metarl.data.dataset import joined
        from pfc_metarl.simulation.recording import record

        shared = {"n_episodes": self.episodes, "seed": self.seed, "networks": self.numbers, **options}
        made = [
            record(task, who[name], purpose=name, worlds=f"{NAME}, {worlds}: {name}", **shared)
            for name, task in self.tasks.items()
        ]
        return made[0] if len(made) == 1 else joined(*made)

    def behaviour(self, who: "dict[str, Agent]", intervene: Any = None) -> "xr.Dataset":
        """Return what is measured of somebody's behaviour, dim subject."""
        from pfc_metarl.data.trial_table import trials

        made: xr.Dataset = self.causality.behaviour(trials(self.recording("edits", who, only=(), intervene=intervene)))
        return made


def _effects(
    session: _Session, cause: str, found: "Targets", known: "dict[Where, xr.Dataset]", report: Report | None
) -> "xr.Dataset":
    """Return what is left of behaviour with each target edited; what is `known` already is not measured again."""
    import numpy as np
    import xarray as xr

    from pfc_metarl.mechanism.targets import KINDS, edits

    names, draws, subjects = list(found.chosen), len(found.chosen["random units"][0]), list(session.numbers)
    table: dict[str, np.ndarray] = {}
    for target, kind, draw, edit in edits(found):
        where = (target, kind, draw)
        effects = known[where] if where in known else session.behaviour(session.networks, edit)
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


if __name__ == "__main__":
    sys.exit(main())
