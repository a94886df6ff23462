"""The bandit: arms with hidden probabilities of reward, which must be learned within an episode."""

from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import Probability, constants


class BanditState(NamedTuple):
    """What holds when an action is chosen."""

    trial: int
    phase: int
    p_reward: Tensor
    """Probability of reward of each arm, shape [network, episode, option]; it stays for the episode."""


@settings
class Bandit(Task):
    """Tests exploration and exploitation: which arm is good must be learned in every episode.

    Each arm pays 1 with a probability of its own, drawn when the episode begins. A trial is one step.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    n_arms : int
        Arms to choose from.
    arms : {"independent", "correlated"}
        Whether the probability of every arm is drawn from [0, 1] by itself, or that of the second of two arms is
        1 − that of the first.
    p_first : tuple of float
        Values from which the probability of the first of two correlated arms is drawn, each as likely as the others;
        if empty, it is drawn from [0, 1].
    show_trial : bool
        Whether a channel shows the fraction of the episode that is over.

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Fig. 1, has ``p_first=(0.25, 0.75)`` at test. Wang et al. 2016,
    arXiv:1611.05763, show the trial and call the distributions D_i (independent), D_u (correlated), and, with
    correlated arms, D_e (0.1, 0.9), D_m (0.25, 0.75) and D_h (0.4, 0.6).

    Examples
    --------
    >>> task = Bandit(arms="correlated", p_first=(0.25, 0.75))
    >>> state = task.begin(torch.tensor([[[0.1, 0.5], [0.9, 0.5]]]))
    >>> state.p_reward.tolist()
    [[[0.25, 0.75], [0.75, 0.25]]]
    """

    n_trials: int = Field(100, ge=1)
    n_arms: int = Field(2, ge=2)
    arms: Literal["independent", "correlated"] = "independent"
    p_first: tuple[Probability, ...] = ()
    show_trial: bool = False

    def __post_init__(self) -> None:
        if self.arms == "correlated" and self.n_arms != 2:
            raise ValueError(f"n_arms = {self.n_arms} must be 2 where arms are correlated")
        if self.arms == "independent" and self.p_first:
            raise ValueError(f'p_first = {self.p_first} needs arms = "correlated"')

    @property
    def action_names(self) -> tuple[str, ...]:
        return ("left", "right") if self.n_arms == 2 else tuple(f"arm_{arm}" for arm in range(self.n_arms))

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("choice",)

    @property
    def channel_names(self) -> tuple[str, ...]:
        return ("screen", "trial_number") if self.show_trial else ("screen",)

    @property
    def n_steps(self) -> int:
        return self.n_trials

    @property
    def n_draws(self) -> int:
        return self.n_arms

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"p_reward": ("option",)}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("action", "choice"),
            "reward": TrialColumn("reward"),
            "p_reward": TrialColumn("p_reward", "choice"),
        }

    def begin(self, noise: Tensor) -> BanditState:
        if self.arms == "independent":
            return BanditState(0, 0, p_reward=noise.clone())
        first = noise[..., 0]
        if self.p_first:
            values = constants(self.p_first, noise.device)
            first = values[(first * len(self.p_first)).long().clamp(max=len(self.p_first) - 1)]
        return BanditState(0, 0, p_reward=torch.stack([first, 1 - first], -1))

    def observe(self, state: BanditState) -> Tensor:
        shown = (1.0, state.trial / self.n_trials)[: len(self.channel_names)]
        return constants(shown, state.p_reward.device).expand(*state.p_reward.shape[:-1], -1)

    def step(self, state: BanditState, action: Tensor, noise: Tensor) -> tuple[BanditState, Tensor]:
        p_reward = state.p_reward.gather(-1, action.unsqueeze(-1)).squeeze(-1)
        return state._replace(trial=state.trial + 1), (noise[..., 0] < p_reward).float()
