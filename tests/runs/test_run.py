import json
from contextlib import ExitStack

import pytest
import torch
import xarray as xr

from pfc_metarl.runs.begin import begin
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput

CONTENT = {
    "experiment": "two_step",
    "source": "",
    "seed": 3,
    "device": "cpu",
    "settings": {"networks": 2, "task": {"p_common": 0.8}, "learner": {"updates": 3}},
    "changes": {},
    "training": {"task": {"p_common": 0.8}, "learner": {"updates": 3}, "networks": 2, "seed": 3},
    "shards": 1,
    "arguments": ["two_step", "--out", "a folder"],
    "provenance": {"torch": torch.__version__, "code": "c"},
}


@pytest.fixture
def run(tmp_path):
    with begin(tmp_path / "run", CONTENT) as (begun, _):
        yield begun


@pytest.fixture
def weights():
    return {"core": torch.rand(2, 5, 4), "critic.heads": torch.rand(2, 4, 3).mT.contiguous().mT}


def test_a_run_is_made_and_finished(run):
    there = open_run(run.folder)
    assert CONTENT.items() <= there.manifest.items()
    assert not there.complete
    assert run.command() == f"python -m pfc_metarl.simulate two_step --out {run.folder}"
    with pytest.raises(BadInput, match=r"holds no summary\.json"):
        run.summary()
    run.finish({"measures": [{"measure": "reward", "mean": 0.5}]})
    there = open_run(run.folder)
    assert there.complete
    assert there.summary() == {"measures": [{"measure": "reward", "mean": 0.5}]}
    assert not run.checkpoints.exists()


def test_datasets_go_by_name(run):
    history = xr.Dataset({"reward_per_trial": ("update", [0.5, 0.6])})
    run.save_dataset("history", history)
    assert run.has("history.nc")
    xr.testing.assert_identical(run.history().load(), history)
    with pytest.raises(BadInput, match="holds no recording 'history'"):
        run.recording("history")
    with pytest.raises(BadInput, match="holds no recording 'test'"):
        run.recording("test")


def test_weights_come_back_bit_by_bit(run, weights):
    facts = {"seed": 3, "experiment": "two_step", "provenance": {"torch": "2"}}
    run.save_weights(weights, facts)
    again = run.weights()
    assert set(again) == set(weights)
    assert all(torch.equal(weights[name], other) for name, other in again.items())
    first = (run.folder / "weights.safetensors").read_bytes()
    run.save_weights(weights, facts)
    assert (run.folder / "weights.safetensors").read_bytes() == first


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "flipped", "link"])
def test_a_damaged_file_is_never_read(run, weights, damage, tmp_path):
    run.save_weights(weights, {})
    path = run.folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    path.unlink()
    content[-3] ^= 1
    if damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    elif damage != "missing":
        path.write_bytes({"empty": b"", "truncated": content[:-1], "flipped": content}[damage])
    with pytest.raises(BadInput, match=r"weights\.safetensors is (missing|damaged: it).*; to make it again") as caught:
        run.weights()
    assert "\n" not in str(caught.value)
    assert list(run.damage()) == ["weights.safetensors"]


def test_the_same_settings_continue_and_damaged_files_are_dropped(tmp_path, weights):
    with begin(tmp_path, CONTENT) as (run, _):
        run.save_weights(weights, {})
        run.save_dataset("history", xr.Dataset())
        run.finish({"measures": []})
    (tmp_path / "history.nc").write_bytes(b"x")
    (tmp_path / ".test.nc.abc.partial").write_bytes(b"half")
    with begin(tmp_path, CONTENT) as (again, notes):
        (damaged,) = notes
        assert "history.nc (it has 1 bytes instead of" in damaged
        assert again.has("weights.safetensors")
        assert not again.has("history.nc")
        assert not again.complete
    assert not list(tmp_path.glob(".*.partial"))


def test_a_run_in_use_is_refused(run):
    before = (run.folder / "run.json").read_bytes()
    with ExitStack() as stack, pytest.raises(BadInput, match="another process is at work there"):
        stack.enter_context(begin(run.folder, CONTENT))
    assert (run.folder / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"training": {**CONTENT["training"], "seed": 4}}, "seed = 3, this call 4"),
        ({"training": {**CONTENT["training"], "task": {"p_common": 0.7}}}, "task.p_common = 0.8, this call 0.7"),
        ({"provenance": {"torch": "9", "code": "c"}}, f"begun with torch {torch.__version__}, now it is 9"),
    ],
)
def test_other_settings_are_refused_but_by_force(tmp_path, weights, changes, sentence):
    with begin(tmp_path, CONTENT) as (run, _):
        if "provenance" not in changes:
            run.save_weights(weights, {})
        run.save_dataset("old_probe", xr.Dataset())
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "report.html").write_text("of the run that is replaced")
    with ExitStack() as stack, pytest.raises(BadInput) as caught:
        stack.enter_context(begin(tmp_path, {**CONTENT, **changes}))
    assert sentence in str(caught.value)
    assert open_run(tmp_path).has("old_probe.nc")
    with begin(tmp_path, {**CONTENT, **changes}, force=True) as (run, _):
        assert changes.items() <= run.manifest.items()
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", "notes.txt", "checkpoints", ".lock"}


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_is_not_empty_is_refused(tmp_path, force):
    (tmp_path / "notes.txt").write_text("mine")
    with ExitStack() as stack, pytest.raises(BadInput, match="not empty and holds no run"):
        stack.enter_context(begin(tmp_path, CONTENT, force=force))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("mine")
    with ExitStack() as stack, pytest.raises(BadInput, match=f"out = '.*{name}': .*choose a folder"):
        stack.enter_context(begin(tmp_path / name, CONTENT))
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_no_run_is_not_opened(tmp_path, run):
    with pytest.raises(BadInput, match=r"nowhere: this is not a run directory, there is no such folder"):
        open_run(tmp_path / "nowhere")
    (run.folder / "run.json").write_text(json.dumps({"seed": 3}))
    with pytest.raises(BadInput, match=r"run\.json is damaged") as caught:
        open_run(run.folder)
    assert "\n" not in str(caught.value)


def test_a_run_is_shown_in_a_line_and_dir_names_what_reads_it(run):
    assert repr(run) == f"<Run {run.folder}: two_step, 2 networks, 3 updates, not trained>"
    assert {"summary", "recording", "recordings", "history", "weights", "complete"} <= set(dir(run))
    assert not {"add", "drop", "finish", "update", "save_weights"} & set(dir(run))
