"""Changes that are allowed between two commands on one run, and the notes on them."""

import shutil
from pathlib import Path

import pytest
import xarray as xr

from pfc_metarl import causality, open_recording, open_run, remeasure, simulate
from pfc_metarl.data.dataset import save
from pfc_metarl.networks.weights import digest
from pfc_metarl.runs import manifest
from pfc_metarl.simulate import main
from tests.experiments.test_files import HELPER, WITH_HELPER

TINY = ("--workers", "1", "--out", "run")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of a lab's file and its helper; not to be changed."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "mine.py").write_text(WITH_HELPER)
    (folder / "payment.py").write_text(HELPER)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["mine.py", *TINY, "--quiet"]) == 0
    return folder


@pytest.fixture
def lab(made, tmp_path, monkeypatch):
    folder = tmp_path / "lab"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


def edit(path, old, new):
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def weights():
    return digest(open_run("run").weights())


def test_the_source_is_stored_in_the_run(lab):
    assert (lab / "run/source/mine.py").read_text() == WITH_HELPER
    assert (lab / "run/source/payment.py").read_text() == HELPER
    assert {"source/mine.py", "source/payment.py"} <= set(open_run("run").manifest["files"])
    assert open_run("run").manifest["provenance"]["code"]


def test_nothing_is_reported_or_made_where_nothing_was_changed(lab, capsys):
    before = Path("run/run.json").read_bytes()
    assert main(["./mine.py", *TINY]) == 0
    out, err = capsys.readouterr()
    assert "kept: weights, test, summary\n" in out
    assert err == ""
    assert open_run("run").manifest["files"] == manifest.read_manifest(Path("run"))["files"]
    assert before  # only the name by which the file was given may differ


def test_a_changed_comment_headline_or_probe_keeps_the_weights_and_is_said(lab, capsys):
    before = weights()
    edit("mine.py", 'claim="Outside."', 'claim="Inside."')
    edit("payment.py", "return", "# a comment\n    return")
    assert main(["mine.py", *TINY]) == 0
    out, err = capsys.readouterr()
    assert "Inside." in out
    assert "kept: weights, test; made: summary" in out
    assert err.startswith("warning: mine.py, payment.py: changed since the networks were trained, but not what")
    assert weights() == before
    edit("mine.py", "networks=2)", 'networks=2, probes={"test": Probe(), "short": Probe(episodes=3)})')
    edit("mine.py", "import A2C", "import A2C, Probe") if "import A2C" in WITH_HELPER else None
    edit("mine.py", "from pfc_metarl import", "from pfc_metarl import Probe\nfrom pfc_metarl import")
    assert main(["mine.py", *TINY]) == 0
    assert "kept: weights, test; made: short, summary" in capsys.readouterr().out
    assert weights() == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("mine.py", "state.trial + 1", "state.trial + 2 - 1"), ("payment.py", "==", "!=")],
)
def test_changed_code_of_the_task_or_a_helper_is_refused(lab, capsys, file, old, new):
    before = Path("run/run.json").read_bytes()
    edit(file, old, new)
    assert main(["mine.py", *TINY]) == 2
    err = capsys.readouterr().err
    assert "the code of the task was changed since the networks were trained" in err
    assert err.count("\n") == 1
    assert Path("run/run.json").read_bytes() == before
    assert main(["mine.py", *TINY, "--force", "--quiet"]) == 0


def test_changed_code_of_the_package_is_reported(lab, capsys, monkeypatch):
    monkeypatch.setattr(manifest, "package_hash", lambda: "another")
    assert main(["mine.py", *TINY, "--quiet"]) == 0
    assert "the code of pfc_metarl has changed since the run was begun; complete results are kept." in (
        capsys.readouterr().err
    )


def test_damage_is_made_again_with_other_versions_only_with_a_word_and_a_note(lab, capsys, monkeypatch):
    content = bytearray(Path("run/test.nc").read_bytes())
    content[-1] ^= 1
    Path("run/test.nc").write_bytes(content)
    versions = {**manifest.provenance(), "numpy": "0.1"}
    monkeypatch.setattr("pfc_metarl.execution.simulation.provenance", lambda: versions)
    assert main(["mine.py", *TINY, "--quiet"]) == 0
    err = capsys.readouterr().err
    assert "now 0.1; complete results are kept, missing ones are made with the present versions" in err
    assert "test.nc (its contents were changed); made again." in err
    run = open_run("run")
    assert run.manifest["remade"]["test.nc"]["numpy"] == "0.1"
    assert run.manifest["provenance"]["numpy"] != "0.1"
    assert '"numpy": "0.1"' in run.recording("test").attrs["provenance"]
    assert "weights.safetensors" not in run.manifest["remade"]


