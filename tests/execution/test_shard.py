import numpy as np
import pytest
import torch

from pfc_metarl import A2C, BadInput, Network
from pfc_metarl.execution.shard import Shard, train_shard
from pfc_metarl.tasks import TwoStep

SHARD = Shard(TwoStep(n_trials=4), Network(units=4), A2C(updates=4, episodes=2), 0, (0, 1), fingerprint="f")


def silent(progress):
    pass


def never():
    return False


def after(n):
    """Ask to stop after n updates."""
    count = iter(range(1, 100))
    return lambda: next(count) >= n


def same(one, other):
    assert all(torch.equal(one.weights[name], values) for name, values in other.weights.items())
    for name, values in one.history.items():
        np.testing.assert_array_equal(other.history[name], values)


def test_a_shard_continues_from_its_checkpoint_and_ends_with_the_same_bits(tmp_path):
    shard = SHARD._replace(checkpoints=str(tmp_path))
    assert train_shard(shard, silent, after(2)) is None
    reports = []
    same(train_shard(shard, reports.append, never), train_shard(SHARD, silent, never))
    assert (reports[0].updates, reports[0].resumed) == (2, True)
    assert (reports[-1].updates, reports[-1].resumed) == (4, False)
    assert [path.name for path in tmp_path.iterdir()] == ["networks_0_1_to_4.safetensors"]


def test_a_continued_training_ends_as_an_uninterrupted_one(tmp_path):
    for folder in (None, str(tmp_path)):
        shard = SHARD._replace(trained_on=(1, 3), checkpoints=folder)
        same(train_shard(shard, silent, never), train_shard(SHARD, silent, never))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"networks_0_1_to_{end}.safetensors" for end in (1, 3, 4)}


def test_it_can_be_interrupted_in_each_part(tmp_path):
    shard = SHARD._replace(trained_on=(2,), checkpoints=str(tmp_path))
    for _ in range(2):
        assert train_shard(shard, silent, after(1)) is None
    same(train_shard(shard, silent, never), train_shard(SHARD, silent, never))


def test_the_checkpoint_of_another_run_is_refused(tmp_path):
    shard = SHARD._replace(checkpoints=str(tmp_path))
    train_shard(shard, silent, after(2))
    with pytest.raises(BadInput, match="another run"):
        train_shard(shard._replace(fingerprint="g"), silent, never)


def test_trained_networks_are_shown_by_their_shapes():
    shown = repr(train_shard(SHARD, silent, never))
    assert shown.startswith("<Trained: 2 networks, 4 updates; weights core [2, ")
    assert "tensor" not in shown
