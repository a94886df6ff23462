"""Models that are fitted by name, with the parameters that are free."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from pfc_metarl.arguments import command
from pfc_metarl.models import (
    BayesianLearner,
    Hybrid,
    KalmanFilter,
    LatentState,
    MixtureOfAgents,
    Model,
    RescorlaWagner,
    ValueLearner,
)
from pfc_metarl.settings import BadInput, choice_of

STAGE_2 = ("second_stage_inverse_temperature",)
"""Free if there is a choice at the second stage."""


class NamedModel(NamedTuple):
    """A model, and what of it is fitted.

    Parameters
    ----------
    model : Model
        The parameters that are not free are taken from it.
    free : tuple of str
        Names of the parameters that are fitted.
    about : str
        What it is, in a few words.
    bounds : mapping of pair of float
        Bounds of parameters that have none of their own, for fits by maximum likelihood.
    """

    model: Model
    free: tuple[str, ...]
    about: str
    bounds: dict[str, tuple[float, float]]


STICKY = {"perseveration": (-5.0, 5.0)}
VOTES = ("model_based_weight", "model_free_weight", "perseveration", "transition_weight", "bias")
WEIGHTS = dict.fromkeys(VOTES, (-20.0, 20.0))

TWO_STEP = {
    "hybrid": NamedModel(
        Hybrid(),
        (
            *("learning_rate", "second_stage_learning_rate", "trace", "model_based_weight", "perseveration"),
            "inverse_temperature",
        ),
        "Daw et al. 2011: model-based and SARSA(λ), weighted",
        STICKY,
    ),
    "mb": NamedModel(
        Hybrid(model_based_weight=1.0),
        ("second_stage_learning_rate", "perseveration", "inverse_temperature"),
        "model-based",
        STICKY,
    ),
    "mf": NamedModel(
        Hybrid(model_based_weight=0.0),
        ("learning_rate", "second_stage_learning_rate", "trace", "perseveration", "inverse_temperature"),
        "model-free, SARSA(λ)",
        STICKY,
    ),
    "latent": NamedModel(
        LatentState(inverse_temperature=5.0), ("p_reversal", "inverse_temperature"), "which state is good", {}
    ),
    "mixture": NamedModel(
        MixtureOfAgents(), ("learning_rate", *WEIGHTS), "Miller et al. 2017: mixture of agents", WEIGHTS
    ),
}

BANDIT = {
    "rw": NamedModel(RescorlaWagner(unchosen="kept"), ("learning_rate", "inverse_temperature"), "Rescorla-Wagner", {}),
    "rw2": NamedModel(
        ValueLearner(),
        ("positive_rate", "negative_rate", "inverse_temperature"),
        "a rate for gains, one for losses",
        {},
    ),
    "forgetting": NamedModel(
        ValueLearner(forgetting=0.2),
        ("positive_rate", "negative_rate", "forgetting", "inverse_temperature"),
        "two rates, and values decay",
        {},
    ),
    "habit": NamedModel(
        ValueLearner(forgetting=0.2, habit_rate=0.5),
        ("positive_rate", "negative_rate", "forgetting", "habit_rate", "perseveration", "inverse_temperature"),
        "two rates, values decay, choices are repeated",
        STICKY,
    ),
    "kalman": NamedModel(
        KalmanFilter(), ("drift_sd", "inverse_temperature"), "Kalman filter", {"drift_sd": (0.0, 2.0)}
    ),
}

INFERENCE = {
    "volatile": NamedModel(
        BayesianLearner(), ("inverse_temperature",), "Behrens et al. 2007: infers reward and its volatility", {}
    ),
}
"""Of two options; only the noise of choices is fitted."""

NAMED = {**TWO_STEP, **BANDIT, **INFERENCE}


def needed_columns(names: Sequence[str], p_common: float | None = None) -> list[str]:
    """Return the columns of the trial table that models need, by their names.

    Raises
    ------
    BadInput
        If there is no such model, or one is named twice.

    Examples
    --------
    >>> needed_columns(["rw", "mb"]), needed_columns(["mb"], p_common=0.7)
    (['choice1', 'reward', 'common', 'state2'], ['choice1', 'reward', 'state2'])
    """
    _require_names(names)
    needed = ["choice1", "reward"]
    if any(name in TWO_STEP for name in names):
        needed += ["state2"] if p_common is not None else ["common", "state2"]
    return needed


def named_models(names: Sequence[str], table: pd.DataFrame, p_common: float | None = None) -> dict[str, NamedModel]:
    """Return models by name, as they suit a trial table.

    Parameters
    ----------
    names : sequence of str
        For the two-step task "hybrid", "mb", "mf", "latent" and "mixture", for bandits "rw", "rw2", "forgetting",
        "habit" and "kalman"; ``python -m pfc_metarl.fit --list-models`` says what each is.
    table : DataFrame
        Trial table. If it has choices at the second stage, ``hybrid``, ``mb`` and ``mf`` learn from them and predict
        them.
    p_common : float, optional
        Probability of the common transition, which models of the two-step task assume; by default the fraction in the
        table.

    Raises
    ------
    BadInput
        If there is no such model, or the table lacks what it needs.

    Examples
    --------
    >>> table = pd.DataFrame({"choice1": [0, 1], "state2": [0, 0], "common": [1, 0], "choice2": [1, 0]})
    >>> named_models(["mb"], table)["mb"].free[-1]
    'second_stage_inverse_temperature'
    """
    _require_names(names)
    return {name: _of_two_steps(NAMED[name], table, p_common) if name in TWO_STEP else NAMED[name] for name in names}


def _require_names(given: Iterable[str]) -> None:
    if isinstance(given, str):
        raise BadInput(f"models = {given!r}: give a list of names, such as [{given!r}].")
    names = list(given)
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise BadInput(f"models = {twice[0]!r}: it is named twice; name each model once.")
    for name in names:
        if name not in NAMED:
            raise BadInput(f"models = {name!r}: must be among {choice_of(NAMED, str(name))}")


def _of_two_steps(named: NamedModel, table: pd.DataFrame, p_common: float | None) -> NamedModel:
    if p_common is None:
        if "common" not in table:
            name = "--p-common" if command() == "command" else "p_common"
            raise BadInput(
                f"{name}: the trial table has no column common; give it, or the probability of a common transition."
            )
        p_common = float(table["common"].mean())
    assumed: Any = {"p_common": p_common}
    model = dataclasses.replace(named.model, **assumed)
    if "choice2" not in table or not isinstance(model, Hybrid):
        return named._replace(model=model)
    return named._replace(model=dataclasses.replace(model, second_stage_choice=True), free=(*named.free, *STAGE_2))
