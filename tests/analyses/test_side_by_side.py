import multiprocessing
import os
import signal
import sys
import threading

import pytest

from analyses import side_by_side as module
from analyses.side_by_side import side_by_side
from pfc_metarl.settings import BadInput, Failure

linux = pytest.mark.skipif(sys.platform != "linux", reason="copies of a process are made on Linux only")


@pytest.fixture(params=[1, 3])
def processes(request, monkeypatch):
    monkeypatch.setattr(module, "_n_processes", lambda: request.param)


@pytest.mark.usefixtures("processes")
def test_results_have_the_names_and_the_order_of_the_works():
    found = side_by_side({name: lambda n=n: n**2 for n, name in enumerate("dacb")})
    assert list(found.items()) == [("d", 0), ("a", 1), ("c", 4), ("b", 9)]
    assert module._works == {}


@pytest.mark.usefixtures("processes")
def test_an_error_of_a_work_is_raised():
    def fails():
        raise BadInput("no.")

    with pytest.raises(BadInput, match=r"^no\.$"):
        side_by_side({"a": fails, "b": os.getpid})


@linux
def test_works_run_in_other_processes_which_share_memory_with_this_one(monkeypatch):
    monkeypatch.setattr(module, "_n_processes", lambda: 2)
    mine = threading.Lock()  # it cannot be sent to a process
    found = side_by_side({name: lambda: (mine.locked(), os.getpid()) for name in "ab"})
    for is_locked, process in found.values():
        assert not is_locked
        assert process != os.getpid()


@linux
def test_a_killed_process_is_a_failure_in_a_sentence(monkeypatch):
    monkeypatch.setattr(module, "_n_processes", lambda: 2)
    works = {"a": lambda: os.kill(os.getpid(), signal.SIGKILL), "b": lambda: 1}
    with pytest.raises(Failure, match="a process that measures was killed"):
        side_by_side(works)


def test_a_process_that_draws_one_figure_of_several_makes_no_copies(monkeypatch):
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: "the one that draws all")
    assert module._n_processes() == 1
    assert side_by_side({"a": os.getpid, "b": os.getpid}) == {"a": os.getpid(), "b": os.getpid()}
