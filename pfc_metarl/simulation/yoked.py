"""Yoked agents: reference agents that are shown what a recorded subject perceived and did."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from pfc_metarl import dopamine
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.data.dataset import variable
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.rollout import Moment, Trajectory, Watched, side_by_side, yoke

EPISODES_AT_ONCE = 50
"""Episodes of a recording that agents are shown at once."""


def watched(yoked: Mapping[str, Agent], trajectories: Sequence[Trajectory]) -> list[dict[str, Tensor]]:
    """Return for each trajectory the read-outs and prediction errors of all yoked agents."""
    if not yoked:
        return [{} for _ in trajectories]
    sizes = [trajectory.n_episodes for trajectory in trajectories]
    whole = side_by_side(trajectories)
    trial = torch.cat([trajectory.state()["trial"] for trajectory in trajectories], 2)
    found = {n: a for name, agent in yoked.items() for n, a in _readouts(name, agent, whole, trial).items()}
    parts = {name: array.split(sizes, 2) for name, array in found.items()}
    return [{name: part[number] for name, part in parts.items()} for number in range(len(sizes))]


def _readouts(name: str, agent: Agent, trajectory: Trajectory, trial: Tensor) -> dict[str, Tensor]:
    """Return the read-outs of a yoked agent and its prediction error, [step, network, episode, ...]."""
    readout = yoke(agent, trajectory)
    value = value_of(readout, trajectory.action())
    if value is None:
        raise BadInput(f"yoked.{name}: {type(agent).__name__} has no values, so no prediction error; leave it out.")
    rpe = rpe_of(agent, trajectory.reward(), value, trial)
    return {f"rpe_{name}": rpe, **{f"{field}_{name}": readout[field] for field in agent.readouts if field != "logits"}}


def yoked_dims(name: str, agent: Agent) -> dict[str, tuple[str, ...]]:
    """Return the axes of the read-outs of a yoked agent beyond network, episode and step."""
    return {f"{field}_{name}": dims for field, dims in agent.readouts.items() if field != "logits"}


def with_yoked(recording: xr.Dataset, agents: Mapping[str, Agent]) -> xr.Dataset:
    """Show reference agents what a recorded subject perceived and did, and add their read-outs to the recording.

    `pfc_metarl.fitting.predictions` does the same with a trial table.

    Parameters
    ----------
    recording : Dataset
        Of networks, animals or people, with ``observation`` and the names of the options.
    agents : mapping of Agent
        They learn from the subject's choices as if those were their own.

    Returns
    -------
    Dataset
        The recording, and for each agent ``rpe_<name>``, ``action_value_<name>`` and its other read-outs: as if
        the agents had been yoked while it was made.

    Raises
    ------
    BadInput
        If the recording lacks what was observed, or the number of options.
    """
    for name in ("action", "reward", "trial", "observation", "option"):
        if name not in recording.variables:
            raise BadInput(
                f"The recording has no variable {name!r}, which agents must be shown; with its trials alone, "
                "pfc_metarl.fitting.predictions yokes a model to them."
            )
    parts = []
    for start in range(0, recording.sizes["episode"], EPISODES_AT_ONCE):
        own = recording.isel(episode=slice(start, start + EPISODES_AT_ONCE))
        trajectory, trial = _replayed(own), _tensor(own["trial"])
        arrays = {n: a for k, agent in agents.items() for n, a in _readouts(k, agent, trajectory, trial).items()}
        dims = {n: d for name, agent in agents.items() for n, d in yoked_dims(name, agent).items()}
        made = {name: variable(name, as_numpy(array), dims.get(name, ())) for name, array in arrays.items()}
        for name, agent in agents.items():
            made[f"rpe_{name}"].attrs |= rpe_attrs(agent, f"_{name}")
        parts.append(made)
    return recording.assign({name: xr.Variable.concat([part[name] for part in parts], "episode") for name in parts[0]})


def _replayed(recording: xr.Dataset) -> Trajectory:
    """Return what a recorded subject perceived and did; of its read-out only the width is known."""
    action, reward, observation = (_tensor(recording[name]) for name in ("action", "reward", "observation"))
    action, none = action.long(), Watched(torch.zeros(*action.shape[1:], recording.sizes["option"]))
    before = torch.cat([torch.full_like(action[:1], -1), action[:-1]])
    paid = torch.cat([torch.zeros_like(reward[:1]), reward[:-1]])
    percepts = (Percept(*each) for each in zip(observation, before, paid, strict=True))
    moments = zip(percepts, action, reward, strict=True)
    return Trajectory([Moment(None, percept, did, got, none) for percept, did, got in moments])


def _tensor(array: xr.DataArray) -> Tensor:
    """[network, episode, step, ...] -> [step, network, episode, ...]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(array.values, 2, 0)))


def value_of(readout: Mapping[str, Tensor], action: Tensor) -> Tensor | None:
    """Return the value of an agent at each step: of the state, or of the action taken."""
    if "value" in readout or "action_value" not in readout:
        return readout.get("value")
    return readout["action_value"].gather(-1, action.unsqueeze(-1)).squeeze(-1)


def rpe_of(agent: Agent, reward: Tensor, value: Tensor, trial: Tensor) -> Tensor:
    """Return the reward-prediction error of an agent at each step."""
    next_value = torch.cat([value[1:], torch.zeros_like(value[:1])])
    if not agent.values_reach_next_trial:
        next_trial = torch.cat([trial[1:], trial[-1:] + 1])
        next_value = next_value * (next_trial == trial)
    return dopamine.prediction_error(reward, value, next_value, agent.discount)


def rpe_attrs(agent: Agent, suffix: str) -> dict[str, Any]:
    """Return the values and the discount from which a prediction error was computed: see `pfc_metarl.data.dataset`."""
    discount = np.ravel(np.asarray(agent.discount, dtype=float))
    return {
        "value": f"{'value' if 'value' in agent.readouts else 'action_value'}{suffix}",
        "discount": float(discount[0]) if discount.size == 1 else discount,
        "next_value_within": "episode" if agent.values_reach_next_trial else "trial",
    }


def as_numpy(array: Tensor) -> np.ndarray:
    """[step, network, episode, ...] -> [network, episode, step, ...]."""
    return np.moveaxis(array.cpu().numpy(), 0, 2)
