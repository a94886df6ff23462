import numpy as np
import pandas as pd
import pytest
import xarray as xr

from pfc_metarl.data.trial_table import trials
from pfc_metarl.settings import BadInput


@pytest.fixture
def own():
    return pd.DataFrame(
        {
            "participant": ["x", "x", "y"],
            "n": [1, 2, 1],
            "level1": [1, 2, -1],
            "points": [0, 50, -50],
            "rt": [0.1, 0.2, 0.3],
        }
    )


NAMES = {"subject": "participant", "trial": "n", "choice1": "level1", "reward": "points"}


def test_names_codes_and_units_are_mapped(own):
    before = own.copy()
    got = trials(own, **NAMES, base=1, missing=-1, reward_unit=50)
    assert set(got) == {*NAMES, "session", "rt"}
    assert got["subject"].tolist() == ["x", "x", "y"]
    assert got["session"].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(got["choice1"].astype(float), [0, 1, np.nan])
    assert got["reward"].tolist() == [0, 1, -1]
    assert trials(got) is got
    pd.testing.assert_frame_equal(own, before)


def test_a_mapped_column_replaces_one_of_its_name(own):
    got = trials(own.assign(reward=9, session=4), **NAMES, base=1, missing=-1)
    assert got["reward"].tolist() == [0, 50, -50]
    assert got["session"].tolist() == [4, 4, 4]


def test_what_cannot_be_mapped_is_refused_in_a_sentence(own):
    for options, said in (
        ({"subject": "nobody"}, "subject = 'nobody': the table has no such column; it has participant, n"),
        (
            {**NAMES, "base": 1},
            "choice1 = -1: codes are whole numbers from base = 1 on; .* missing=",
        ),
        ({**NAMES, "base": 0, "missing": -1, "reward_unit": 0}, "reward_unit = 0: must be a number above 0"),
        ({**NAMES, "state2": "level1"}, "more than one name"),
        ({**NAMES, "choice9": "level1"}, "has no column choice9; its columns are subject, session"),
        ({"level1": "choice1"}, "level1 = 'choice1': the name in the trial table comes first, choice1 = 'level1'"),
    ):
        with pytest.raises(BadInput, match=said):
            trials(own, **options)


def test_a_recording_declares_its_own_columns():
    with pytest.raises(BadInput, match="a recording declares its own"):
        trials(xr.Dataset(), base=1)
