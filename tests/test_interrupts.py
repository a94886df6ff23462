"""Ctrl-C while a command imports. A hook sends the signal when a named module is about to be imported."""

import os
import signal
import subprocess
import sys

import pytest

from pfc_metarl import interrupts

HOOK = """
import importlib.abc, os, signal, sys

class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        server = "multiprocessing.forkserver" in sys.modules and sys.argv[0] == "-c"
        if name == os.environ["INTERRUPT_AT"] and server == (os.environ["INTERRUPT_WHERE"] == "server"):
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
"""
COMMAND = ["simulate", "bandit_independent", "--networks", "2", "--updates", "1", "--workers", "2", "--quiet"]


def interrupted(folder, arguments, module, where):
    (folder / "sitecustomize.py").write_text(HOOK)
    path = os.pathsep.join([str(folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    environment = {**os.environ, "PYTHONPATH": path, "INTERRUPT_AT": module, "INTERRUPT_WHERE": where}
    command, *rest = arguments
    return subprocess.run(
        [sys.executable, "-m", f"pfc_metarl.{command}", *rest],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # tests in the background inherit that it is ignored
    )


@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        (COMMAND, "lazy_loader"),
        (COMMAND, "argparse"),
        (COMMAND, "pydantic"),
        (COMMAND, "numpy"),
        (COMMAND, "torch"),
        (["verify", "run"], "xarray"),
        (["export", "run"], "pandas"),
        (["remeasure", "run"], "torch"),
        (["causality", "run"], "torch"),
        (["simulate", "--list"], "pfc_metarl.experiments.registry"),
    ],
)
def test_a_command_that_is_interrupted_while_it_imports_ends_with_one_sentence(tmp_path, arguments, module):
    done = interrupted(tmp_path, arguments, module, "command")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{interrupts.SENTENCE}\n")
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["sitecustomize.py"]


def test_the_server_of_the_workers_is_not_interrupted(tmp_path):
    done = interrupted(tmp_path, [*COMMAND, "--out", "run"], "torch", "server")
    assert (done.returncode, done.stderr) == (0, "")


def test_in_a_process_that_is_no_command_nothing_is_changed():
    before = signal.getsignal(signal.SIGINT)
    with interrupts.importing():
        assert signal.getsignal(signal.SIGINT) is before
    with interrupts.raising():
        assert signal.getsignal(signal.SIGINT) is before


def test_a_process_that_ignores_interruptions_goes_on_to(tmp_path):
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); from pfc_metarl import interrupts; "
        "interrupts.begin_command(); signal.raise_signal(signal.SIGINT); print('on')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "on\n"
