"""Simulation 2 of Wang et al. 2018: with frozen weights, the network learns faster in volatile environments."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import data, fitting, measures
from pfc_metarl.experiments.base import Causality, Cause, Experiment, Headline, Probe
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.experiments.rpe_input import with_rpe_input
from pfc_metarl.experiments.wang2018 import WANG2018
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.tasks import Volatility

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ORDERS = ("stable_first", "volatile_first")

YOKED = ("bayesian_learner", "fixed_volatility", "rescorla_wagner")
YOKED_TO_UNITS = (
    "rpe_bayesian_learner",
    "expected_volatility_bayesian_learner",
    "uncertainty_bayesian_learner",
    *(f"action_value_{name}" for name in YOKED),
)
"""Recorded of the learners that are yoked to the networks' choices in the probes ``units_<order>``."""


LEARNERS = {
    "Bayesian learner": "bayesian_learner",
    "fixed volatility": "fixed_volatility",
    "fixed learning rate": "rescorla_wagner",
}
"""Reference agents whose values are expected where the task was changed."""


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Fit learning rates to each half of each order, and measure whether units encode volatility."""
    kinds = [kind for kind in ("", "_untrained") if f"{ORDERS[0]}{kind}" in recordings]
    found = {}
    for order in ORDERS:
        for recorded in [name for name in recordings if name.startswith(order) and not name.endswith("untrained")]:
            found[f"rate_{recorded}"] = learning_rates(recordings[recorded])
        found[f"reward_{order}"] = measures.reward_per_trial(recordings[order])
    for kind in kinds:
        both = data.joined(*(recordings[order + kind] for order in ORDERS))
        found[f"units{kind}"] = measures.volatility_units(both)
        found[f"decoding{kind}"] = measures.volatility_decoding(both)
    return found


def reference_results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure what can be measured in reference agents too: learning rates and reward."""
    rates = {f"rate_{order}": learning_rates(recordings[order]) for order in ORDERS}
    return rates | {f"reward_{order}": measures.reward_per_trial(recordings[order]) for order in ORDERS}


def learning_rates(recording: xr.Dataset) -> xr.Dataset:
    """Return the fit for each half, and the learning rate in the volatile half minus that in the stable half."""
    fit = fitting.rescorla_wagner_fit(recording, condition="volatile")
    rate = fit["estimate"].sel(parameter="learning_rate", drop=True)
    return fit.assign(learning_rate=rate, rise=rate.sel(volatile=1, drop=True) - rate.sel(volatile=0, drop=True))


def behaviour(table: pd.DataFrame) -> xr.Dataset:
    """Measure reward, and how much more often choices shift after a loss in the volatile half than in the stable half.

    This difference needs no fit; random choices cannot be fitted. It is 0.31 in networks, 0.13 in the Bayesian learner,
    and about 0 in learners of fixed volatility or rate (ours, seed 0, 50 episodes of each order).
    """
    shift = measures.shift_probability(table, "volatile")["shift_probability"]
    stable, volatile = (shift.sel(outcome="unrewarded", volatile=value, drop=True) for value in (0, 1))
    return measures.reward_per_trial(table)[["reward_per_trial"]].assign(
        shift_after_loss=(stable + volatile) / 2, shift_rise=volatile - stable
    )


def _rates(order: str) -> tuple[Headline, ...]:
    label = order.replace("_", " ")
    return (
        *(
            Headline(
                label=f"learning rate, {half}, {label}",
                measure=f"rate_{order}",
                variable="learning_rate",
                at={"volatile": value},
                expected=expected,
                reference=LEARNERS,
            )
            for value, half, expected in ((0, "stable", "paper: 0.1 to 0.6"), (1, "volatile", "above the stable one"))
        ),
        Headline(
            label=f"learning rate, volatile − stable, {label}",
            measure=f"rate_{order}",
            variable="rise",
            expected="above 0",
            criterion=(0.02, None),  # ours: half of the Bayesian learner's, and beyond learners of fixed rate
            reference=LEARNERS,
            criterion_between=("fixed learning rate", "Bayesian learner", 0.55),
            null=("rescorla_wagner", "fixed_volatility"),
        ),
        *(
            Headline(
                label=f"the same, {learner}, {label}",
                measure=f"rate_{order}_{name}",
                variable="rise",
                expected=expected,
            )
            for name, learner, expected in (
                ("bayesian_learner", "Bayesian learner", "above 0"),
                ("fixed_volatility", "Bayesian learner of fixed volatility", "about 0"),
                ("rescorla_wagner", "learner with a fixed rate", "0"),
            )
        ),
    )


def _units(kind: str, label: str, fraction: str, area: str) -> tuple[Headline, ...]:
    return (
        Headline(
            label=f"fraction of units that encode volatility{label}",
            measure=f"units{kind}",
            variable="p_significant",
            expected=fraction,
        ),
        Headline(
            label=f"partial correlation of units with volatility{label}",
            measure=f"units{kind}",
            variable="median",
            expected="permuted episodes 0.03 to 0.04",
        ),
        Headline(
            label=f"volatility decoded, area under the curve{label}",
            measure=f"decoding{kind}",
            variable="score",
            at={"metric": "auc"},
            expected=area,
        ),
    )


HEADLINES = (
    Headline(
        label="reward per trial, stable first",
        measure="reward_stable_first",
        variable="reward_per_trial",
        expected="chance 0.50, Bayesian learner 0.69",
        reference=LEARNERS,
    ),
    *(headline for order in ORDERS for headline in _rates(order)),
    *_units("", "", "paper: 0.37", "above 0.5"),
    *_units("_untrained", ", untrained", "below trained networks", "0.5"),
)

