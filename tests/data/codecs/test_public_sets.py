"""The public sets beside the project; the tests are skipped where they are not at hand."""

from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from pfc_metarl import fit, measure
from pfc_metarl.data.codecs import read_trials
from pfc_metarl.data.codecs.public_sets import SETS
from pfc_metarl.data.trial_roles import trial_roles
from pfc_metarl.settings import BadInput

SHARED = Path(__file__).parents[4] / "shared" / "data"

COUNTS = {
    "miller2022_rats": ("rat_twostep_miller_ofc", 6, 36413, 21),
    "zorowitz2023_two_step": ("human_twostep_zorowitz2023", 400, 80400, 0),
    "zorowitz2023_reversal": ("human_reversal_zorowitz2023", 406, 36540, 0),
    "feherdasilva2020_magic_carpet": ("human_twostep_feherdasilva2020", 24, 4824 + 110, 110),
    "feherdasilva2020_spaceship": ("human_twostep_feherdasilva2020", 21, 5250 + 23, 23),
    "aind_mice": ("mouse_foraging_aind", 6, 3243, 357),
}
"""Folder, subjects, trials and trials that are nothing, as the README of each set counts them."""


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_read_by_name(name):
    folder, n_subjects, n_trials, n_nothing = COUNTS[name]
    if not (SHARED / folder).exists():
        pytest.skip("the public sets are not beside the project")
    table = read_trials(SHARED / folder, name)
    assert (table["subject"].nunique(), len(table)) == (n_subjects, n_trials)
    assert (trial_roles(table) == "nothing").sum() == n_nothing
    if "state2" in table:
        free = table[trial_roles(table) != "nothing"]
        assert ((free["choice1"] == free["state2"]) == (free["common"] == 1)).all()
        assert free.get("choice2", pd.Series([0])).isin([0, 1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_set_is_measured_and_fitted_by_one_command_each(name, tmp_path, capsys):
    folder, n_subjects, *_ = COUNTS[name]
    if not (SHARED / folder).exists():
        pytest.skip("the public sets are not beside the project")
    task, models = ("bandit", "rw,kalman") if name in ("zorowitz2023_reversal", "aind_mice") else ("two_step", "mb,mf")
    source = [str(SHARED / folder), "--format", name]
    assert measure.main([*source, "--task", task, "--out", str(tmp_path / "measured.nc")]) == 0
    assert fit.main([*source, "--models", models, "--starts", "2", "--out", str(tmp_path / "fits.nc")]) == 0
    assert f"{n_subjects} subjects" in capsys.readouterr().out
    with xr.open_datatree(tmp_path / "fits.nc", engine="h5netcdf") as tree:
        first = tree[models.split(",")[0]]
        assert first["estimate"].sizes["subject"] == n_subjects
        assert first["valid"].values.mean() > 0.95


def test_a_set_is_told_by_its_columns(tmp_path):
    (tmp_path / "trials.csv").write_text("subject,trial\n1,1\n")
    with pytest.raises(BadInput, match="the set aind_mice has a column 'mouse'"):
        read_trials(tmp_path, "aind_mice")
    with pytest.raises(BadInput, match="the columns of aind_mice are known"):
        read_trials(tmp_path, "aind_mice", columns={"subject": "mouse"})


def test_rats_whose_common_transition_crosses_sides_are_turned(tmp_path):
    rows = pd.DataFrame(
        {
            "rat": "r", "session": 1, "trial": [1, 2], "choice1": [0, 1], "common": [1, 0], "state2": [1, -1],
            "reward": [1, 0],
            "forced": 0, "violation": [0, 1], "p_reward_left": [0.8, 0.2], "p_reward_right": [0.2, 0.8],
            "common_is_same_side": 0, "t_init1": 1.0, "t_choice1": 1.5,
        }
    )  # fmt: skip
    rows.to_csv(tmp_path / "trials.csv", index=False)
    table = read_trials(tmp_path, "miller2022_rats")
    assert table["state2"].tolist() == [0, pd.NA]
    assert table["good_state"].tolist() == [1, 1]  # of trial 2 as well: the labels change one trial early
    assert table["rt1"].tolist() == [0.5, 0.5]
