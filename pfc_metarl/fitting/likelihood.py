"""The likelihood of choices under a model, with derivatives with respect to its parameters, and what it predicts."""

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.models.base import Experience, Model, State


def log_likelihood(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_options: int = 2,
) -> Tensor:
    """Return the log-likelihood of each subject's choices under a model.

    Parameters
    ----------
    model : Model
        Its parameters are numbers, or tensors with one for each subject, in the order of their labels; derivatives are
        with respect to tensors that require them.
    data : recording or trial table
        Subjects, sessions, trials, choices, rewards, and for models of the two-step task ``state2``. The choice of a
        forced trial is learned from and not predicted.
    choice : str
        Column of the choice.
    reward_range : pair of float or None
        Lowest and highest reward that there can be, which become 0 and 1. None leaves rewards as they are.
    n_options : int
        Options of the choice, if some were never chosen.

    Returns
    -------
    Tensor of float64, shape [subject]

    Raises
    ------
    BadInput
        If a column is missing, or holds something that the model cannot learn from.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "choice1": [0, 0, 1], "reward": [1, 1, 0]})
    >>> rate = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    >>> found = log_likelihood(RescorlaWagner(learning_rate=rate, inverse_temperature=2.0), table)
    >>> found.sum().backward()
    >>> found.detach().round(decimals=3), rate.grad.round(decimals=3)
    (tensor([-2.7080], dtype=torch.float64), tensor([-1.0970], dtype=torch.float64))
    """
    trials = laid_out(checked(data), model, choice, reward_range, n_options)
    return log_probability(model, trials).sum((-1, -2))


def log_probability(model: Model, trials: Trials) -> Tensor:
    """Return the log-probability of each trial's choices, 0 where none is a target; [subject, session, trial]."""
    state, experience, target = states(model, trials), trials.experience, trials.target
    log_p = _of_choice(model.logits(state), experience.choice, target)
    if model.n_choices > 1 and experience.state is not None and experience.choice2 is not None:
        log_p = log_p + _of_choice(model.logits_at(state, experience.state), experience.choice2, target)
    return torch.zeros(target.shape, dtype=log_p.dtype).masked_scatter(target, log_p)


def _of_choice(logits: Tensor, choice: Tensor, target: Tensor) -> Tensor:
    """Return the log-probabilities of the choices that are targets, in one row."""
    of_target, index = logits[target].double(), choice[target].unsqueeze(-1)
    return of_target.gather(-1, index).squeeze(-1) - of_target.logsumexp(-1)


def states(model: Model, trials: Trials) -> State:
    """Return the state before each trial; its tensors have shape [subject, session, trial, ...]."""
    n_subjects, n_sessions, _ = trials.target.shape
    state = model.begin((n_subjects, n_sessions), trials.n_options, torch.float64)
    before = []
    for experience in _one_by_one(trials.experience):
        before.append(state)
        state = model.update(state, experience)
    return type(state)(*(torch.stack(fields, 2) for fields in zip(*before, strict=True)))


def _one_by_one(experience: Experience) -> list[Experience]:
    n = experience.choice.shape[-1]
    fields = ([None] * n if field is None else field.unbind(-1) for field in experience)
    return [Experience(*each) for each in zip(*fields, strict=True)]


def predictions(
    model: Model,
    data: xr.Dataset | pd.DataFrame,
    choice: str = "choice1",
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_options: int = 2,
) -> pd.DataFrame:
    """Yoke a model to a subject's trials: it learns from them as if it had made the choices itself.

    Parameters
    ----------
    model, data, choice, reward_range, n_options
        As of `log_likelihood`.

    Returns
    -------
    DataFrame
        The trial table with further columns. ``value_<option>`` and ``p_<option>``: value and probability of each
        option of the (first) choice, before it was made; ``rpe``: reward − value, of what was chosen or reached, empty
        where a trial was lost; ``log_p``: log-probability of the trial's choices, empty where they are not predicted;
        and the other signals of the model, such as ``expected_volatility``.

    Raises
    ------
    BadInput
        As of `log_likelihood`.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "choice1": [0, 0, 1], "reward": [1, 1, 0]})
    >>> predictions(RescorlaWagner(learning_rate=0.5), table)[["value_0", "value_1", "rpe"]].values.tolist()
    [[0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.875, 0.125, -0.125]]
    """
    table = checked(data)
    trials = laid_out(table, model, choice, reward_range, n_options)
    with torch.no_grad():
        state = states(model, trials)
        values, p = model.values(state), model.logits(state).softmax(-1)
        lost = trials.experience.choice < 0
        rpe = model.prediction_error(state, trials.experience).masked_fill(lost, torch.nan)
        log_p = log_probability(model, trials).masked_fill(~trials.target, torch.nan)
    columns = {f"value_{option}": values[..., option] for option in range(trials.n_options)}
    columns |= {f"p_{option}": p[..., option] for option in range(trials.n_options)}
    columns |= {"rpe": rpe, "log_p": log_p, **model.read(state)}
    return table.assign(**{name: _column(values, trials.row) for name, values in columns.items()})


def _column(values: Tensor, row: Tensor) -> np.ndarray:
    column = np.empty(int(row.max()) + 1)
    column[row[row >= 0].numpy()] = values[row >= 0].numpy()
    return column
