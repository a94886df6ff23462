import dataclasses
import threading

import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import plan as module
from pfc_metarl.sweeps.plan import Estimate, planned, require_disk, shortened, trial
from pfc_metarl.sweeps.serial import in_this_process
from tests.sweeps.conftest import tiny


@pytest.fixture
def no_trial(monkeypatch):
    monkeypatch.setattr(module, "trial", lambda sweep, cell: Estimate(30.0, 2.0**30, 2.0**20))


@pytest.mark.usefixtures("no_trial")
def test_the_plan_counts_what_is_missing(sweep):
    made = sweep()
    first, second, *_ = made.cells()
    list(in_this_process(made, [first, second], threading.Event()))
    plan = planned(made, list(made.cells()))
    assert [cell.name for cell in plan.missing] == ["discount=0.9,units=2", "discount=0.9,units=4"]
    assert plan.core_minutes == 1
    assert plan.disk(1) == 2**30 + 2 * 2**20
    assert plan.disk(8) == 2 * 2**30 + 2 * 2**20
    sentence = plan.sentence(2)
    assert sentence.startswith("4 cells, 2 complete, 2 to do, 4 networks; about 1 core-minutes, 0.5 min with 2 workers")
    assert planned(made, [first]).sentence(1) == "1 cells, all complete"


@pytest.mark.usefixtures("no_trial")
def test_a_disk_that_is_too_small_is_refused(sweep, monkeypatch):
    plan = planned(sweep(), list(sweep().cells()))
    require_disk(plan, 1)
    usage = dataclasses.make_dataclass("Usage", ["free"])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage(2**30))
    with pytest.raises(
        BadInput, match=r"disk: the plan needs about 1 GB in .*, 1e\+03 MB are free|1 GB are free|MB are"
    ):
        require_disk(plan, 1)


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
