import math

import pytest

from pfc_metarl.agents import agent_of
from pfc_metarl.models import WinStayLoseShift
from pfc_metarl.tasks import TwoStep


def test_win_stay_lose_shift_stays_and_shifts(live, stays):
    got = stays(live(TwoStep(n_trials=100), agent_of(WinStayLoseShift(inverse_temperature=1000.0), TwoStep)))
    assert [got[name] for name in ("RC", "RU", "NC", "NU")] == [1, 1, 0, 0]


def test_win_stay_lose_shift_slips_as_often_as_its_temperature_says(live, stays):
    got = stays(
        live(
            TwoStep(n_trials=100), agent_of(WinStayLoseShift(inverse_temperature=math.log(9)), TwoStep), n_episodes=500
        )
    )
    expected = {"RC": 0.9, "RU": 0.9, "NC": 0.1, "NU": 0.1}
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=0.01)


def test_win_stay_lose_shift_begins_without_a_favourite(live):
    assert (live(TwoStep(), agent_of(WinStayLoseShift(), TwoStep)).readout()["logits"][0] == 0).all()
