import dataclasses
import threading

import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import plan as module
from pfc_metarl.sweeps.plan import planned, require_disk
from pfc_metarl.sweeps.serial import in_this_process
from pfc_metarl.sweeps.trial import Estimate


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
    assert sentence.startswith(
        "4 cells, 2 complete, 2 to do, 4 networks; about 1 core-minute, less than 1 minute with 2 workers;"
    )
    assert planned(made, [first]).sentence(1) == "1 cell, all complete"


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        ("all", "keep = 'measures' or keep = 'weights'"),
        ("weights", "keep = 'measures'"),
        ("measures", "fewer episodes"),
    ],
)
@pytest.mark.usefixtures("no_trial")
def test_what_would_need_less_disk_is_named(sweep, monkeypatch, keep, said):
    plan = planned(sweep(keep=keep), list(sweep().cells()))
    usage = dataclasses.make_dataclass("Usage", ["free"])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage(3))
    with pytest.raises(BadInput, match=f"choose another folder, or .*{said}\\.$"):
        require_disk(plan, 1)


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
