"""A scheduler, workers and a client on loopback, which tests may kill."""

import contextlib
import importlib
import multiprocessing
import os
import socket
import threading
import time

from distributed import Client

from pfc_metarl.settings import Failure
from pfc_metarl.sweeps.distribution import on_cluster

SCHEDULER, WORKER = "distributed.cli.dask_scheduler", "distributed.cli.dask_worker"
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([SCHEDULER, WORKER, "pfc_metarl.sweeps.distribution", "pfc_metarl.execution.simulation"])


def run_command(module, words, log):
    """Be a command of dask, in a process forked from one that has imported everything."""
    with open(log, "a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    importlib.import_module(module).main.main(args=list(words), standalone_mode=False)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Cluster:
    """A scheduler and workers as processes, as a lab starts them."""

    def __init__(self, log):
        self.port, self.log, self.processes = free_port(), str(log), []
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start_scheduler()

    def start(self, module, *words):
        made = CONTEXT.Process(target=run_command, args=(module, words, self.log), daemon=True)
        made.start()
        self.processes.append(made)
        return made

    def start_scheduler(self):
        words = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.scheduler = self.start(SCHEDULER, *words)

    def start_worker(self):
        return self.start(WORKER, self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny")

    def close(self):
        for process in self.processes:
            process.kill()
            process.join()


def client_of(cluster):
    return Client(cluster.address, timeout=30, set_as_default=False)


class Following(threading.Thread):
    """Follows a sweep in a thread, as a command does, until it ends or its scheduler is lost."""

    def __init__(self, *arguments):
        super().__init__(daemon=True)
        self.arguments, self.ended, self.error = arguments, [], ""
        self.start()

    def run(self):
        try:
            for outcome in on_cluster(*self.arguments):
                self.ended.append(outcome)
        except Failure as error:
            self.error = str(error)


def wait_for_a_new_checkpoint(made, cell):
    """Wait until training has gone on."""
    begun, end = time.time(), time.monotonic() + 120
    while time.monotonic() < end:
        there = list(made.path(cell).glob("checkpoints/networks*.safetensors"))
        with contextlib.suppress(FileNotFoundError):
            if any(path.stat().st_mtime > begun for path in there):
                return
        time.sleep(0.05)
    raise AssertionError("no checkpoint")
