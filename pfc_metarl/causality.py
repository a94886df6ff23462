"""What a network needs: parts of its activity held still: ``python -m pfc_metarl.causality RUN``.

Which units or directions carry a belief is known only once a network has been recorded. So this is no probe of the
experiment, but a second session with the same networks: their weights, found in the run, live through new worlds, the
same for every edit, and RUN/causality.nc keeps what they did there.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pfc_metarl.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from pfc_metarl.edits import Edited
    from pfc_metarl.runs import Run

NAME = "causality"
"""Of the random streams, and of the file in the run directory."""

KINDS = ("removed", "kept")
"""Whether the target is held still and the rest is free, or the other way round."""

EFFECTS = ("reward_per_trial", "planning_index", "model_free_index")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m pfc_metarl.causality", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("run", help="run directory")
    add("--label", default="good_state", help="what the directions tell, a variable with two values (good_state)")
    add("--probe", default="test", help="recording to find the directions in (default test)")
    add("--episodes", type=int, default=100, metavar="N", help="episodes of each network for each edit (default 100)")
    add("--draws", type=int, default=20, metavar="N", help="random draws (default 20)")
    add("--units", type=int, default=16, metavar="N", help="units to hold still together (default 16)")
    add("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args(arguments)
    for name in ("episodes", "draws", "units"):
        if getattr(options, name) < 1:
            raise BadInput(f"--{name} {getattr(options, name)}: must be at least 1.")
    from pfc_metarl.runs import open_run

    run = open_run(options.run)
    if not run.complete:
        raise BadInput(f"{run.folder}: the run is not complete; to go on: {run.command()}")
    settings = {name: getattr(options, name) for name in ("label", "probe", "episodes", "draws", "units")}
    made = edited_behaviour(run, **settings, report=None if options.quiet else _tell)
    run.save_dataset(NAME, made)
    if not options.quiet:
        print(run.folder / f"{NAME}.nc")
    return 0


def _tell(target: str, kind: str, draw: int, reward: float) -> None:
    print(f"{target} {kind}, draw {draw}: {reward:.3f} reward per trial", flush=True)


def edited_behaviour(
    run: "Run",
    label: str,
    probe: str = "test",
    episodes: int = 100,
    draws: int = 20,
    units: int = 16,
    report: Callable[[str, str, int, float], None] | None = None,
) -> "xr.Dataset":
    """Measure the behaviour of a run's networks with parts of their activity held still.

    The target is either held at its mean at each phase of the trial, or it alone is left free and all else is held.

    Parameters
    ----------
    run : Run
    label : str
        A variable of the recording with two values: its `pfc_metarl.measures.coding_direction` at each phase is the
        target "direction"; the units with the largest and smallest d′ are "top units" and "bottom units".
    probe : str
        Recording in which they are found, and whose task is lived in.
    episodes : int
        Of each network, for each edit.
    draws : int
        Of "random directions" (`pfc_metarl.measures.matched_directions`) and "random units".
    units : int
    report : callable, optional
        Called after each edit with target, kind, draw and the mean reward per trial.

    Returns
    -------
    Dataset, dims (subject, target, kind, draw)
        ``reward_per_trial`` and, where the task has common and rare transitions, ``planning_index`` and
        ``model_free_index``, NaN beyond a target's draws; ``intact_*(subject)``, ``chance(subject)`` reward of random
        actions in the same worlds; ``variance_share(subject, phase, target)``: share of all variance that lies along
        the direction, or the mean random one.
    """
    import numpy as np
    import xarray as xr

    from pfc_metarl.agents import Random
    from pfc_metarl.pipeline import cohort_of, experiment_of
    from pfc_metarl.recording import record

    experiment, seed = experiment_of(run), run.manifest["seed"]
    task = experiment.probes[probe].task(experiment.task, probe) if probe in experiment.probes else experiment.task
    found = _targets(run.recording(probe), label, draws, units, seed)
    agent = cohort_of(experiment, task, run.weights())
    networks = tuple(range(experiment.networks))

    def lived(who: Any, edit: "Edited | None") -> dict[str, "np.ndarray"]:
        options = {"purpose": NAME, "networks": networks, "only": ("policy",), "intervene": edit}
        return _effects(record(task, who, episodes, seed, **options))

    intact, chance = lived(agent, None), lived(Random(), None)
    shape = (len(networks), len(found.targets), len(KINDS), draws)
    table = {name: np.full(shape, np.nan) for name in intact}
    for target, kind, draw, edit in _edits(found):
        effects = lived(agent, edit)
        for name, values in effects.items():
            table[name][:, list(found.targets).index(target), KINDS.index(kind), draw] = values
        if report is not None:
            report(target, kind, draw, float(effects["reward_per_trial"].mean()))
    return xr.Dataset(
        {
            **{name: (("subject", "target", "kind", "draw"), values) for name, values in table.items()},
            **{f"intact_{name}": ("subject", values) for name, values in intact.items()},
            "chance": ("subject", chance["reward_per_trial"]),
            "variance_share": found.variance_share,
        },
        coords={
            "subject": list(networks),
            "target": list(found.targets),
            "kind": list(KINDS),
            "draw": np.arange(draws),
        },
        attrs={"label": label, "probe": probe, "episodes": episodes, "units": units, "seed": seed},
    )


def _effects(recording: "xr.Dataset") -> dict[str, "np.ndarray"]:
    from pfc_metarl.measures import lagged_regression, reward_per_trial
    from pfc_metarl.trial_table import trials

    table = trials(recording)
    effects = {"reward_per_trial": reward_per_trial(table)["reward_per_trial"].values}
    if {"choice1", "common"} <= set(table):
        lags = lagged_regression(table)
        effects |= {name: lags[name].values for name in EFFECTS[1:]}
    return effects


class _Targets(NamedTuple):
    centre: "np.ndarray"
    """Mean activity, [phase, network, unit]."""
    targets: Mapping[str, "np.ndarray"]
    """Directions [draw, phase, network, unit], or which units [draw, network, unit]."""
    variance_share: "xr.DataArray"


def _targets(recording: "xr.Dataset", label: str, draws: int, units: int, seed: int) -> _Targets:
    import numpy as np
    import xarray as xr

    from pfc_metarl.dataset import phase_names
    from pfc_metarl.measures import coding_direction, matched_directions
    from pfc_metarl.trial_table import trial_view

    phases = phase_names(recording)
    coding = xr.concat([coding_direction(recording, trial_view(recording, label, p), p) for p in phases], "phase")
    matched = [
        matched_directions(recording, coding["direction"].isel(phase=[k]).rename(phase="direction"), draws, seed, p)
        for k, p in enumerate(phases)
    ]
    total = [trial_view(recording, "hidden", p).var(["episode", "trial"]).sum("unit").values for p in phases]
    share = np.stack([coding["variance"], [each["variance"].mean("draw").isel(direction=0) for each in matched]])
    n_units = coding.sizes["unit"]
    if 2 * units > n_units:
        raise BadInput(f"units = {units}: at most half of the {n_units} units, so that top and bottom differ.")
    order = np.argsort(-np.abs(coding["d_prime"]).fillna(0).mean("phase").values, axis=-1)
    shuffled = np.random.default_rng(seed).permuted(np.broadcast_to(order, (draws, *order.shape)), axis=-1)
    targets = {
        "direction": coding["direction"].values[None],
        "random directions": np.stack([each["direction"].values[:, :, 0].swapaxes(0, 1) for each in matched], axis=1),
        "top units": _mask(order[None, :, :units], n_units),
        "bottom units": _mask(order[None, :, -units:], n_units),
        "random units": _mask(shuffled[..., :units], n_units),
    }
    dims, names = ("target", "phase", "subject"), list(targets)[:2]
    share_of_all = xr.DataArray(share / np.stack(total), {"phase": phases, "target": names}, dims)
    return _Targets(coding["centre"].values, targets, share_of_all)


def _mask(chosen: "np.ndarray", n_units: int) -> "np.ndarray":
    import numpy as np

    mask = np.zeros((*chosen.shape[:-1], n_units), bool)
    np.put_along_axis(mask, chosen, True, axis=-1)
    return mask


def _edits(found: _Targets) -> Iterator[tuple[str, str, int, "Edited"]]:
    """Yield target, kind, draw and edit: at every phase its own direction, or the same units, held at its own mean."""
    import torch

    from pfc_metarl.edits import Edited, clamp, only_directions, without_directions

    centre = torch.from_numpy(found.centre)
    for target, values in found.targets.items():
        for draw, one in enumerate(map(torch.from_numpy, values)):
            for kind in KINDS:
                if one.dtype == torch.bool:
                    held = one if kind == "removed" else ~one
                    edit = {phase: clamp(held, mean) for phase, mean in enumerate(centre)}
                else:
                    make = without_directions if kind == "removed" else only_directions
                    edit = {p: make(own[:, None], mean) for p, (own, mean) in enumerate(zip(one, centre, strict=True))}
                yield target, kind, draw, Edited(f"{target} {kind} {draw}", edit)


if __name__ == "__main__":
    sys.exit(main())
