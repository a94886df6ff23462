import errno
import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from pfc_metarl.data import dataset, streaming
from pfc_metarl.data.dataset import open_recording, save
from pfc_metarl.data.streaming import joined_parts, save_parts
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import recording
from pfc_metarl.simulation.recording import record, record_in_parts
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=6)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(recording, "EPISODES_AT_ONCE", 3)
    monkeypatch.setattr(recording, "MAX_BYTES_SHOWN", 1)


@pytest.fixture
def large(monkeypatch):
    """Every recording of two parts counts as large."""
    monkeypatch.setattr(streaming, "LARGEST_IN_MEMORY", 10_000)
    monkeypatch.setattr(dataset, "AT_ONCE", 500)


def parts(**options):
    return record_in_parts(TASK, REFERENCE_AGENTS_TWO_STEP["model_based"], 10, seed=0, networks=(0, 1), **options)


def whole():
    return record(TASK, REFERENCE_AGENTS_TWO_STEP["model_based"], 10, seed=0, networks=(0, 1))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_small_recording_is_the_file_that_its_whole_makes(tmp_path):
    save_parts(parts(), tmp_path / "parts.nc")
    save(whole(), tmp_path / "whole.nc")
    assert sha256(tmp_path / "parts.nc") == sha256(tmp_path / "whole.nc")


def test_a_large_recording_grows_to_the_same_content_and_the_same_bytes_each_time(tmp_path, large):
    assert sum(part.nbytes for part in parts()) > streaming.LARGEST_IN_MEMORY
    first, second = (save_parts(parts(), tmp_path / name) for name in ("first.nc", "second.nc"))
    assert sha256(first) == sha256(second)
    streamed, expected = open_recording(first), whole()
    assert streamed.encoding["unlimited_dims"] == {"episode"}, "it was streamed"
    xr.testing.assert_identical(streamed, expected)
    assert streamed["episode"].values.tolist() == list(range(10))


def test_fields_have_room_for_longer_values(tmp_path, large):
    def counted():
        for number, part in enumerate(parts()):
            yield part.assign(steps_so_far=part["action"].astype("int32") + 100_000 * (number > 1))

    save_parts(counted(), tmp_path / "large.nc")
    assert open_recording(tmp_path / "large.nc")["steps_so_far"].max() == 100_001


@pytest.mark.parametrize("free", [0, streaming.MARGIN])
def test_a_full_disk_is_reported_before_a_part_is_written(tmp_path, large, monkeypatch, free):
    monkeypatch.setattr(streaming.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    with pytest.raises(OSError, match="space") as caught:
        save_parts(parts(), tmp_path / "large.nc")
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_recording_leaves_nothing(tmp_path, large):
    def interrupted():
        yield from list(parts())[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_parts(interrupted(), tmp_path / "large.nc")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [0, 3])
def test_what_is_not_finite_is_found_in_any_part(tmp_path, large, at):
    def broken():
        for number, part in enumerate(parts()):
            yield part.assign(reward=part["reward"].where(number != at))

    with pytest.raises(BadInput, match="not finite"):
        save_parts(broken(), tmp_path / "large.nc")
    bad = joined_parts(list(parts()))
    bad["reward"].values[1, -1, -1] = np.nan
    with pytest.raises(BadInput, match=r"'reward'.*not finite"):
        dataset.validate(bad)
