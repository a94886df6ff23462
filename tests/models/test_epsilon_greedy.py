import torch

from pfc_metarl.models import EpsilonGreedy
from pfc_metarl.models.bandits import Counts


def policy(epsilon, wins, losses):
    counts = Counts(torch.tensor(wins, dtype=torch.float64), torch.tensor(losses, dtype=torch.float64))
    return EpsilonGreedy(epsilon=epsilon).logits(counts).softmax(-1)


def test_the_best_arm_and_now_and_then_any():
    found = policy(0.3, [2, 0, 1], [0, 2, 1])
    torch.testing.assert_close(found, torch.tensor([0.8, 0.1, 0.1], dtype=torch.float64))


def test_equal_arms_share_the_choices():
    found = policy(0.0, [0, 1, 1], [1, 1, 1])  # means 1/3, 1/2, 1/2
    torch.testing.assert_close(found, torch.tensor([0, 0.5, 0.5], dtype=torch.float64))
