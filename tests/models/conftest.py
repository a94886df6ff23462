import functools

import pytest

from pfc_metarl.agents import agent_of
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout


@pytest.fixture(scope="session")
def regret_of():
    """Mean expected regret of a model in a bandit task after the last trial, and its standard error."""

    @functools.cache
    def counted(model, task, n_episodes=4000):
        sources = noise.generators(0, (0,), "regret")
        drawn = noise.draw(sources, task.n_steps, n_episodes, task.n_draws, task.n_arms)
        trajectory = rollout(task, agent_of(model, task), drawn)
        p_reward, action = trajectory.state()["p_reward"].double(), trajectory.action()
        lost = p_reward.amax(-1) - p_reward.gather(-1, action.unsqueeze(-1)).squeeze(-1)
        regret = lost.sum(0)
        return regret.mean().item(), (regret.std() / n_episodes**0.5).item()

    return counted
