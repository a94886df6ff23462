"""Teacher forcing: trained networks are shown an animal's own history, and predict its choices."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.data.labels import coded, subjects
from pfc_metarl.data.validity import validity
from pfc_metarl.fitting.cross_validation import parts
from pfc_metarl.fitting.layout import UNIT_RANGE, Trials, checked, laid_out
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit, TwoStep

SESSIONS_AT_ONCE = 50
"""Sessions that networks are shown at once; it limits the memory."""

MAX_INVERSE_TEMPERATURE = 100.0
"""Largest inverse temperature that is fitted."""

N_HALVINGS = 50
"""Halvings of the interval in which an inverse temperature is searched."""


class Shown(NamedTuple):
    """An animal's choices, and what the networks would choose."""

    laid: Trials
    """The trials of each subject, session by session."""
    log_odds: Tensor
    """Log odds of option 1 against option 0, [network, subject, session, trial]; 0 where nothing was shown."""


def network_likelihood(
    agent: Agent,
    data: xr.Dataset | pd.DataFrame,
    n_folds: int = 5,
    inverse_temperature: float | None = None,
    reward_range: tuple[float, float] | None = UNIT_RANGE,
) -> xr.Dataset:
    """Show networks an animal's history of the two-step task or of two arms, and return how well they predict it.

    The networks receive the animal's choices, states and rewards as if they were their own; weights are frozen, and
    the activity is reset at the beginning of a session.

    Parameters
    ----------
    agent : Agent
        Networks trained in `TwoStep`, or in a task with two arms and one step per trial such as `Volatility`, as of
        `pfc_metarl.load`; or a model of trials, as of `agent_of`.
    data : recording or trial table
        Columns ``choice1`` and ``reward``. With ``state2`` it is the two-step task, without it two arms. ``choice2`` is
        shown if there is one, otherwise the network's own most probable response at the second stage takes its place.
        Forced choices are shown and not predicted; lost and excluded trials are not shown.
    n_folds : int
        Parts of each subject's choices, as of `pfc_metarl.fitting.cross_validated`. The inverse temperature, which
        multiplies the log odds, is fitted to the other parts.
    inverse_temperature : float, optional
        One for all subjects, not fitted; 1 is the networks' own policy.
    reward_range : pair of float or None
        Lowest and highest possible reward.

    Returns
    -------
    Dataset, dims (subject, network)
        ``log_likelihood`` of all choices, each predicted without its part; ``per_trial``, the geometric mean of the
        probability of a choice; ``inverse_temperature`` of all choices of a subject; ``log_p(row, network)`` of each
        choice, NaN where none is predicted, row by row of the table; ``chance``, ``n_trials``, ``n_left_out``,
        ``valid`` and ``reason`` (subject).

    Raises
    ------
    BadInput
        If a column is missing, choices do not commonly lead to the state of the same number, the agent cannot act in
        the task, or there are fewer than two parts.

    Examples
    --------
    >>> from pfc_metarl.agents import agent_of
    >>> from pfc_metarl.models import Hybrid
    >>> from pfc_metarl.tasks import TwoStep
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(60), "choice1": rng.integers(0, 2, 60)})
    >>> table = table.assign(state2=table["choice1"], reward=rng.integers(0, 2, 60))
    >>> found = network_likelihood(agent_of(Hybrid(), TwoStep), table)
    >>> bool(abs(found["per_trial"] - 0.5) < 0.05)  # choices at random
    True
    """
    if n_folds < 2:
        raise BadInput(f"n_folds = {n_folds}: must be at least 2.")
    table = checked(data)
    laid, log_odds = shown_history(agent, table, reward_range)
    favour = torch.where(laid.experience.choice == 1, log_odds, -log_odds).double()
    target = laid.target.expand(favour.shape)
    if inverse_temperature is None:
        held_out = parts(laid, coded(table["session"])[1], n_folds)
        beta, log_p = _fitted(favour, target), torch.zeros_like(favour)
        for part in held_out:
            of_others = _fitted(favour, target & ~part)[..., None, None]
            log_p = torch.where(part, torch.nn.functional.logsigmoid(of_others * favour), log_p)
    else:
        beta = torch.full(favour.shape[:2], float(inverse_temperature), dtype=torch.float64)
        log_p = torch.nn.functional.logsigmoid(beta[..., None, None] * favour)
    return _result(table, laid, torch.where(target, log_p, torch.nan), beta)


def _result(table: pd.DataFrame, laid: Trials, log_p: Tensor, beta: Tensor) -> xr.Dataset:
    n_trials = laid.target.sum((-1, -2)).numpy()
    known = n_trials > 0
    total = np.where(known, log_p.nansum((-1, -2)).numpy(), np.nan).T
    rows = np.full((len(table), len(log_p)), np.nan)
    there = (laid.row >= 0).numpy()
    rows[laid.row.numpy()[there]] = np.moveaxis(log_p.numpy(), 0, -1)[there]
    of_both = {
        "log_likelihood": total,
        "per_trial": np.exp(total / np.where(known, n_trials, 1)[:, None]),
        "inverse_temperature": np.where(known, beta.numpy(), np.nan).T,
    }
    of_subject: dict[str, Any] = {
        "chance": np.full(len(n_trials), 0.5),
        "n_trials": n_trials,
        "n_left_out": laid.n_left_out(laid.row[None] >= 0)[:, 0],
    }
    made = {name: (("subject", "network"), values) for name, values in of_both.items()}
    return xr.Dataset(
        {
            **made,
            "log_p": (("row", "network"), rows),
            **{name: ("subject", values) for name, values in of_subject.items()},
            **validity(np.where(known, "", "no trial with a free choice")),
        },
        coords={"subject": subjects(table), "network": np.arange(len(log_p))},
    )


