import re

import pytest

from pfc_metarl.cli import progress
from pfc_metarl.cli.progress import ProgressBar, ProgressLines
from pfc_metarl.execution.recordings import RecordingProgress
from pfc_metarl.execution.shard import Progress


def test_the_bar_adds_up_what_all_networks_have_done():
    bar = ProgressBar(networks=3, updates=10, quiet=True)
    bar.report(Progress((0,), 1, 0.1))
    bar.report(Progress((1, 2), 2, 0.2))
    bar.report(Progress((0,), 4, 0.5))
    task = bar.progress.tasks[0]
    assert (task.completed, task.total) == (1 * 4 + 2 * 2, 30)
    assert float(task.fields["detail"].split()[0]) == pytest.approx((0.5 + 2 * 0.2) / 3, abs=1e-3)


def test_the_bar_names_the_recording_and_adds_up_all_recordings():
    bar = ProgressBar(networks=1, updates=2, quiet=True)
    bar.report(Progress((0,), 2, 0.1))
    bar.report(RecordingProgress("test", 1, 4, 300, 300))
    bar.report(RecordingProgress("test_random", 3, 4, 150, 300))
    task = bar.progress.tasks[0]
    assert (task.completed, task.total) == (1.5, 4)
    assert task.description == "recording test_random, 3 of 4"


@pytest.mark.parametrize("quiet", [True, False])
def test_a_short_run_shows_nothing_without_a_terminal(capsys, quiet):
    with ProgressBar(networks=1, updates=2, quiet=quiet) as bar:
        bar.report(Progress((0,), 1, 0.5))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("quiet", [True, False])
def test_a_training_that_is_resumed_says_where(capsys, quiet):
    with ProgressBar(networks=2, updates=300, quiet=quiet) as bar:
        bar.report(Progress((0,), 212, float("nan"), resumed=True))
        bar.report(Progress((1,), 214, float("nan"), resumed=True))
        bar.report(Progress((0,), 213, 0.5))
    assert capsys.readouterr() == ("", "" if quiet else "resuming at update 212 of 300\n")


@pytest.fixture
def clock(monkeypatch):
    """A monotonic clock that the test sets."""
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])
    return seconds


def test_every_half_minute_a_line_has_the_time_of_day_and_the_time_left(clock, capsys):
    with ProgressBar(networks=1, updates=100, quiet=False) as bar:
        for seconds, updates in ((1, 0), (20, 5), (31, 10), (50, 15), (62, 20)):
            clock[0] = float(seconds)
            bar.report(Progress((0,), updates, 0.5))
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  training 1 network, 10%, 0.500 reward/trial, 4 min left", first)
    assert second.endswith("20%, 0.500 reward/trial, 4 min left")


def test_the_time_left_is_that_of_the_present_step(clock, capsys):
    lines = ProgressLines()
    lines.show("training", 100, 100)
    clock[0] = 100.0
    lines.show("recording test, 1 of 2", 0.0, 2.0)
    clock[0] = 140.0
    lines.show("recording test, 1 of 2", 1.5, 2.0)
    assert [line[10:] for line in capsys.readouterr().err.splitlines()] == [
        "recording test, 1 of 2, 0%",
        "recording test, 1 of 2, 75%, less than 1 min left",
    ]
