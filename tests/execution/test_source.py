import dataclasses
import shutil

import pytest

from pfc_metarl import A2C, Experiment, Network, experiments, simulate
from pfc_metarl.execution.source import (
    changed_file,
    experiment_of,
    parts_of,
    present_experiment_of,
    resolved,
    with_settings_of,
)
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.tasks import Bandit

LAB = """
from pfc_metarl import A2C, Experiment, Network, Probe
from pfc_metarl.tasks import Bandit

parts = {"task": Bandit(n_trials=4), "network": Network(units=3), "learner": A2C(updates=1, episodes=2)}
EXPERIMENT = Experiment(claim="First.", **parts, networks=1, probes={"test": Probe(episodes=2)})
VARIANTS = {"long": Experiment(claim="Long.", **{**parts, "task": Bandit(n_trials=8)}, networks=1)}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of a lab's file; not to be changed."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "mine.py").write_text(LAB)
    changes = {"probes": {"test": {"episodes": 3}}}
    experiment = resolved(folder / "mine.py", changes)
    assert experiment.experiment.probes["test"].episodes == 3
    simulate(str(folder / "mine.py"), out=folder / "run", workers=1, progress=False)
    return folder


@pytest.fixture
def lab(made, tmp_path):
    shutil.copytree(made, tmp_path / "lab")
    return tmp_path / "lab"


def test_an_experiment_by_name_by_file_and_as_it_is(made):
    by_name = resolved("two_step", {"task": {"p_common": 0.7}})
    assert (by_name.name, by_name.file, by_name.experiment.task.p_common) == ("two_step", "", 0.7)
    as_it_is = resolved(changed(experiments.load("two_step"), {"task": {"p_common": 0.7}}), {})
    assert as_it_is.name == "two_step"
    assert as_it_is.changes == {"task": {"p_common": 0.7}}
    by_file = resolved(made / "mine.py", {})
    assert (by_file.file, by_file.texts) == ("mine.py", {"mine.py": LAB})
    own = resolved(Experiment(claim="", task=Bandit()), {})
    assert (own.name, own.changes) == ("", {})


@pytest.mark.parametrize(
    ("experiment", "changes", "said"),
    [
        (3, {}, "experiment = 3: give an Experiment, the name of one, or the path of a .py file"),
        ("two_stp", {}, "experiment = 'two_stp': unknown experiment; .*did you mean 'two_step'"),
        ("two_step", {"task": {"p_commn": 1}}, "task.p_commn = 1: there is no such setting"),
        ("two_step", {"probes": {"test": {"changes": {"p_common": 2}}}}, "probes.test.changes.p_common = 2"),
    ],
)
def test_what_is_no_experiment_is_refused(experiment, changes, said):
    with pytest.raises(BadInput, match=said):
        resolved(experiment, changes)


def test_the_experiment_of_a_run_is_read_from_the_source_that_it_keeps(lab):
    run = open_run(lab / "run")
    (lab / "mine.py").unlink()
    assert experiment_of(run).claim == "First."
    assert experiment_of(run).numbers() == run.manifest["settings"]
    task, network, learner = parts_of(run)
    assert (task.n_trials, network.units, learner.updates) == (4, 3, 1)
    assert present_experiment_of(run).experiment.claim == "First."  # the file is gone
    (lab / "run" / "source" / "mine.py").write_text(LAB.replace("First.", "Forged."))
    with pytest.raises(BadInput, match=r"mine\.py is damaged"):
        experiment_of(run)


def test_a_file_that_was_edited_is_noticed_and_used_only_where_the_present_is_asked_for(lab):
    path = lab / "mine.py"
    run = open_run(lab / "run")
    run.update(experiment=str(path))
    assert changed_file(run) is None
    path.write_text(LAB.replace("First.", "Now."))
    assert changed_file(run) == f"{path}: changed since the run was made; the copy in {run.folder / 'source'} is used."
    assert experiment_of(run).claim == "First."
    present = present_experiment_of(run, {"probes": {"test": {"episodes": 7}}})
    assert (present.experiment.claim, present.experiment.probes["test"].episodes) == ("Now.", 7)


def test_settings_of_a_run_replace_those_of_its_experiment(made):
    run = open_run(made / "run")
    other = changed(experiment_of(run), {"task": {"n_trials": 9}, "learner": {"discount": 0.5}, "networks": 4})
    found = with_settings_of(run, dataclasses.replace(other, claim="Other."))
    assert (found.task.n_trials, found.learner.discount, found.networks) == (4, A2C().discount, 1)
    assert found.claim == "Other."


def test_an_experiment_made_in_python_is_not_stored_but_its_parts_are(tmp_path):
    parts = {"task": Bandit(n_trials=4), "network": Network(units=3), "learner": A2C(updates=1, episodes=2)}
    experiment = Experiment(claim="", **parts, networks=1, measures=lambda recordings: {})
    simulate(experiment, out=tmp_path / "run", workers=1, progress=False)
    run = open_run(tmp_path / "run")
    with pytest.raises(BadInput, match="its experiment was made in Python and is not stored with it"):
        experiment_of(run)
    assert parts_of(run) == (experiment.task, experiment.network, experiment.learner)
