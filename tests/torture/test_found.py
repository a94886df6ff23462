"""Faults that the attacks have found, each as a minimal test."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from pfc_metarl import export, measures, open_run, verify
from pfc_metarl.measures.behaviour.choice import stay_trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate_main
from tests.handmade import TINY, table
from tests.test_simulate import OUTSIDE
from tests.torture.harness import one_sentence
from tests.torture.test_fuzz_tables import measured


def test_the_command_of_a_complete_run_leaves_no_folder_behind(tiny_run, tmp_path):
    folder = tmp_path / "run"
    subprocess.run(["cp", "-r", str(tiny_run), str(folder)], check=True)
    (folder / "checkpoints").mkdir()
    assert simulate_main(["two_step", *TINY, "--quiet", "--out", str(folder)]) == 0
    assert not (folder / "checkpoints").exists()


@pytest.mark.parametrize("main", [export.main, verify.main, simulate_main])
@pytest.mark.parametrize("words", [[], ["--nope"], ["x" * 300], ["\0"], ["a\nb"]])
def test_every_command_refuses_in_one_line(main, words, capsys):
    assert main(words) == 2
    assert one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize("option", [["--config", "\0"], ["--out", "\0"], ["--out", "/proc/x"], ["--out", "x" * 300]])
def test_places_that_cannot_be(option, capsys):
    assert simulate_main(["two_step", *option]) == 2
    assert one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    "setting",
    [*(f"{name}={10**20}" for name in ("learner.updates", "learner.episodes", "network.units", "networks")),
     f"task.n_trials={10**20}", f"probes.test.episodes={10**20}"],
)  # fmt: skip
def test_numbers_that_no_machine_holds(setting, capsys):
    assert simulate_main(["two_step", "--set", setting, "--print-config"]) == 2
    assert one_sentence(capsys.readouterr().err)


def test_warnings_of_python_on_a_file_are_one_line(tmp_path):
    (tmp_path / "mine.py").write_text(OUTSIDE.replace("A2C(updates", "0(updates"))
    words = [sys.executable, "-m", "pfc_metarl.simulate", str(tmp_path / "mine.py"), "--print-config"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, one_sentence(ended.stderr)) == (2, True)


GOOD = table([0, 1, 1], [1, 0, 1], [0, 1, 1])
TABLES = {
    "empty": GOOD.iloc[:0],
    "double column": pd.concat([GOOD, GOOD[["common"]]], axis=1),
    "double session": pd.concat([GOOD, GOOD[["session"]]], axis=1),
    "index like a column": GOOD.set_index("trial", drop=False),
    "no names": GOOD.set_axis([[]] + list(GOOD.columns[1:]), axis=1),  # noqa: RUF005
    "two levels": pd.concat({"x": GOOD}, axis=1),
    "dates": GOOD.assign(reward=pd.NaT),
    "words": GOOD.assign(reward="much"),
    "infinite": GOOD.assign(reward=np.inf),
    "nobody": GOOD.assign(subject=None),
    "mixed": GOOD.assign(subject=[0, "x", "x"]),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("measure", [stay_trials, measures.lagged_regression, measures.stay_regression])
def test_tables_that_cannot_be_measured(name, measure):
    with pytest.raises(BadInput) as caught:
        measure(TABLES[name])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda test: test.isel(step=slice(0)),
        lambda test: test.assign(phase=test["phase"] + 99),
        lambda test: test.assign(trial=test["trial"] - 1),
        lambda test: test.assign(action=test["action"].astype(str)),
        lambda test: test.assign(action=test["action"].expand_dims(more=2, axis=3)),
        lambda test: test.assign(rpe=test["rpe"].isel(step=0)),
        lambda test: test.drop_attrs(),
        lambda test: test.assign_attrs(trial_columns=["choice1 = policy at first_stage"]),
        lambda test: test.assign_attrs(trial_columns=["trial = action at first_stage"]),
        lambda test: test.assign_coords(network=[None] * test.sizes["network"]),
        lambda test: xr.Dataset(),
    ],
)
def test_recordings_that_cannot_be_measured(tiny_run, change):
    changed = change(open_run(tiny_run).recording("test").load())
    for measure in (measures.lagged_regression, measures.rpe_regression):
        assert measured(changed, measure) is None


def test_a_message_is_one_line_whatever_is_in_it():
    assert "\n" not in str(BadInput("a\nb\x1b[2J\u2028c"))
    print(BadInput("\ud800"), file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
