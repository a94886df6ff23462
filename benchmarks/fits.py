"""Seconds of a fit to people, and the ratio to a plain one: ``python -m benchmarks.fits --people 400 --trials 201``.

The hybrid of Daw et al. 2011 with seven parameters. The plain fit is what a script does: a loop over trials in Python
for each subject, and scipy's L-BFGS-B with numerical gradients from each start. It is timed in a few subjects.
"""

import argparse
import sys

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from benchmarks.timing import seconds
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.fitting import hierarchical_fit, maximum_likelihood, named_models
from pfc_metarl.fitting.maximum_likelihood import limits, starts

PLAIN_PEOPLE = 2


def people(n: int, n_trials: int) -> pd.DataFrame:
    """Return trials of people in a two-step task who repeat half of the rewarded choices, and choose at random else."""
    rng = np.random.default_rng(0)
    made = []
    for person in range(n):
        noise, choice1 = rng.random((n_trials, 4)), np.zeros(n_trials, dtype=int)
        reward = (noise[:, 0] < 0.5).astype(int)
        for trial in range(n_trials):
            repeats = trial > 0 and reward[trial - 1] and noise[trial, 1] < 0.5
            choice1[trial] = choice1[trial - 1] if repeats else noise[trial, 2] < 0.5
        common = (noise[:, 3] < 0.7).astype(int)
        state2 = np.where(common == 1, choice1, 1 - choice1)
        columns = {"choice1": choice1, "common": common, "state2": state2, "reward": reward}
        own = {"subject": person, "session": 0, "trial": range(n_trials), **columns}
        made.append(pd.DataFrame(own).assign(choice2=rng.integers(0, 2, n_trials)))
    return pd.concat(made, ignore_index=True)


def plain_misfit(parameters: np.ndarray, trials: np.ndarray, p_common: float) -> float:
    """Return −log-likelihood of the hybrid, trial by trial; rows of trials: choice, state, choice there, reward."""
    alpha1, alpha2, trace, weight, stickiness, beta1, beta2 = parameters.tolist()
    first, second, last, total = [0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], -1, 0.0
    for choice, state, choice2, reward in trials.tolist():
        best = [max(values) for values in second]
        planned = [p_common * best[a] + (1 - p_common) * best[1 - a] for a in (0, 1)]
        net = [beta1 * (weight * planned[a] + (1 - weight) * first[a] + stickiness * (a == last)) for a in (0, 1)]
        values = second[state]
        total += np.logaddexp(0, net[1 - choice] - net[choice])
        total += np.logaddexp(0, beta2 * (values[1 - choice2] - values[choice2]))
        error1, error2 = values[choice2] - first[choice], reward - values[choice2]
        first[choice] += alpha1 * (error1 + trace * error2)
        values[choice2] += alpha2 * error2
        last = choice
    return float(total)


def plain_fit(table: pd.DataFrame, start: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return the smallest misfit of one person over all starts."""
    trials, p_common = table[["choice1", "state2", "choice2", "reward"]].to_numpy(), float(table["common"].mean())
    found = [
        minimize(plain_misfit, each, (trials, p_common), "L-BFGS-B", bounds=np.stack([low, high], -1)) for each in start
    ]
    return min(float(each.fun) for each in found)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = Parser(prog="python -m benchmarks.fits", description="Time fits of the hybrid, and a plain one.")
    for name, default in (("people", 400), ("trials", 201), ("starts", 8)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"(default {default})")
    options: argparse.Namespace = parser.parse_args(arguments)
    table = people(options.people, options.trials)
    model, free, _, bounds = named_models(["hybrid"], table)["hybrid"]
    maximum_likelihood(model, table[table["subject"] < PLAIN_PEOPLE], free, bounds, n_starts=1)  # compiles the loops
    fitted = seconds(lambda: maximum_likelihood(model, table, free, bounds, n_starts=options.starts))
    group = seconds(lambda: hierarchical_fit(model, table, free))
    low, high = limits(model, free, bounds)
    start = starts(model, free, low, high, options.starts)
    few = [table[table["subject"] == person] for person in range(PLAIN_PEOPLE)]
    plain = seconds(lambda: [plain_fit(own, start, low, high) for own in few]) / PLAIN_PEOPLE
    print(f"maximum likelihood, {options.people} people: {fitted:.1f} s; hierarchical: {group:.1f} s")
    print(f"plain fit, one person: {plain:.1f} s; ratio of a person: {plain / (fitted / options.people):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
