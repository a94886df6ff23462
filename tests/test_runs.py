import pytest
import torch
import xarray as xr

from pfc_metarl.network import Weights
from pfc_metarl.runs import Run, open_run
from pfc_metarl.settings import BadInput

CONTENT = {"experiment": "two_step", "seed": 3}


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "run", CONTENT)


@pytest.fixture
def weights():
    return Weights(torch.rand(2, 5, 4), torch.rand(2, 4, 3).mT.contiguous().mT, torch.rand(2, 2, 3))


def test_a_run_is_made_and_finished(run):
    manifest = open_run(run.folder).manifest()
    assert CONTENT.items() <= manifest.items()
    assert manifest["complete"] is False
    assert manifest["versions"]["torch"] == torch.__version__
    with pytest.raises(BadInput, match=r"summary\.json"):
        run.summary()
    run.finish({"measures": [{"measure": "reward", "mean": 0.5}]})
    assert open_run(run.folder).manifest()["complete"] is True
    assert CONTENT.items() <= run.manifest().items()
    assert run.summary() == [{"measure": "reward", "mean": 0.5}]


def test_datasets_go_by_name(run):
    history = xr.Dataset({"reward_per_trial": ("update", [0.5, 0.6])})
    assert run.save_dataset("history", history).name == "history.nc"
    xr.testing.assert_identical(run.history().load(), history)
    with pytest.raises(BadInput, match="no variable 'action'"):
        run.recording("history")
    with pytest.raises(BadInput, match=r"test\.nc"):
        run.recording("test")


def test_weights_come_back_bit_by_bit(run, weights):
    run.save_weights(weights, {"seed": "3"})
    again = run.weights()
    assert all(torch.equal(mine, other) for mine, other in zip(weights, again, strict=True))
    first = (run.folder / "weights.safetensors").read_bytes()
    run.save_weights(weights, {"seed": "3"})
    assert (run.folder / "weights.safetensors").read_bytes() == first


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "garbage", "other tensors"])
def test_weights_that_cannot_be_read_are_told_in_a_sentence(run, weights, damage):
    path = run.folder / "weights.safetensors"
    run.save_weights(weights, {})
    content = path.read_bytes()
    path.unlink()
    if damage == "other tensors":
        path.write_bytes(content.replace(b'"heads"', b'"hands"'))
    elif damage != "missing":
        path.write_bytes({"empty": b"", "truncated": content[:-1], "garbage": b"\xff" * 64}[damage])
    with pytest.raises(BadInput, match=r"weights\.safetensors") as caught:
        run.weights()
    assert "\n" not in str(caught.value)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for force in (False, True):
        with pytest.raises(BadInput, match="not empty and holds no run"):
            Run.create(tmp_path, CONTENT, force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_run_is_replaced_only_by_force_and_nothing_beside_it(run, weights):
    run.save_weights(weights, {})
    run.save_dataset("old_probe", xr.Dataset())
    (run.folder / "notes.txt").write_text("mine")
    (run.folder / "figures").mkdir()
    with pytest.raises(BadInput, match=r"there is a run already.*--force"):
        Run.create(run.folder, {"seed": 4})
    assert run.manifest()["seed"] == 3
    again = Run.create(run.folder, {"seed": 4}, force=True)
    assert again.manifest()["seed"] == 4
    assert {path.name for path in run.folder.iterdir()} == {"run.json", "notes.txt", "figures"}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path, name):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match=f"--out .*{name}: .*choose a folder that can be written"):
        Run.create(tmp_path / name, CONTENT)
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_no_run_is_not_opened(tmp_path, run):
    with pytest.raises(BadInput, match=r"nowhere.* run\.json"):
        open_run(tmp_path / "nowhere")
    (run.folder / "run.json").write_text('{"seed": 3')
    with pytest.raises(BadInput, match=r"run\.json") as caught:
        open_run(run.folder)
    assert "\n" not in str(caught.value)
