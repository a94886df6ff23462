"""The ε-greedy rule."""

from torch import Tensor

from pfc_metarl.models.bandits import CountingModel, Counts
from pfc_metarl.models.base import Probability, spread
from pfc_metarl.settings import settings


@settings
class EpsilonGreedy(CountingModel):
    """Chooses the option with the highest mean reward so far, and any option at random with probability ε.

    Parameters
    ----------
    epsilon : float
        ε. 0 is the greedy rule.

    Notes
    -----
    Means are those of Beta(1 + wins, 1 + losses), so that an option that was never chosen counts as ½.
    """

    epsilon: Probability = 0.05

    def logits(self, state: Counts) -> Tensor:
        values = self.values(state)
        best = (values >= values.amax(-1, keepdim=True) - 1e-9).to(values.dtype)
        epsilon = spread(self.epsilon, values)
        policy = (1 - epsilon) * best / best.sum(-1, keepdim=True) + epsilon / values.shape[-1]
        return policy.clamp(min=1e-30).log()
