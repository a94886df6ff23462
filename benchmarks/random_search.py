"""Random search for a recipe: ``python -m benchmarks.random_search bandit_independent --draws 8``.

Settings of the learner are drawn at random; with each, a few networks are trained on seeds that no reported result
uses: search seeds begin at 1000, reported ones are below. A recipe is chosen by the reward per trial over the last
tenth of the updates alone: no probe is recorded and no claim is looked at. The present recipe, draw 0, is tried in the
same way. The log is printed as a table for benchmarks/recipe.md, the best draw first; with ``--write`` it replaces the
table of this search there.
"""

import argparse
import dataclasses
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.execution.cohort import train
from pfc_metarl.experiments import load
from pfc_metarl.settings import BadInput, changed

RECIPE = Path(__file__).with_name("recipe.md")

FIRST_SEARCH_SEED = 1000
"""Lower seeds are those of reported results."""

RANGES: dict[str, tuple[float, float] | tuple[Any, ...]] = {
    "initial_learning_rate": (0.005, 0.05),
    "final_learning_rate": (0.01, 0.2),
    "discount": (0.5, 0.7, 0.8, 0.9),
    "value_cost": (0.02, 0.5),
    "initial_entropy_cost": (0.02, 0.5),
    "entropy_decay_fraction": (0.5, 0.7, 1.0),
    "max_gradient_norm": (0.5, 1.0, 2.0, 5.0),
}
"""Setting -> ends of a range whose logarithm is uniform, if there are two; or the values to choose from. The final
learning rate is a fraction of the initial one. The entropy cost falls to 0."""


def drawn(rng: np.random.Generator) -> dict[str, float]:
    """Draw the settings of a learner.

    Examples
    --------
    >>> settings = drawn(np.random.default_rng(0))
    >>> sorted(settings) == sorted([*RANGES, "final_entropy_cost"])
    True
    """
    found = {}
    for name, values in RANGES.items():
        if len(values) == 2:
            found[name] = float(np.exp(rng.uniform(*np.log(values))))
        else:
            found[name] = float(rng.choice(values))
    found["final_learning_rate"] *= found["initial_learning_rate"]
    return {name: float(f"{value:.2g}") for name, value in found.items()} | {"final_entropy_cost": 0.0}


def recipe_of(name: str) -> dict[str, float]:
    """Return the settings of an experiment that a search draws, as they are there."""
    learner = load(name).learner
    return {setting: getattr(learner, setting) for setting in (*RANGES, "final_entropy_cost")}


def trial(name: str, draw: int, settings: dict[str, float], updates: int, networks: int, seed: int) -> dict[str, Any]:
    """Train a few networks with some settings; return these and the reward at the end."""
    experiment = load(name)
    learner = changed(experiment.learner, {**settings, "updates": updates, "snapshots": ()})
    start = time.process_time()
    history = train(dataclasses.replace(experiment, learner=learner), networks, seed, workers=1).history[
        "reward_per_trial"
    ]
    at_end = history[-max(1, updates // 10) :].mean(0)
    reward = {"reward": float(at_end.mean()), "lowest": float(at_end.min())}
    return {"draw": draw, **settings, **reward, "s": time.process_time() - start}


def table(trials: list[dict[str, Any]]) -> str:
    """Return the log as a markdown table, the best draw first; a reward that is no number comes last."""
    columns = list(trials[0])
    rows = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for each in sorted(trials, key=lambda one: np.nan_to_num(one["reward"], nan=-np.inf), reverse=True):
        rows.append(f"| {' | '.join(_cell(name, each[name]) for name in columns)} |")
    return "\n".join(rows)


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "as the initial one"
    if column == "draw":
        return str(value) if value else "the recipe"
    return f"{value:.4f}" if column in ("reward", "lowest") else f"{value:.3g}"


def written(text: str, name: str, heading: str, log: str) -> str:
    """Return a page with the table of a search; after its end if there was none.

    Examples
    --------
    >>> page = written("Recipes", "two_step", "Eight draws.", "| a |")
    >>> written(page, "two_step", "Nine draws.", "| b |").splitlines()[2:6]
    ['<!-- random search two_step -->', 'Nine draws.', '', '| b |']
    """
    begin, end = f"<!-- random search {name} -->", "<!-- end of the search -->"
    block = f"{begin}\n{heading}\n\n{log}\n{end}"
    pattern = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(text):
        return pattern.sub(lambda _: block, text)
    return f"{text.rstrip()}\n\n{block}\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m benchmarks.random_search", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("experiment", help="name of an experiment")
    add("--draws", type=int, default=8, metavar="N", help="settings to draw (default 8)")
    add("--networks", type=int, default=2, metavar="N", help="networks for each of them (default 2)")
    add("--updates", type=int, default=600, metavar="N", help="updates of each (default 600)")
    add("--seed", type=int, default=1100, metavar="S", help="of the draws and the first networks (default 1100)")
    add("--write", action="store_true", help="put the table into benchmarks/recipe.md")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.seed < FIRST_SEARCH_SEED:
        raise BadInput(f"--seed {options.seed}: search seeds begin at {FIRST_SEARCH_SEED}; lower ones are reported.")
    for name in ("draws", "networks", "updates"):
        if getattr(options, name) < 1:
            raise BadInput(f"--{name} {getattr(options, name)}: must be at least 1.")
    rng, sizes = np.random.default_rng(options.seed), (options.updates, options.networks, options.seed)
    settings, trials = [recipe_of(options.experiment), *(drawn(rng) for _ in range(options.draws))], []
    for draw, each in enumerate(settings):
        trials.append(trial(options.experiment, draw, each, *sizes))
        print(table(trials[-1:]).splitlines()[-1], flush=True)
    heading = (
        f"`{options.experiment}`, random search: the recipe and {options.draws} draws, networks: {options.networks}, "
        f"updates: {options.updates}, seed {options.seed}."
    )
    print(table(trials))
    if options.write:
        page = written(RECIPE.read_text(encoding="utf-8"), options.experiment, heading, table(trials))
        RECIPE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
