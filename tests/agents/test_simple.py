import math

import pytest
import torch
from scipy.stats import chisquare

from pfc_metarl.agents import Random, WinStayLoseShift
from pfc_metarl.tasks import TwoStep


def test_win_stay_lose_shift_does_what_it_is_called(live, stays):
    told = stays(live(TwoStep(n_trials=100), WinStayLoseShift(inverse_temperature=1000.0)))
    assert [told[name] for name in ("RC", "RU", "NC", "NU")] == [1, 1, 0, 0]


def test_win_stay_lose_shift_slips_as_often_as_its_temperature_says(live, stays):
    told = stays(live(TwoStep(n_trials=100), WinStayLoseShift(inverse_temperature=math.log(9)), n_episodes=500))
    expected = {"RC": 0.9, "RU": 0.9, "NC": 0.1, "NU": 0.1}
    assert {name: told[name] for name in expected} == pytest.approx(expected, abs=0.01)


def test_win_stay_lose_shift_begins_without_a_favourite(live):
    assert (live(TwoStep(), WinStayLoseShift()).readout()["logits"][0] == 0).all()


@pytest.mark.parametrize("fixation", [False, True])
def test_random_takes_every_action_as_often(live, fixation):
    trajectory = live(TwoStep(n_trials=100, fixation=fixation), Random(), n_episodes=50)
    counts = trajectory.action().flatten().bincount()
    assert len(counts) == (3 if fixation else 2)
    assert chisquare(counts.numpy()).pvalue > 0.001
    assert (trajectory.readout()["logits"].softmax(-1) == 1 / torch.tensor(len(counts))).all()


def test_random_earns_half(live, stays):
    assert stays(live(TwoStep(n_trials=100), Random(), n_episodes=500))["reward"] == pytest.approx(0.5, abs=0.01)
