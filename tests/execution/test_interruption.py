import os
import signal
import threading

import pytest

from pfc_metarl.execution.interruption import interruptible


def test_the_first_signal_sets_the_event_and_the_second_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with interruptible(1) as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_handlers_are_restored_after_an_error():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), interruptible(1, (signal.SIGTERM,)):
        _ = 1 / 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_leave_the_handlers_alone():
    before, found = signal.getsignal(signal.SIGINT), []

    def work():
        with interruptible(1) as stop:
            found.append((signal.getsignal(signal.SIGINT), stop.is_set()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(before, False)]


def test_the_event_reaches_worker_processes_where_there_are_some():
    with interruptible(2) as shared, interruptible(1) as own:
        assert isinstance(own, threading.Event)
        assert not isinstance(shared, threading.Event)
        shared.set()
        assert shared.is_set()
