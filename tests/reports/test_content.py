import shutil

import pytest

from pfc_metarl import measures, open_run
from pfc_metarl.reports.content import content, controls, settings_table, warnings


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    return open_run(tmp_path / "run")


def test_the_reward_is_the_first_curve(run):
    assert next(iter(content(run)["curves"])) == "reward per trial"


def test_recordings_are_named_after_their_agents(run):
    found = {each["recording"]: each for each in controls(run, run.experiment, run.summary())}
    assert found["test"]["agent"] == "trained networks"
    assert found["test_untrained"]["agent"] == "the same networks before the training"
    assert found["test_model_free"]["agent"] == "model free"
    assert "weights frozen" in found["test"]["condition"]
    assert "weights" not in found["test_model_free"]["condition"]
    assert found["test"]["weights"] != found["test_untrained"]["weights"]


def test_each_recording_has_the_reward_that_the_measure_finds(run):
    for each in controls(run, run.experiment, run.summary()):
        reward = measures.reward_per_trial(run.recording(each["recording"]))["reward_per_trial"]
        wanted = float(reward.mean()), float(reward.std(ddof=1)) / len(reward) ** 0.5
        assert [float(part) for part in each["reward"].split(" ± ")] == pytest.approx(wanted, abs=0.00051)
    (run.folder / "test.nc").write_bytes(b"damaged")
    assert controls(run, run.experiment, run.summary())[0]["reward"] == ""


def test_changed_settings_are_marked(run):
    marked = {name for name, _, changed in settings_table(run.manifest) if changed}
    assert marked
    assert all(name.split(".")[0] in ("networks", "task", "network", "learner", "probes") for name in marked)


def test_a_run_without_warnings_has_none_and_each_has_its_sentence(run):
    base = {**run.manifest, "provenance": {}, "remade": {}, "stopped": {}, "complete": True}
    whole = {"claim": {"changed": []}, "measures": [{"criterion": [0, None], "n": 2}]}
    run.manifest.clear()
    run.manifest.update(base)
    assert warnings(run, whole) == []
    run.manifest.update(stopped={"3": 57}, remade={"test.nc": {}}, provenance={"git": "abc-dirty"})
    assert len(warnings(run, whole)) == 3
    assert "Network 3 was stopped at update 57" in warnings(run, whole)[0]
    whole["claim"]["changed"] = ["task.p_common"]
    assert any(each.startswith("Changed: task.p_common.") for each in warnings(run, whole))


def test_a_run_that_was_not_measured_has_a_report(run):
    run.manifest["files"] = {name: file for name, file in run.manifest["files"].items() if name.endswith("safetensors")}
    found = content(run)
    assert found["rows"] == []
    assert found["curves"] == {}
    assert found["judged"] == ""
