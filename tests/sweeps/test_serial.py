import threading

import pytest

from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.serial import in_this_process, sentence_of


def test_a_cell_that_fails_does_not_stop_the_others(sweep, monkeypatch):
    made = sweep()
    bad = list(made.cells())[1]
    made.path(bad).mkdir(parents=True)
    (made.path(bad) / "thesis.tex").write_text("")
    ended = list(in_this_process(made, made.cells(), threading.Event()))
    assert [bool(each.error) for each in ended] == [False, True, False, False]
    assert "holds no run" in ended[1].error


def test_an_interruption_ends_all(sweep):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        list(in_this_process(sweep(), sweep().cells(), stop))


def test_errors_are_one_line():
    assert sentence_of(BadInput("x = 1: too small.")) == "x = 1: too small."
    assert sentence_of(OSError(5, "input/output error\nmore")) == "OSError: [Errno 5] input/output error"
    assert sentence_of(MemoryError()) == "MemoryError: "
