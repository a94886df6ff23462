import threading

import pytest

from pfc_metarl.execution.jobs import Interrupted, InThisProcess


def double(report, asked_to_stop):
    if asked_to_stop():
        raise Interrupted
    report(1)
    return 2


def test_a_job_is_done_once_when_its_result_is_asked_for():
    reports = []
    result = InThisProcess(reports.append).submit(double)
    assert reports == []
    assert (result(), result(), reports) == (2, 2, [1])


def test_a_job_is_told_to_stop():
    stop = threading.Event()
    result = InThisProcess(print, stop).submit(double)
    stop.set()
    with pytest.raises(Interrupted):
        result()


def test_a_caution_is_given_once_and_not_without_a_job():
    jobs = InThisProcess(print, caution="Alone.")
    with pytest.warns(UserWarning, match="Alone"):
        jobs.submit(double)
    jobs.submit(double)  # another warning would be an error
