"""The examples in docs/examples run through the same commands as the experiments of the package."""

from pathlib import Path

import pytest

import pfc_metarl
from pfc_metarl.simulate import main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OPTIONS = ("--networks", "2", "--updates", "3", "--workers", "2", "--quiet", "--set", "probes.test.episodes=2")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short_and_runs_through_the_command(path, tmp_path):
    assert len(path.read_text().splitlines()) <= 40
    short = ("--set", "task.n_trials=5", "--set", "learner.episodes=2")
    assert main([str(path), *OPTIONS, *short, "--out", str(tmp_path / "run")]) == 0
    run = pfc_metarl.open_run(tmp_path / "run")
    assert run.history()["reward_per_trial"].sizes == {"update": 3, "network": 2}
    recording = run.recording("test")
    assert recording["hidden"].std("unit").min() > 0
    assert run.summary()["measures"][0]["n"] == 2


def test_there_are_examples():
    assert len(list(EXAMPLES.glob("*.py"))) >= 2
