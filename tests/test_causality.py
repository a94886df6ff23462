import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.causality import KINDS, NAME, _edits, _Targets, edited_behaviour, main
from pfc_metarl.runs import open_run
from pfc_metarl.settings import BadInput

TARGETS = ["direction", "random directions", "top units", "bottom units", "random units"]


@pytest.fixture(scope="module")
def run(tiny_run, tmp_path_factory):
    """A copy of the tiny run in which the command was given."""
    folder = tmp_path_factory.mktemp("causality") / "run"
    shutil.copytree(tiny_run, folder)
    assert main([str(folder), "--episodes", "3", "--draws", "2", "--units", "3", "--quiet"]) == 0
    return open_run(folder)


def test_every_target_is_removed_and_alone_kept(run):
    got = run.table(NAME)
    assert got["target"].values.tolist() == TARGETS
    assert got["kind"].values.tolist() == list(KINDS)
    n = got["reward_per_trial"].notnull().sum("draw")
    assert n.sel(kind="removed").values.tolist() == n.sel(kind="kept").values.tolist() == [[1, 2, 1, 1, 2]] * 2
    assert {"intact_planning_index", "intact_reward_per_trial", "chance"} <= set(got)
    share = got["variance_share"].dropna("target")
    assert share["target"].values.tolist() == TARGETS[:2]
    assert share.dims == ("target", "phase", "subject")
    assert ((share > 0) & (share < 1)).all()
    assert (got.attrs["label"], got.attrs["episodes"], got.attrs["seed"]) == ("good_state", 3, 0)


def test_top_removed_is_bottom_kept_where_they_are_halves(run):
    got = run.table(NAME).isel(draw=0)["reward_per_trial"]
    for target, other in (("top units", "bottom units"), ("bottom units", "top units")):
        np.testing.assert_array_equal(got.sel(target=target, kind="removed"), got.sel(target=other, kind="kept"))


def test_what_is_removed_rests_at_its_mean_and_what_is_kept_is_free():
    rng = np.random.default_rng(0)
    centre = rng.normal(size=(2, 1, 4))
    found = _Targets(centre, {"d": rng.normal(size=(3, 2, 1, 4)), "u": np.array([[[True, False, False, False]]])}, None)
    hidden, state = torch.from_numpy(rng.normal(size=(1, 5, 4))), SimpleNamespace(phase=1)
    blank = torch.zeros(1, 5)
    made = [(*name, edit(Percept(blank, blank, blank), state).edit(hidden).numpy()) for *name, edit in _edits(found)]
    assert [tuple(name) for *name, _ in made] == [("d", k, n) for n in range(3) for k in KINDS] + [
        ("u", kind, 0) for kind in KINDS
    ]
    for target, kind, draw, left in made:
        axis = np.eye(4)[0] if target == "u" else found.targets["d"][draw, 1, 0]
        moved, rest = left - centre[1], np.linalg.svd(axis[None])[2][1:]
        held, free = (axis[None], rest) if kind == "removed" else (rest, axis[None])
        np.testing.assert_allclose(moved @ held.T, 0, atol=1e-12)
        np.testing.assert_allclose(moved @ free.T, (hidden.numpy() - centre[1]) @ free.T)


def test_the_same_command_gives_the_same_numbers(run):
    made = edited_behaviour(run, "good_state", episodes=3, draws=2, units=3)
    assert made.equals(run.table(NAME).load())


def test_the_run_stays_whole(run, capsys):
    from pfc_metarl.verify import main as verify

    assert verify([str(run.folder)]) == 0
    assert "the run is complete" in capsys.readouterr().out


def test_what_is_measured_is_told_as_it_comes(run):
    told = []
    edited_behaviour(run, "good_state", episodes=1, draws=1, units=1, report=lambda *what: told.append(what))
    assert [what[:3] for what in told] == [(target, kind, 0) for target in TARGETS for kind in KINDS]
    assert all(0 <= what[3] <= 1 for what in told)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--units", "4"], "units = 4: at most half of the 6 units"),
        (["--label", "nothing"], "variable = 'nothing'"),
        (["--label", "trial"], "label: must have two values, not 10"),
        (["--probe", "nowhere"], "holds no nowhere.nc"),
        (["--draws", "0"], "--draws 0: must be at least 1"),
    ],
)
def test_what_cannot_be_edited_is_told(run, options, said, capsys):
    assert main([str(run.folder), "--quiet", "--units", "3", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_run_that_is_not_complete_is_refused(tiny_run, tmp_path, capsys):
    shutil.copytree(tiny_run, tmp_path / "run")
    open_run(tmp_path / "run").update(complete=False)
    assert main([str(tmp_path / "run")]) == 2
    assert "the run is not complete; to go on" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_told(tiny_run):
    with pytest.raises(BadInput, match=r"holds no causality\.nc"):
        open_run(tiny_run).table(NAME)
