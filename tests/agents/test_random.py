import pytest
import torch
from scipy.stats import chisquare

from pfc_metarl.agents import Random
from pfc_metarl.tasks import TwoStep


@pytest.mark.parametrize("fixation", [False, True])
def test_random_takes_every_action_as_often(live, fixation):
    trajectory = live(TwoStep(n_trials=100, fixation=fixation), Random(), n_episodes=50)
    counts = trajectory.action().flatten().bincount()
    assert len(counts) == (3 if fixation else 2)
    assert chisquare(counts.numpy()).pvalue > 0.001
    assert (trajectory.readout()["logits"].softmax(-1) == 1 / torch.tensor(len(counts))).all()


def test_random_earns_half(live, stays):
    assert stays(live(TwoStep(n_trials=100), Random(), n_episodes=500))["reward"] == pytest.approx(0.5, abs=0.01)
