"""A learner of your own: REINFORCE (Williams 1992, doi:10.1007/BF00992696) trains the package's network.

Run it with ``python -m pfc_metarl.simulate docs/examples/own_learner.py``.
"""

from torch import Tensor

from pfc_metarl import Experiment, Learner, Network, Training, rollout, settings
from pfc_metarl.tasks import TwoStep


class ReinforceTraining(Training):
    def learn(self) -> dict[str, Tensor]:
        trajectory = rollout(self.task, self.agent, self.draw())
        action, reward = trajectory.action(), trajectory.reward().sum(0)
        surplus = reward - reward.mean(1, keepdim=True)  # of an episode, over the mean of its network

        def loss(heads: Tensor) -> Tensor:
            log_policy = heads[..., :-1].log_softmax(-1)  # the last head is the value
            chosen = log_policy.gather(-1, action.unsqueeze(-1)).squeeze(-1)
            return -(surplus * chosen).mean(2).sum()

        for name, gradient in self.gradient(loss).items():
            self.weights[name] -= self.learner.learning_rate * gradient
        return {"reward_per_trial": reward.mean(1) / self.task.n_trials}


@settings
class Reinforce(Learner):
    learning_rate: float = 0.01

    def begin(self, task, network, seed, networks, device="cpu") -> Training:
        return ReinforceTraining(self, task, network, seed, networks, device)


EXPERIMENT = Experiment(claim="REINFORCE learns it.", task=TwoStep(n_trials=50), network=Network(), learner=Reinforce())
