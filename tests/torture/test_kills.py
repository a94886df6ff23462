"""Processes are killed at random moments until the run is complete; its bytes must be those of a run left alone.

Signals fall anywhere in the life of a run: start-up, training, checkpointing, recording, measuring. With two workers,
single workers are killed as well. After every death a verifier that does not trust the package looks at what run.json
names.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import torch

from pfc_metarl import A2C, Network
from pfc_metarl.execution.cohort import train_cohort
from pfc_metarl.execution.shard import Shard
from pfc_metarl.execution.workers import context
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStep
from tests.torture.harness import Count, command, hashes, named_and_broken, one_sentence, reference, rng, start

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MAX_DEATHS = 60
"""Limit per run, for one that makes no progress between kills."""


def attack(kills, seed, folder, at_once=2):
    count, lock = Count("kill -9, SIGTERM, SIGINT at random moments"), threading.Lock()
    kinds = (1, 2) if kills > 20 else (1,)
    expected = {workers: reference(folder / f"reference_{workers}", workers) for workers in kinds}
    totals = {"kills": 0, "workers": 0, "runs": 0}

    def attack_runs(number):
        generator, run = rng(seed, "kills", number), 0
        while totals["kills"] + totals["workers"] < kills:
            workers = kinds[(run + number) % len(kinds)]
            _one_run(folder / f"{number}_{run}", workers, expected[workers], generator, count, lock, totals, kills)
            run += 1

    threads = [threading.Thread(target=attack_runs, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count.cases = totals["kills"] + totals["workers"]
    return count.tally(f"{totals['runs']} runs, {totals['workers']} deaths were single workers'")


def _one_run(folder, workers, expected, generator, count, lock, totals, kills):
    results, seconds = expected
    for death in range(MAX_DEATHS):
        enough = totals["kills"] + totals["workers"] >= kills and death > 0
        process = start(command(folder, workers=workers))
        target = "worker" if generator.random() < 0.4 and workers > 1 else "run"
        struck = None if enough else _strike(process, target, generator.uniform(0, seconds), generator.choice(SIGNALS))
        err = _ended(process)
        with lock:
            totals["workers" if target == "worker" else "kills"] += struck is not None
            _look(folder, process.returncode, err, struck if target == "run" else None, count)
        if process.returncode == 0:
            break
    with lock:
        totals["runs"] += 1
        count.require(process.returncode == 0, f"{folder.name} is not complete after {death + 1} commands: {err}")
        found = hashes(folder)
        different = [name for name in {**results, **found} if results.get(name) != found.get(name)]
        count.require(not different, f"{folder.name} ended with other bytes in {different}")
    shutil.rmtree(folder, ignore_errors=True)


def _strike(process, target, after, number):
    """Send a signal to the run after so many seconds, or kill one of its workers; what was sent, None if nothing."""
    if target == "worker":
        return _kill_worker(process, after)
    try:
        process.wait(after)
        return None
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        return number


def _kill_worker(process, after):
    """Wait for workers, which exist for a small part of the run, and kill one of them at once."""
    while process.poll() is None:
        if _workers(process.pid):
            time.sleep(after % 0.5)
            alive = _workers(process.pid)
            if not alive:
                return None
            with contextlib.suppress(ProcessLookupError):
                os.kill(alive[int(after * 1000) % len(alive)], signal.SIGKILL)
                return signal.SIGKILL
        time.sleep(0.02)
    return None


def _workers(run):
    """Return the children of the server of worker processes, itself a child of the run."""
    return [worker for server in _children(run, b"forkserver") for worker in _children(server, b"forkserver")]


def _children(parent, of_command):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent and of_command in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
    return found


def _ended(process):
    try:
        return process.communicate(timeout=240)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return f"hangs: {process.communicate()[1]}"


def _look(folder, code, err, struck, count):
    """Conditions after every kill."""
    count.require(not (broken := named_and_broken(folder)), f"{folder.name}: run.json names {broken}, not whole")
    if (folder / "run.json").exists():
        try:
            damage = open_run(folder).damage()
            count.require(not damage, f"{folder.name}: after a death {damage}")
        except BadInput as error:
            count.require(False, f"{folder.name}: the manifest is lost: {error}")
    allowed = {None: (0,), signal.SIGKILL: (-9, 0), signal.SIGTERM: (130, 0, -15), signal.SIGINT: (130, 0, -2, 1)}
    count.require(code in allowed[struck], f"{folder.name}: signal {struck} ended with {code}: {err[-300:]}")
    if code == 130:
        count.require(one_sentence(err), f"{folder.name}: said {err!r}")


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path):
    assert not attack(1, 3, tmp_path, at_once=1).lost


def test_a_killed_worker_is_replaced_and_the_bits_are_the_same(tmp_path):
    parts = TwoStep(n_trials=4), Network(units=4), A2C(updates=600, episodes=4)
    cohort = Shard(*parts, 0, (0, 1), checkpoints=str(tmp_path), seconds_between_checkpoints=0.05)
    deaths = []

    def kill_one(progress):
        if not deaths and progress.updates < 500:
            worker = multiprocessing.active_children()[0]
            deaths.append(worker.pid)
            worker.kill()

    killed = train_cohort(cohort, 2, 2, kill_one, context().Event())
    whole = train_cohort(cohort._replace(checkpoints=None), 2, 1, lambda progress: None)
    assert deaths
    assert all(torch.equal(a, b) for a, b in zip(killed.weights.values(), whole.weights.values(), strict=True))
    assert all((killed.history[name] == values).all() for name, values in whole.history.items())
