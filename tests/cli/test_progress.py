import re

import pytest

from pfc_metarl import A2C, Experiment, Probe
from pfc_metarl.agents import Random
from pfc_metarl.cli import display
from pfc_metarl.cli.progress import ProgressBar, updates_in_recordings
from pfc_metarl.execution.recordings import RecordingProgress
from pfc_metarl.execution.shard import Progress
from pfc_metarl.tasks import Bandit


def task_of(bar):
    return bar.display.progress.tasks[0]


def test_the_bar_adds_up_what_all_networks_have_done():
    bar = ProgressBar(networks=3, updates=10, quiet=True, recordings=0.0)
    bar.report(Progress((0,), 1, 0.1))
    bar.report(Progress((1, 2), 2, 0.2))
    bar.report(Progress((0,), 4, 0.5))
    task = task_of(bar)
    assert (task.completed, task.total) == (1 * 4 + 2 * 2, 30)
    assert float(task.fields["detail"].split()[0]) == pytest.approx((0.5 + 2 * 0.2) / 3, abs=1e-3)


def test_recordings_follow_the_training_in_the_same_bar():
    bar = ProgressBar(networks=1, updates=2, quiet=True, recordings=8.0)
    bar.report(Progress((0,), 2, 0.1))
    assert (task_of(bar).completed, task_of(bar).total) == (2, 10)
    bar.report(RecordingProgress("test", 1, 4, 300, 300))
    bar.report(RecordingProgress("test_untrained", 2, 4, 150, 300))
    assert (task_of(bar).completed, task_of(bar).total) == (2 + 8 * 1.5 / 4, 10)
    assert task_of(bar).description == "recording test_untrained, 2 of 4"


def test_where_nothing_is_trained_the_bar_is_that_of_the_recordings():
    bar = ProgressBar(networks=1, updates=100, quiet=True, recordings=8.0)
    bar.report(RecordingProgress("test", 1, 2, 150, 300))
    assert (task_of(bar).completed, task_of(bar).total) == (8 / 4, 8)


@pytest.mark.parametrize(("workers", "at_least"), [(1, 3), (2, 2)])
def test_recordings_before_those_in_work_count_as_complete(workers, at_least):
    bar = ProgressBar(networks=1, updates=1, quiet=True, recordings=4.0, workers=workers)
    bar.report(RecordingProgress("test_random", 4, 4, 0, 300))
    assert task_of(bar).completed == at_least


def test_when_all_recordings_are_complete_measuring_is_named():
    bar = ProgressBar(networks=1, updates=1, quiet=True)
    bar.report(RecordingProgress("test", 1, 2, 300, 300))
    bar.report(RecordingProgress("test_random", 2, 2, 300, 300))
    assert task_of(bar).description == "measuring"


def test_recordings_count_as_updates_with_as_many_steps():
    probes = {
        "test": Probe(episodes=50, untrained=True, reference_agents={"random": Random()}),
        "long": Probe(episodes=10, changes={"n_trials": 200}, snapshots=True),
    }
    experiment = Experiment(
        claim="",
        task=Bandit(n_trials=100),
        learner=A2C(episodes=10, snapshots=(0.1, 0.5)),
        networks=4,
        probes=probes,
    )
    recorded = 4 * (3 * 50 * 100 + 3 * 10 * 200)
    assert updates_in_recordings(experiment) == recorded / (10 * 100)


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


def test_every_half_minute_a_line_has_the_time_of_day_and_the_time_left(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr(display.time, "monotonic", lambda: clock[0])
    with ProgressBar(networks=1, updates=100, quiet=False, recordings=0.0) as bar:
        for seconds, updates in ((1, 0), (20, 5), (31, 10), (50, 15), (62, 20)):
            clock[0] = float(seconds)
            bar.report(Progress((0,), updates, 0.5))
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  training 1 network, 10%, 0.500 reward/trial, 4 min left", first)
    assert second.endswith("20%, 0.500 reward/trial, 4 min left")
