"""Reward-prediction errors of learners of the two-step task whose parameters were fitted to a subject's own choices.

A yoked learner with fixed learning rates may disagree with a subject only because its rates are wrong. Fitted rates
remove this reason.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.data.dataset import in_phase
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting.layout import Trials, checked, laid_out
from pfc_metarl.fitting.likelihood import states
from pfc_metarl.fitting.maximum_likelihood import maximum_likelihood
from pfc_metarl.models import model_based, model_free
from pfc_metarl.models.two_step import TwoStepModel
from pfc_metarl.settings import BadInput

FREE = {
    "model_based": ("second_stage_learning_rate", "inverse_temperature"),
    "model_free": ("learning_rate", "second_stage_learning_rate", "trace", "inverse_temperature"),
}
"""Learner -> the parameters that are fitted: all on which its choices depend."""


def two_step_learners(**parameters: float) -> dict[str, TwoStepModel]:
    """Return a model-based and a model-free learner of the two-step task, with the same values of parameters."""
    return {"model_based": model_based(**parameters), "model_free": model_free(**parameters)}


def prediction_errors(model: TwoStepModel, data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Yoke a learner to the trials of the two-step task, and return its two prediction errors in each.

    Parameters
    ----------
    model : TwoStepModel
        Its parameters are numbers, or tensors with one for each subject.
    data : recording or trial table

    Returns
    -------
    Dataset, dims (subject, session, trial)
        ``onset``: value of the state that was reached − value of the choice; ``reward``: reward − value of the state.
        NaN where a trial was lost.

    Examples
    --------
    State 0 was rewarded in the first trial: in the second it is worth half a reward, the choice of it 0.8 times that.

    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": [0, 1], "choice1": 0, "state2": 0, "reward": 1})
    >>> learner = two_step_learners(initial_value=0.0)["model_based"]
    >>> found = prediction_errors(learner, table)
    >>> found["onset"].values.round(2).tolist(), found["reward"].values.tolist()
    ([[[0.0, 0.1]]], [[[1.0, 0.5]]])
    """
    return _errors(model, laid_out(checked(data), model))


def _errors(model: TwoStepModel, laid: Trials) -> xr.Dataset:
    with torch.no_grad():
        state, experience = states(model, laid), laid.experience
        reached = model.expected(state, experience)
        value = model.values(state).gather(-1, experience.choice.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        lost = experience.choice < 0
        found = {"onset": reached - value, "reward": experience.reward - reached}
    dims = ("subject", "session", "trial")
    return xr.Dataset({name: (dims, error.masked_fill(lost, torch.nan).numpy()) for name, error in found.items()})


def fitted_errors(
    recording: xr.Dataset, free: Mapping[str, Sequence[str]] = FREE, n_episodes: int = 50
) -> tuple[xr.Dataset, xr.Dataset]:
    """Fit a model-based and a model-free learner to each network's choices, and yoke them to these.

    Parameters
    ----------
    recording : Dataset
        Of the two-step task, without lost trials.
    free : mapping
        Learner -> names of the parameters to fit.
    n_episodes : int
        The first so many episodes are fitted; the errors are those of all.

    Returns
    -------
    tuple of Dataset
        The recording with ``rpe_<learner>`` of the fitted learners, as `pfc_metarl.measures.rpe_regression` takes it;
        and the estimates, dims (learner, subject, parameter), with ``bic(learner, subject)``.
    """
    learners = two_step_learners(initial_value=0.5)
    fits = {
        name: maximum_likelihood(learners[name], recording.isel(episode=slice(n_episodes)), free=names, n_starts=3)
        for name, names in free.items()
    }
    tuned = {name: _tuned(learners[name], fit["estimate"]) for name, fit in fits.items()}
    index = xr.IndexVariable("learner", list(fits))
    estimates = xr.concat([fit[["estimate", "bic"]] for fit in fits.values()], index, join="outer")
    return with_errors(recording, tuned), estimates


def _tuned(model: TwoStepModel, estimate: xr.DataArray) -> TwoStepModel:
    parameters: dict[str, Any] = {
        str(name): _of_subjects(estimate.sel(parameter=name)) for name in estimate["parameter"].values
    }
    return dataclasses.replace(model, **parameters)


def _of_subjects(values: xr.DataArray) -> Tensor:
    return torch.as_tensor(values.values, dtype=torch.float64)


def with_errors(recording: xr.Dataset, learners: Mapping[str, TwoStepModel]) -> xr.Dataset:
    """Return a recording with the prediction errors of learners that are yoked to its choices, as ``rpe_<name>``.

    Raises
    ------
    BadInput
        If trials were lost.
    """
    table, made = trials(recording), {}
    for name, model in learners.items():
        errors = prediction_errors(model, table)
        if errors["onset"].isnull().any():
            raise BadInput("recording: trials were lost; give networks that answer in every trial.")
        made[f"rpe_{name}"] = recording["reward"].copy(data=np.zeros(recording["reward"].shape))
        for phase, error in (("first_stage", errors["onset"]), ("second_stage", errors["reward"])):
            made[f"rpe_{name}"].values[in_phase(recording, phase).values] = error.values.ravel()
    return recording.assign(made)
