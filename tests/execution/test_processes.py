import multiprocessing
import os
import signal

import pytest

from pfc_metarl import A2C, BadInput, Network
from pfc_metarl.execution.cohort import train_cohort
from pfc_metarl.execution.processes import Workers, can_start_processes
from pfc_metarl.execution.shard import Shard, TrainingJob
from pfc_metarl.settings import Failure, settings
from pfc_metarl.tasks import TwoStep


@settings
class Unsendable(TwoStep):
    lock: object = None


def test_what_cannot_be_sent_to_a_worker_is_refused_in_a_sentence():
    import threading

    shard = Shard(Unsendable(n_trials=3, lock=threading.Lock()), Network(units=2), A2C(updates=1), 0, (0,))
    with pytest.raises(BadInput, match=r"cannot be sent to a process .*lock.*use 1 worker") as caught:
        Workers(2, print).submit(TrainingJob(shard))
    assert "\n" not in str(caught.value)


def test_a_daemonic_process_trains_without_workers_and_warns(monkeypatch):
    assert can_start_processes()
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    assert not can_start_processes()
    cohort = Shard(TwoStep(n_trials=3), Network(units=2), A2C(updates=1, episodes=2), 0, (0, 1))
    with pytest.warns(UserWarning, match="cannot start workers of its own"):
        assert train_cohort(cohort, 2, 2, lambda progress: None).stopped.tolist() == [-1, -1]


def job(report, asked_to_stop):
    report(os.getpid())
    return os.getpid()


def test_jobs_are_done_in_other_processes_and_their_reports_passed_on():
    reports = []
    with Workers(1, reports.append) as workers:
        results = [workers.submit(job), workers.submit(job)]
        assert results[1]() == results[0]() != os.getpid()
    assert reports == [results[0]()] * 2


def dies_once(path):
    def job(report, asked_to_stop):
        if not path.exists():
            path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    return job


def test_the_job_of_a_killed_worker_is_repeated(tmp_path):
    with Workers(2, print) as workers:
        assert workers.submit(dies_once(tmp_path / "died"))() == "done"


def test_workers_that_die_repeatedly_are_a_failure():
    with Workers(1, print) as workers, pytest.raises(Failure, match="were killed 3 times"):
        workers.submit(lambda *_: os.kill(os.getpid(), signal.SIGKILL))()


def test_an_error_of_a_job_is_raised_where_its_result_is_asked_for():
    def fails(report, asked_to_stop):
        raise BadInput("no such arm")

    with Workers(1, print) as workers, pytest.raises(BadInput, match="no such arm"):
        workers.submit(fails)()