BEHAVIOUR = tuple(each for each in HEADLINES if each.measure in ("reward_stable_first", *(f"rate_{o}" for o in ORDERS)))
"""Headlines of what networks do, without those of units and of reference agents."""

EXPERIMENT = Experiment(
    claim="With frozen weights, the network learns faster while the environment is volatile than while it is stable.",
    # A public replication of Wang et al. 2018, Simulation 2 (science sheet 3.2). Ours: the better arm is drawn anew
    # when the world changes between stable and volatile, and kappa is uniform in its range.
    task=Volatility(
        n_trials=200, p_good_stable=0.75, p_good_volatile=(0.8, 1.0), p_reversal=0.2, log_p_switch=(-4.5, -3.5)
    ),
    # 48 LSTM units, learned initial state: Wang et al. 2018, Methods.
    network=Network(core="lstm", units=48),
    # Ours, by the search of benchmarks/recipe.md; the paper's are in volatility_wang2018.
    learner=A2C(
        updates=400,
        episodes=16,
        optimiser="adam",
        initial_learning_rate=0.02,
        final_learning_rate=0.002,
        discount=0.3,
        value_cost=0.05,
        initial_entropy_cost=0.2,
        final_entropy_cost=0.0,
        max_gradient_norm=1.0,
    ),
    networks=8,  # Wang et al. 2018, Fig. 3d
    # Halves, .25/.75 and .2/.8 reversed every 25 trials: Wang et al. 2018, Fig. 3, and the replication; it has 400 test
    # episodes, here 200 of each order.
    probes={
        order: Probe(
            episodes=200,
            changes={"schedule": order, "p_good_volatile": (0.8,)},
            only=("p_reward", "volatile", "policy", "hidden"),
            reference_agents={name: agent for name, agent in REFERENCE_AGENTS_VOLATILITY.items() if name != "random"},
            untrained=True,
        )
        for order in ORDERS
    }
    # Ours, for the figure of units: the first episodes of each order again, with learners yoked to the choices.
    | {
        f"units_{order}": Probe(
            episodes=100,
            changes={"schedule": order, "p_good_volatile": (0.8,)},
            only=("p_reward", "volatile", "hidden", *YOKED_TO_UNITS),
            yoked={name: REFERENCE_AGENTS_VOLATILITY[name] for name in YOKED},
            untrained=True,
            worlds=order,
        )
        for order in ORDERS
    },
    measures=results,
    reference_measures=reference_results,
    headlines=HEADLINES,
    # The yoked learner assumes a fixed volatility: it takes a tenth of the time of the Bayesian learner, and agrees
    # with it on which arm is better.
    causality=Causality(
        causes={
            "better arm": Cause(variable="action_value_fixed_volatility", effect="reward_per_trial"),
            "volatility": Cause(variable="volatile", effect="shift_rise"),
        },
        behaviour=behaviour,
        probes=ORDERS,
        yoked={"fixed_volatility": REFERENCE_AGENTS_VOLATILITY["fixed_volatility"]},
        choice="choice",
    ),
)


def _without_volatility(claim: str, p_redrawn: float) -> Experiment:
    """Return the experiment with training in worlds where every trial is as likely as any other to bring a change.

    The better arm is drawn anew with a constant probability per trial. The label "stable" or "volatile" then means
    nothing in training. Networks are recorded in the same worlds as those of the experiment, half of them volatile.
    """
    return dataclasses.replace(
        EXPERIMENT,
        claim=claim,
        variant=True,
        task=Volatility(n_trials=200, p_good_volatile=(0.75,), p_reversal=0.0, log_p_switch=(math.log(p_redrawn),) * 2),
        probes={
            order: dataclasses.replace(EXPERIMENT.probes[order], reference_agents={}, untrained=False)
            for order in ORDERS
        }
        | {
            units: dataclasses.replace(EXPERIMENT.probes[units], untrained=False)
            for units in (f"units_{order}" for order in ORDERS)
        },
        causality=None,
        headlines=(
            *(
                Headline(
                    label=f"learning rate, volatile − stable, {order.replace('_', ' ')}",
                    measure=f"rate_{order}",
                    variable="rise",
                    expected="fixed rate 0",
                )
                for order in ORDERS
            ),
            *_units("", "", "trained with volatility 0.64", "above 0.5"),
        ),
    )


VARIANTS = {
    # Ours: a change in one of ten trials, about as often as in training with volatility.
    "volatility_constant": _without_volatility(
        "A control: networks trained in a world of constant volatility, which have no reason to encode volatility.", 0.2
    ),
    "volatility_none": _without_volatility(
        "A control: networks trained in a world without reversals, which have no reason to encode volatility.", 1e-6
    ),
    # Dopamine as an input, the architecture of Simulation 6: Wang et al. 2018, Methods.
    "volatility_rpe_input": with_rpe_input(
        EXPERIMENT,
        probes={
            order: dataclasses.replace(
                EXPERIMENT.probes[order], only=("p_reward", "volatile", "policy"), untrained=False
            )
            for order in ORDERS
        },
        measures=reference_results,
        headlines=BEHAVIOUR,
    ),
    "volatility_wang2018": dataclasses.replace(
        EXPERIMENT,
        claim="The same with the learning settings of Wang et al. 2018, as far as they are known.",
        variant=True,
        learner=dataclasses.replace(
            WANG2018,
            updates=40_000,  # a public replication, as the discount and the entropy cost that falls from 1 to 0
            initial_learning_rate=5e-5,  # Wang et al. 2018, main text; the replication has 1e-5
            discount=0.1,
            initial_entropy_cost=1.0,
            final_entropy_cost=0.0,
        ),
    ),
}