def _fitted(favour: Tensor, target: Tensor) -> Tensor:
    """Return the inverse temperature with the highest likelihood, [network, subject].

    The log-likelihood is concave in it, so its slope changes sign once; the interval is halved around that place.
    """
    low = torch.zeros(favour.shape[:2], dtype=favour.dtype)
    high = torch.full_like(low, MAX_INVERSE_TEMPERATURE)
    used = favour.masked_fill(~target, 0.0)
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        slope = (used * torch.sigmoid(-middle[..., None, None] * used)).sum((-1, -2))
        low, high = torch.where(slope > 0, middle, low), torch.where(slope > 0, high, middle)
    return (low + high) / 2


def shown_history(agent: Agent, table: pd.DataFrame, reward_range: tuple[float, float] | None = UNIT_RANGE) -> Shown:
    """Show networks the history of each subject, session by session, and return their log odds at the first stage.

    Parameters
    ----------
    agent, reward_range
        As of `network_likelihood`.
    table : DataFrame
        A checked trial table.

    Raises
    ------
    BadInput
        As of `network_likelihood`.

    Examples
    --------
    >>> from pfc_metarl.agents import agent_of
    >>> from pfc_metarl.models import Hybrid
    >>> from pfc_metarl.tasks import TwoStep
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(3), "choice1": [0, 1, 0]})
    >>> table = table.assign(state2=table["choice1"], reward=1)
    >>> shown_history(agent_of(Hybrid(), TwoStep), table).log_odds.shape
    torch.Size([1, 1, 1, 3])
    """
    two_step = "state2" in table
    model = Hybrid(second_stage_choice="choice2" in table) if two_step else RescorlaWagner()
    laid = laid_out(table, model, "choice1", reward_range)
    given = {name: field for name, field in laid.experience._asdict().items() if field is not None}
    choice = given["choice"]
    shown = choice >= 0
    _check_codes(laid.n_options, choice, given.get("state"))
    order = (~shown).int().argsort(dim=-1, stable=True)  # lost and excluded trials last, after all that is remembered
    names = [name for name in given if name != "finished"]
    in_order = {name: given[name].gather(-1, order).flatten(0, 1) for name in names}
    ready = agent.for_task((TwoStep if two_step else Bandit)(n_trials=choice.shape[-1]))
    batches = zip(*(field.split(SESSIONS_AT_ONCE) for field in in_order.values()), strict=True)
    log_odds_of = _log_odds_of_two_steps if two_step else _log_odds_of_arms
    found = [log_odds_of(ready, **dict(zip(in_order, batch, strict=True))) for batch in batches]
    log_odds = torch.cat(found, 1).unflatten(1, choice.shape[:2])
    place = order.argsort(-1).expand(log_odds.shape)
    return Shown(laid, log_odds.gather(-1, place).masked_fill(~shown, 0.0))


def _check_codes(n_options: int, choice: Tensor, state2: Tensor | None) -> None:
    if n_options > 2 or (state2 is not None and bool((state2 > 1).any())):
        raise BadInput("choice1 and state2: networks are shown tasks with two of each, with codes 0 and 1.")
    if (
        state2 is not None
        and bool((choice >= 0).any())
        and float((choice == state2)[choice >= 0].double().mean()) < 0.5
    ):
        raise BadInput("state2: choice 0 must commonly lead to state 0; exchange the codes of the states.")


@torch.inference_mode()
def _log_odds_of_arms(agent: Agent, choice: Tensor, reward: Tensor) -> Tensor:
    """Return the log odds of each choice of an arm, [network, session, trial]; arguments are [session, trial]."""
    shape = (agent.n_networks or 1, choice.shape[0])
    noise, screen = torch.zeros(*shape, 2), torch.ones(*shape, 1)
    memory, action, paid = agent.begin(shape), torch.full(shape, -1), torch.zeros(shape)
    found = []
    for trial in range(choice.shape[1]):
        _, readout, memory = agent.act(Percept(screen, action, paid), memory, noise)
        found.append((readout.logits[..., 1] - readout.logits[..., 0]).clone())
        action = choice[:, trial].clamp(min=0).expand(shape).contiguous()
        paid = reward[:, trial].float().expand(shape).contiguous()
    return torch.stack(found, -1)


@torch.inference_mode()
def _log_odds_of_two_steps(
    agent: Agent, choice: Tensor, reward: Tensor, state: Tensor, choice2: Tensor | None = None
) -> Tensor:
    """Return the log odds of each first-stage choice, [network, session, trial]; arguments are [session, trial]."""
    n_networks, (n_sessions, n_trials) = agent.n_networks or 1, choice.shape
    shape = (n_networks, n_sessions)
    noise = torch.zeros(*shape, 2)
    memory = agent.begin(shape)
    action, paid, screens = torch.full(shape, -1), torch.zeros(shape), torch.eye(3)
    found = []
    for trial in range(n_trials):
        first = screens[0].expand(*shape, 3).contiguous()
        _, readout, memory = agent.act(Percept(first, action, paid), memory, noise)
        found.append((readout.logits[..., 1] - readout.logits[..., 0]).clone())
        did = choice[:, trial].clamp(min=0).expand(shape).contiguous()
        second = screens[1 + state[:, trial].clamp(min=0)].expand(*shape, 3).contiguous()
        own, _, memory = agent.act(Percept(second, did, torch.zeros(shape)), memory, noise)
        action = own.clone() if choice2 is None else choice2[:, trial].clamp(min=0).expand(shape).contiguous()
        paid = reward[:, trial].float().expand(shape).contiguous()
    return torch.stack(found, -1)
