"""Two processes on one folder: the second is refused; the lock of a killed process has no effect."""

import signal
import time

from tests.torture.harness import Count, command, finish, hashes, one_sentence, reference, start


def attack(rounds, seed, folder, inside=False):
    count = Count("two processes on one folder, and dead owners of its lock")
    expected, _ = reference(folder / "reference", inside=inside)
    for number in range(rounds, 0, -1):
        run = folder / f"run_{number}"
        first = start(command(run))
        _begun(run, first)
        if first.poll() is None:
            code, err = finish(command(run, *(["--force"] if number % 2 else [])), inside)
            count.cases += 1
            refused = code == 2 and one_sentence(err) and "another process" in err
            count.require(refused, f"the second ended with {code}: {err[-300:]}")
        first.send_signal(signal.SIGKILL if number % 2 else signal.SIGCONT)
        first.communicate()
        code, err = finish(command(run), inside)
        count.cases += 1
        count.require((code, err) == (0, ""), f"after the first: {code} {err[-300:]}")
        count.require(hashes(run) == expected, "ended with other bytes")
    return count.tally()


def _begun(run, process):
    """Wait until a process holds the lock, and stop it there."""
    while not (run / "run.json").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.05)


def test_a_second_process_is_refused_and_a_dead_one_has_no_effect(tmp_path):
    assert not attack(1, 0, tmp_path, inside=True).lost
