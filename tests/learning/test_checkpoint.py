import pytest
import torch
from safetensors.torch import load_file, save_file

from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.learning.checkpoint import load_checkpoint, save_checkpoint
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStep


def training(optimiser="adam", units=4, core="lstm", critic="shared"):
    ends = {"final_learning_rate": 0.001, "final_entropy_cost": 0.025, "snapshots": (0.3, 0.8)}
    learner = A2C(updates=6, episodes=2, optimiser=optimiser, **ends)
    return learner.begin(TwoStep(n_trials=3), Network(units=units, core=core, critic=critic), 0, (1, 4))


def same(one, other):
    tensors = zip(everything(one), everything(other), strict=True)
    return all(torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in tensors)


def everything(training):
    mappings = training.weights, training.history, *training.snapshots
    return [tensor for mapping in mappings for tensor in mapping.values()]


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop"])
@pytest.mark.parametrize(("core", "critic"), [("lstm", "shared"), ("feedforward", "shared"), ("lstm", "separate")])
def test_an_interrupted_training_ends_with_the_same_bits(tmp_path, optimiser, core, critic):
    whole, first, second = (training(optimiser, core=core, critic=critic) for _ in range(3))
    train(whole)
    train(first, lambda row: first.done < 3)
    assert first.done == 3
    save_checkpoint(tmp_path / "c.safetensors", first, "run")
    load_checkpoint(tmp_path / "c.safetensors", second, "run")
    assert same(first, second)
    train(second)
    assert second.done == 6
    assert same(whole, second)
    assert not same(whole, first)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    save_checkpoint(tmp_path / "c", training(), "run")
    with pytest.raises(BadInput, match="belongs to another run"):
        load_checkpoint(tmp_path / "c", training(), "other run")


@pytest.mark.parametrize("other", [{"units": 5}, {"optimiser": "rmsprop"}, {"core": "gru"}, {"critic": "separate"}])
def test_a_checkpoint_of_another_network_is_refused_and_changes_nothing(tmp_path, other):
    save_checkpoint(tmp_path / "c", training(**other), "run")
    fresh = training()
    with pytest.raises(BadInput, match=r"delete it"):
        load_checkpoint(tmp_path / "c", fresh, "run")
    assert same(fresh, training())


@pytest.mark.parametrize("damage", ["missing", "truncated", "pickle", "huge header"])
def test_a_damaged_checkpoint_is_refused_with_one_sentence(tmp_path, damage):
    path = tmp_path / "c"
    save_checkpoint(path, training(), "run")
    content = path.read_bytes()
    path.unlink()
    if damage == "pickle":
        torch.save({"done": torch.tensor(0)}, path)
    elif damage != "missing":
        path.write_bytes({"truncated": content[:-9], "huge header": b"\xff" * 7 + b"\x00" + content[8:]}[damage])
    with pytest.raises(BadInput, match=r"c: .*delete it") as caught:
        load_checkpoint(path, training(), "run")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_holds_tensors_only(tmp_path):
    save_checkpoint(tmp_path / "c", training(), "run")
    tensors = load_file(tmp_path / "c")
    assert {"done", "stopped", "weights.core", "generator.1", "generator.4", "history.entropy"} <= set(tensors)
    save_file(tensors, tmp_path / "again")
