import dataclasses

import pytest

from pfc_metarl import Probe, simulate
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import trial as module
from pfc_metarl.sweeps.plan import planned
from pfc_metarl.sweeps.trial import shortened, trial
from tests.sweeps.conftest import tiny


def test_a_trial_has_the_steps_of_a_cell_and_fails_with_it(sweep):
    made = sweep(keep="weights")
    found = trial(made, next(made.cells()))
    assert found.seconds > 0
    assert 5_000 < found.kept < found.recorded + 100_000
    broken = sweep(experiments=tiny(measures=lambda recordings: 1 / 0), folder="other")
    with pytest.raises(BadInput, match="ZeroDivisionError"):
        planned(broken, list(broken.cells()))
    assert not broken.folder.exists()


def test_a_short_run_is_never_longer():
    short = shortened(tiny())
    assert short.learner.updates == 2
    assert short.probes["test"].episodes == 2
    long = shortened(tiny(learner=dataclasses.replace(tiny().learner, updates=500)))
    assert long.learner.updates == module.UPDATES_OF_A_TRIAL


def test_updates_that_take_no_time_are_not_estimated_from_what_is_spent_once(sweep, monkeypatch):
    seconds = {10: 0.6, 50: 0.8}  # 0.55 once, 0.005 for each update
    monkeypatch.setattr(module, "_seconds_of", lambda experiment, updates, seed: seconds[updates])
    long = tiny(learner=dataclasses.replace(tiny().learner, updates=1010))
    short = module.Short(shortened(long), {}, {"train": 0.7})
    assert module._seconds_of_training(long, short, 0) == pytest.approx(0.7 + 0.005 * 1000)
    slow = short._replace(seconds={"train": 3.0})
    assert module._seconds_of_training(long, slow, 0) == pytest.approx(303)


def test_the_size_of_recordings_with_different_numbers_of_episodes_is_estimated(sweep, tmp_path):
    probes = {"test": Probe(episodes=700), "other": Probe(episodes=60, only=("policy",)), "few": Probe(episodes=3)}
    made = sweep({"grid": {"learner.discount": [0.5]}}, experiments=tiny(probes=probes), keep="all")
    run = simulate(tiny(probes=probes), out=tmp_path / "run", workers=1, progress=False)
    there = sum(file["bytes"] for file in run.manifest["files"].values())
    assert trial(made, next(made.cells())).kept == pytest.approx(there, rel=0.05)
