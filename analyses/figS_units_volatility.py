"""x"""

from collections.abc import Mapping

import xarray as xr

from analyses import style, unit_tables
from pfc_metarl.dataset import joined
from pfc_metarl.measures import learner_signatures, transfer_decoding
from pfc_metarl.runs import Run
from pfc_metarl.trial_table import trial_view

RUN = "runs/volatility"

EPISODES = 60
"""Of each order."""
EVERY = 10
"""Trials of which one is decoded."""

ORDERS = ("stable_first", "volatile_first")
LEARNER = "bayesian_learner"
ANIMALS = (LEARNER, "fixed_volatility", "rescorla_wagner")


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment volatility."""
    from pfc_metarl.agents import VOLATILITY_ANIMALS

    animals = {name: VOLATILITY_ANIMALS[name] for name in ANIMALS}
    orders = {order: unit_tables.yoked(run, order, LEARNER, animals, EPISODES) for order in ORDERS}
    made = {who: joined(*(orders[order][who] for order in ORDERS)) for who in ("trained", "untrained")}
    beside = {**made, "percept": unit_tables.percept(made["trained"])}
    return {
        **unit_tables.encoding(made, signatures, list(ANIMALS[1:])),
        "past": unit_tables.past_decoding(beside, EVERY),
        "targets": unit_tables.target_decoding(beside, targets, EVERY),
        "transfer": transfer(orders),
        **unit_tables.geometry(made, factors),
    }


def signatures(recording: xr.Dataset, phase: str = "choice") -> dict[str, xr.DataArray]:
    """Return what a unit may tell: of the last trial, of the Bayesian learner's mind, and of the truth."""
    held = {name: trial_view(recording, f"{field}_{LEARNER}", phase) for name, field in HELD.items()}
    truth = {"truly volatile": trial_view(recording, "volatile", phase), "true probability": p_right(recording)}
    return {**learner_signatures(recording, LEARNER, phase), **held, **truth}


HELD = {"expected volatility": "expected_volatility", "uncertainty": "uncertainty"}


def p_right(recording: xr.Dataset) -> xr.DataArray:
    """Return the probability that right pays."""
    return trial_view(recording, "p_reward", "choice").isel(option=1, drop=True)


def targets(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return numbers to decode."""
    told = signatures(recording)
    names = {
        "right − left value": "learner's\nvalues",
        "expected volatility": "expected\nvolatility",
        "uncertainty": "uncertainty",
        "true probability": "true\nprobability",
    }
    return {shown: told[name] for name, shown in names.items()}


def factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return what conditions are made of."""
    return {**unit_tables.last_factors(recording), "volatile": trial_view(recording, "volatile", "choice")}


def transfer(orders: Mapping[str, Mapping[str, xr.Dataset]]) -> xr.Dataset:
    """Decode in one order with read-outs made in the other; area under the curve, dims (who, trained_on, target)."""
    found = {}
    for who in ("trained", "untrained"):
        pair = [orders[order][who] for order in ORDERS]
        told = [
            {
                "volatile": unit_tables.thinned(trial_view(made, "volatile", "choice"), EVERY),
                "better\narm": unit_tables.thinned((p_right(made) > 0.5).astype(float), EVERY),
            }
            for made in pair
        ]
        rows = []
        for target in told[0]:
            both = [
                transfer_decoding(pair[a], told[a][target], pair[b], told[b][target], "classes", n_shuffles=0)
                for a, b in ((0, 1), (1, 0))
            ]
            scores = [result[["score"]].sel(metric="auc", drop=True) for result in both]
            rows.append(xr.concat(scores, xr.IndexVariable("trained_on", list(ORDERS))))
        found[who] = xr.concat(rows, xr.IndexVariable("target", list(told[0])))
    return style.stacked(found, "who")
