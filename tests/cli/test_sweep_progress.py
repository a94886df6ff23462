import io

import pytest

from pfc_metarl.cli import sweep_progress
from pfc_metarl.cli.sweep_progress import SweepProgress
from pfc_metarl.sweeps.cells import Cell
from pfc_metarl.sweeps.serial import Outcome

CELL = Cell("discount=0.5", "two_step", {"learner.discount": 0.5}, (0,))


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(sweep_progress, "time", made)
    return made


def test_the_log_says_what_ended_and_what_is_left(clock, capsys):
    log = io.StringIO()
    with SweepProgress(10, 4, lambda: 2, log, quiet=False) as progress:
        assert progress.sentence() == "4 of 10 cells, 2 running, 0 failed"
        clock.now += 120
        progress.show(Outcome(CELL))
        assert progress.sentence() == "5 of 10 cells, 2 running, 0 failed, 10 min left"
        clock.now += 1
        progress.show(Outcome(CELL, "no"))
    lines = [line[21:] for line in log.getvalue().splitlines()]
    assert lines[1] == "discount=0.5 complete; 5 of 10 cells, 2 running, 0 failed, 10 min left"
    assert lines[2] == "discount=0.5 failed: no; 5 of 10 cells, 2 running, 1 failed, 4 min left"
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1, "at most a line in half a minute"
    assert err[0].endswith("5 of 10 cells, 2 running, 0 failed, 10 min left")


def test_no_more_cells_run_than_are_left(clock):
    progress = SweepProgress(3, 2, lambda: 50, io.StringIO(), quiet=True)
    assert "1 running" in progress.sentence()
    progress.show(Outcome(CELL))
    assert progress.sentence() == "3 of 3 cells, 0 running, 0 failed"


def test_nothing_is_shown_if_quiet(clock, capsys):
    progress = SweepProgress(3, 0, lambda: 1, io.StringIO(), quiet=True)
    clock.now += 60
    progress.show(Outcome(CELL))
    assert capsys.readouterr().err == ""
