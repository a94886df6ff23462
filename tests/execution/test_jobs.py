import math
import threading

import pytest

from pfc_metarl.execution.jobs import Interrupted, InThisProcess, distributed
from pfc_metarl.execution.processes import Workers


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


def test_items_are_distributed_and_come_back_in_their_order():
    with Workers(2, print) as workers:
        assert list(distributed(workers, math.sqrt, [9, 16, 25, 36], per_job=3)) == [3, 4, 5, 6]


def test_items_are_not_begun_after_a_stop():
    stop, begun = threading.Event(), []
    made = distributed(InThisProcess(print, stop), lambda n: begun.append(n) or stop.set(), [1, 2, 3])
    with pytest.raises(Interrupted):
        list(made)
    assert begun == [1]
