import signal

import pytest

from pfc_metarl.cli.swept import _interruptible, n_running
from pfc_metarl.sweeps.cluster import n_threads


class Client:
    def nthreads(self):
        return {"tcp://a": 1, "tcp://b": 2}


def test_threads_of_all_workers_count():
    assert n_threads(Client()) == 3
    assert n_threads(None) == 1


def test_nothing_runs_where_the_scheduler_was_lost():
    class Lost(Client):
        status = "closed"

    class Dying(Client):
        status = "running"

        def nthreads(self):
            raise OSError("no connection")

    assert n_running(None) == 1
    assert n_running(Lost()) == n_running(Dying()) == 0


def test_a_signal_sets_the_event_without_a_cluster_and_raises_with_one():
    with _interruptible(None, (signal.SIGTERM,)) as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), _interruptible(Client(), (signal.SIGTERM,)):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
