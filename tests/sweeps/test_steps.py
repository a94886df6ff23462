import threading
import time

import pytest

from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.runs.lock import InUse, locked
from pfc_metarl.runs.run import open_run
from pfc_metarl.sweeps import steps
from pfc_metarl.sweeps.steps import begin_cell, finish_cell, train_part


class After:
    """An event that is set after it was asked for some times."""

    def __init__(self, times):
        self.times = times

    def is_set(self):
        self.times -= 1
        return self.times < 0


def test_shards_that_were_trained_apart_end_in_the_bytes_of_the_whole_cell(sweep):
    whole, apart = sweep(folder="whole", shards=2), sweep(folder="apart", shards=2)
    cell = next(whole.cells())
    source = whole.source(cell)
    finish_cell(source, whole.path(cell), whole.terms, threading.Event())
    begin_cell(source, apart.path(cell), apart.terms, threading.Event())
    for networks in ((1,), (0,)):
        train_part(source, apart.path(cell), apart.terms, networks, threading.Event())
    assert len(list(open_run(apart.path(cell)).checkpoints.glob("*.safetensors"))) == 2
    finish_cell(source, apart.path(cell), apart.terms, threading.Event())
    for name in ("weights.safetensors", "history.nc", "summary.json"):
        assert (apart.path(cell) / name).read_bytes() == (whole.path(cell) / name).read_bytes()


def test_an_interrupted_cell_continues_with_the_same_bytes(sweep):
    changes = {"learner": {"updates": 6}}
    whole, cut = sweep(folder="whole", changes=changes), sweep(folder="cut", changes=changes)
    cell = next(whole.cells())
    source = whole.source(cell)
    finish_cell(source, whole.path(cell), whole.terms, threading.Event())
    with pytest.raises(Interrupted):
        finish_cell(source, cut.path(cell), cut.terms, After(3))
    checkpoints = list(open_run(cut.path(cell)).checkpoints.glob("*.safetensors"))
    assert len(checkpoints) == 1
    finish_cell(source, cut.path(cell), cut.terms, threading.Event())
    assert (cut.path(cell) / "weights.safetensors").read_bytes() == (
        whole.path(cell) / "weights.safetensors"
    ).read_bytes()


def test_a_shard_is_interrupted_too(sweep):
    made = sweep(shards=2)
    cell = next(made.cells())
    begin_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    with pytest.raises(Interrupted):
        train_part(made.source(cell), made.path(cell), made.terms, (0,), After(0))


def test_a_complete_cell_is_left_alone(sweep):
    made = sweep()
    cell = next(made.cells())
    finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    before = (made.path(cell) / "run.json").read_bytes()
    assert finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event()) == 0
    train_part(made.source(cell), made.path(cell), made.terms, (0, 1), threading.Event())
    assert (made.path(cell) / "run.json").read_bytes() == before


def test_a_cell_in_which_another_process_is_at_work_is_waited_for(sweep, monkeypatch):
    made = sweep(checkpoint_every=0.01)
    cell = next(made.cells())
    made.path(cell).mkdir(parents=True)
    monkeypatch.setattr(steps, "SECONDS_FOR_ANOTHER", 0.1)
    with locked(made.path(cell)), pytest.raises(InUse):
        finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    monkeypatch.setattr(steps, "SECONDS_FOR_ANOTHER", 20)
    held = threading.Event()

    def hold():
        with locked(made.path(cell)):
            held.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    other.join()
    assert (made.path(cell) / "summary.json").exists()


def test_a_process_is_waited_for_as_long_as_something_changes(sweep, monkeypatch):
    made = sweep(checkpoint_every=0.01)
    cell = next(made.cells())
    begin_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    monkeypatch.setattr(steps, "SECONDS_FOR_ANOTHER", 1.5)
    held = threading.Event()

    def hold():
        with locked(made.path(cell)):
            held.set()
            for _ in range(8):
                (made.path(cell) / "run.json").touch()
                time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    other.join()
    assert (made.path(cell) / "summary.json").exists()


def test_a_cell_that_another_process_completed_is_not_trained_again(sweep, monkeypatch):
    made = sweep(keep="measures")
    cell = next(made.cells())
    answers = iter([False, True])
    finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    before = (made.path(cell) / "run.json").read_bytes()
    monkeypatch.setattr(steps, "_is_there", lambda *_: next(answers))
    finish_cell(made.source(cell), made.path(cell), made.terms, threading.Event())
    assert (made.path(cell) / "run.json").read_bytes() == before


def test_waiting_ends_with_an_interruption(sweep):
    made = sweep()
    cell = next(made.cells())
    made.path(cell).mkdir(parents=True)
    with locked(made.path(cell)), pytest.raises(Interrupted):
        finish_cell(made.source(cell), made.path(cell), made.terms, After(0))
