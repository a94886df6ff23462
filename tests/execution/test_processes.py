import multiprocessing

import pytest

from pfc_metarl import A2C, BadInput, Network
from pfc_metarl.execution.cohort import train_cohort
from pfc_metarl.execution.processes import can_start_processes, in_processes
from pfc_metarl.execution.shard import Shard
from pfc_metarl.settings import settings
from pfc_metarl.tasks import TwoStep


@settings
class Unsendable(TwoStep):
    lock: object = None


def test_what_cannot_be_sent_to_a_worker_is_refused_in_a_sentence():
    import threading

    shard = Shard(Unsendable(n_trials=3, lock=threading.Lock()), Network(units=2), A2C(updates=1), 0, (0,))
    with pytest.raises(BadInput, match=r"cannot be sent to a process .*lock.*use 1 worker") as caught:
        in_processes([shard, shard], 2, print)
    assert "\n" not in str(caught.value)


def test_a_daemonic_process_trains_without_workers_and_warns(monkeypatch):
    assert can_start_processes()
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    assert not can_start_processes()
    cohort = Shard(TwoStep(n_trials=3), Network(units=2), A2C(updates=1, episodes=2), 0, (0, 1))
    with pytest.warns(UserWarning, match="cannot start workers of its own"):
        assert train_cohort(cohort, 2, 2, lambda progress: None).stopped.tolist() == [-1, -1]
