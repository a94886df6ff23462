"""The examples in docs/examples run through the same commands as the experiments of the package."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

import pfc_metarl
from pfc_metarl import interrupts
from pfc_metarl.simulate import main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHORT = ("--set", "task.n_trials=5", "--set", "learner.episodes=2")

OPTIONS = ("--networks", "2", "--updates", "3", "--workers", "2", "--quiet", "--set", "probes.test.episodes=2")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short_and_runs_through_the_command(path, tmp_path):
    assert len(path.read_text().splitlines()) <= 40
    assert main([str(path), *OPTIONS, *SHORT, "--out", str(tmp_path / "run")]) == 0
    run = pfc_metarl.open_run(tmp_path / "run")
    assert run.history()["reward_per_trial"].sizes == {"update": 3, "network": 2}
    recording = run.recording("test")
    assert recording["hidden"].std("unit").min() > 0
    assert run.summary()["measures"][0]["n"] == 2


def test_there_are_examples():
    assert len(list(EXAMPLES.glob("*.py"))) >= 2


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_interrupted_example_continues_and_ends_with_the_same_bytes(path, tmp_path):
    command = [str(path), "--networks", "2", "--updates", "30", "--workers", "1", "--quiet"]
    command += [*SHORT, "--set", "probes.test.episodes=2", "--checkpoint-every", "0.001", "--out"]
    assert main([*command, str(tmp_path / "whole")]) == 0
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command sets its own, and puts this one back
    try:
        threading.Thread(target=interrupt_at_the_first_checkpoint, args=(tmp_path / "parted",), daemon=True).start()
        assert main([*command, str(tmp_path / "parted")]) == interrupts.CODE
    finally:
        signal.signal(signal.SIGINT, before)
    assert not (tmp_path / "parted" / "weights.safetensors").exists()
    assert main([*command, str(tmp_path / "parted")]) == 0
    for name in ("weights.safetensors", "history.nc", "test.nc"):
        assert (tmp_path / "parted" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def interrupt_at_the_first_checkpoint(folder):
    while not any(folder.glob("checkpoints/[!.]*")):
        time.sleep(0.005)
    os.kill(os.getpid(), signal.SIGINT)
