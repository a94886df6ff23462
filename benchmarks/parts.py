"""Where the time of a training update goes, for `benchmarks.throughput`."""

from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import loops
from benchmarks.timing import seconds
from pfc_metarl.learning import compiled_loss
from pfc_metarl.learning.a2c import A2CTraining, advantages
from pfc_metarl.networks.tape import Tape

AROUND = ("noise", "heads and choice", "returns and loss", "optimiser")
"""Parts that may take a tenth of an update together."""
UNITS, WITH_HEADS = "of this, the units", "units, heads and choice"


def parts(training: A2CTraining) -> dict[str, Callable[[], object]]:
    """Return the parts of one update; those of a rollout overlap, and its whole is "act"."""
    noise, learner, activity = training.draw(), training.learner, training.agent.activity
    action, reward = training.act(noise)
    actor: Tape = activity.tapes[""]
    gradients = training.gradients(action, reward)[0]
    heads = activity.heads

    def loss() -> torch.Tensor:
        advantage = advantages(heads[..., -1], reward, learner)
        costs = learner.value_cost, learner.entropy_cost(training.done)
        return compiled_loss.gradient(heads, action, advantage, *costs)[0]

    d_heads = loss()
    return {
        "noise": training.draw,
        "act": lambda: training.act(noise),
        "of this, the task": lambda: loops.simulate(training.acting.translated, noise.world, action),
        UNITS: lambda: loops.move(actor, noise.choice, False),
        WITH_HEADS: lambda: loops.move(actor, noise.choice, True),
        "returns and loss": loss,
        "backward": lambda: activity.backward(d_heads),
        "optimiser": lambda: training.apply(gradients),
    }


def show_parts(training: A2CTraining, repeats: int) -> None:
    """Print where the time of an update goes, in microseconds a step and as a fraction of the whole."""
    with torch.no_grad():
        works = parts(training)
        best = dict.fromkeys([*works, "whole"], float("inf"))
        for _ in range(3 * repeats + 1):
            for name, work in {**works, "whole": training.update}.items():
                best[name] = min(best[name], seconds(work))
    # alone, heads would wait for activity that a step has in the cache
    best["heads and choice"] = best.pop(WITH_HEADS) - best[UNITS]
    n = len(training.networks)
    table = Table("part", title=f"where an update goes, {n} network{'s' if n > 1 else ''}")
    for column in ("µs a step", "fraction"):
        table.add_column(column, justify="right")
    for name, value in best.items():
        table.add_row(name, f"{value / training.task.n_steps * 1e6:.1f}", f"{value / best['whole']:.1%}")
    Console().print(table)
    around = sum(best[name] for name in AROUND) / best["whole"]
    print(f"{', '.join(AROUND)} together: {around:.1%} of an update")
