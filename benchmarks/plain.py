"""A plain loop for comparison: one network and environment, nn.LSTMCell under autograd, as in public replications."""

import random

import torch
from torch import nn


class PlainTwoStep:
    """The two-step task as an ordinary environment object."""

    def reset(self) -> list[float]:
        self.good, self.state, self.trial = random.randint(0, 1), None, 0
        return [1.0, 0.0, 0.0]

    def step(self, action: int) -> tuple[list[float], float, bool]:
        if self.state is None:
            self.state = action if random.random() < 0.8 else 1 - action
            return [0.0, float(self.state == 0), float(self.state == 1)], 0.0, False
        reward = float(random.random() < (0.9 if self.state == self.good else 0.1))
        self.state, self.trial = None, self.trial + 1
        self.good = 1 - self.good if random.random() < 0.025 else self.good
        return [1.0, 0.0, 0.0], reward, self.trial == 100


class PlainAgent(nn.Module):
    """LSTM cell, policy head, value head."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.policy, self.value = nn.LSTMCell(6, 48), nn.Linear(48, 2), nn.Linear(48, 1)

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]) -> tuple:
        state = self.cell(x, state)
        return self.policy(state[0]), self.value(state[0]), state


class PlainLoop:
    """One episode, one update."""

    def __init__(self) -> None:
        self.task, self.agent = PlainTwoStep(), PlainAgent()
        self.optimiser = torch.optim.Adam(self.agent.parameters(), lr=1e-3)

    def update(self) -> None:
        observation, done = self.task.reset(), False
        state, previous = (torch.zeros(1, 48), torch.zeros(1, 48)), [0.0, 0.0, 0.0]
        log_p, values, entropies, rewards = [], [], [], []
        while not done:
            logits, value, state = self.agent(torch.tensor([observation + previous]), state)
            policy = torch.distributions.Categorical(logits=logits)
            action = policy.sample()
            observation, reward, done = self.task.step(int(action))
            previous = [float(action == 0), float(action == 1), reward]
            log_p.append(policy.log_prob(action))
            entropies.append(policy.entropy())
            values.append(value[0])
            rewards.append(reward)
        self._learn(torch.cat(log_p), torch.cat(values), torch.cat(entropies), rewards)

    def _learn(self, log_p: torch.Tensor, values: torch.Tensor, entropies: torch.Tensor, rewards: list) -> None:
        returns, after = [], 0.0
        for reward in reversed(rewards):
            after = reward + 0.9 * after
            returns.append(after)
        advantage = torch.tensor(returns[::-1]) - values
        loss = (-log_p * advantage.detach() + 0.05 * advantage.square() / 2 - 0.05 * entropies).sum()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.agent.parameters(), 50.0)
        self.optimiser.step()