def test_lost_weights_come_back_from_where_training_ended(lab, monkeypatch):
    before, bytes_before = weights(), Path("run/weights.safetensors").read_bytes()
    for name in ("weights.safetensors", "history.nc"):
        Path("run", name).unlink()
    monkeypatch.setattr("pfc_metarl.learning.base.Training.update", None)  # nothing is trained
    assert main(["mine.py", *TINY, "--quiet"]) == 0
    assert weights() == before
    assert Path("run/weights.safetensors").read_bytes() == bytes_before


def test_an_edited_recording_is_always_refused(lab):
    recording = open_recording("run/test.nc").load()
    save(recording.assign(reward=recording["reward"] + 1), "run/test.nc")
    with pytest.raises(ValueError, match=r"test\.nc is damaged"):
        open_recording("run/test.nc")
    shutil.move("run/test.nc", "elsewhere.nc")
    assert isinstance(open_recording("elsewhere.nc"), xr.Dataset)


def test_a_run_is_opened_from_anywhere_with_the_source_it_was_made_of(lab, monkeypatch, tmp_path):
    edit("payment.py", "==", "!=")
    edit("mine.py", '"Outside."', '"Edited."')
    shutil.move("run", tmp_path / "moved")
    monkeypatch.chdir("/")
    run = open_run(tmp_path / "moved")
    assert run.experiment.claim == "Outside."
    assert run.agent().begin((2, 3)) is not None
    assert run.command().endswith(f"--out {tmp_path / 'moved'}")
    Path(run.folder, "source", "payment.py").write_text("")
    with pytest.raises(ValueError, match=r"payment\.py is damaged"):
        _ = open_run(run.folder).experiment


def test_remeasure_takes_probes_and_measures_as_they_are_now(lab, capsys):
    before = weights()
    edit("mine.py", '"Outside."', '"Now."')
    assert remeasure.main(["run", "--set", "probes.test.episodes=301"]) == 0
    out, _ = capsys.readouterr()
    assert "Now." in out
    assert "kept: weights; made: test, summary" in out
    assert weights() == before
    assert open_run("run").recording("test").sizes["episode"] == 301
    assert remeasure.main(["run", "--quiet"]) == 0  # what was changed for this run stays changed
    assert open_run("run").recording("test").sizes["episode"] == 301
    assert remeasure.main(["run", "--set", "task.n_trials=3"]) == 2
    assert "only probes can be changed here" in capsys.readouterr().err


def test_a_run_can_be_measured_again_from_python(lab):
    run = open_run("run")
    assert run.remeasure().summary() == run.summary()
    edit("payment.py", "==", "!=")
    with pytest.raises(ValueError, match="the code of the task was changed"):
        open_run("run").remeasure()


def test_more_updates_are_reported(lab, capsys):
    assert main(["mine.py", *TINY, "--updates", "4", "--quiet"]) == 0
    assert "training continues from update 2 to 4; decaying settings follow" in capsys.readouterr().err
    assert open_run("run").history().sizes["update"] == 4


def test_causality_takes_the_source_of_the_run_and_says_that_the_file_was_edited(lab, capsys):
    edit("mine.py", '"Outside."', '"Edited."')
    assert causality.main(["run"]) == 2
    err = capsys.readouterr().err
    assert "warning: mine.py: changed since the run was made; the copy in run/source is used." in err
    assert "experiment names no causes" in err


def test_a_run_of_an_experiment_made_in_python_needs_it_again(tmp_path):
    from pfc_metarl import A2C, Experiment, Network
    from pfc_metarl.tasks import Bandit
    from tests.execution.test_pipeline import no_measures

    parts = {"task": Bandit(n_trials=3), "network": Network(units=3), "learner": A2C(updates=1, episodes=2)}
    experiment = Experiment(claim="", **parts, measures=no_measures, networks=1)
    made = simulate(experiment, out=tmp_path / "run", workers=1, progress=False)
    assert made.experiment == experiment
    again = open_run(tmp_path / "run")
    assert again.agent().begin((1, 2)) is not None  # classes of the package are known
    with pytest.raises(ValueError, match="was made in Python and is not stored with it"):
        again.remeasure()
    assert again.remeasure(experiment).complete
