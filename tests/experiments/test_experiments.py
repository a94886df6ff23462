import ast
import functools
import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pfc_metarl import experiments
from pfc_metarl.agents import Random
from pfc_metarl.data.combining import joined
from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments import volatility
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.mechanism.directions import label
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import EPISODES_AT_ONCE, record
from pfc_metarl.tasks import check_task

OUTSIDE = """
from pfc_metarl.experiments.two_step import EXPERIMENT as ORIGINAL
import dataclasses
EXPERIMENT = dataclasses.replace(ORIGINAL, networks=3)
"""


def test_names_are_those_of_the_files_and_their_variants():
    assert experiments.names() == sorted(experiments.names())
    assert {"two_step", "two_step_wang2018"} <= set(experiments.names())
    assert not {"base", "wang2018"} & set(experiments.names())
    assert len(experiments.names()) == len(set(experiments.names()))


def test_a_variant_is_in_the_file_whose_name_its_own_begins_with():
    for path in Path(experiments.__file__).parent.glob("*.py"):
        module = importlib.import_module(f"pfc_metarl.experiments.{path.stem}")
        for name in getattr(module, "VARIANTS", {}):
            assert name.startswith(f"{path.stem}_")
            assert experiments.load(name) is module.VARIANTS[name]


def test_an_experiment_is_loaded_without_the_others():
    code = (
        "import sys; from pfc_metarl import experiments; experiments.load('two_step_gru');"
        "print([name for name in sys.modules if name.startswith('pfc_metarl.experiments.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in ast.literal_eval(done.stdout)}
    assert "two_step" in loaded
    assert not loaded & {"foraging", "volatility", "harlow_objects", "risky_lever", "bandit_independent"}


CAUSAL = [name for name in experiments.names() if experiments.load(name).causality]


@pytest.mark.parametrize("name", CAUSAL)
def test_what_causality_is_tested_for_is_there(name):
    experiment = experiments.load(name)
    causality = experiment.causality
    tasks = [experiment.probes[probe].task(experiment.task, probe) for probe in causality.probes]
    recordings = [record(task, causality.chance, 5, 0, yoked=causality.yoked, networks=(0, 1)) for task in tasks]
    made = joined(*recordings) if len(recordings) > 1 else recordings[0]
    behaviour = causality.behaviour(trials(made))
    for cause in causality.causes.values():
        assert behaviour[cause.effect].dims == ("subject",)
        for phase in phase_names(made):
            values = label(made, cause.variable, phase).values
            assert np.unique(values[np.isfinite(values)]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "probe", "shown"),
    [("foraging", "units", "test"), *((("volatility", f"units_{order}", order)) for order in volatility.ORDERS)],
)
def test_the_units_figure_shows_the_first_episodes_of_the_test(name, probe, shown):
    experiment = experiments.load(name)
    again, test = experiment.probes[probe], experiment.probes[shown]
    assert (again.worlds, again.changes, again.untrained) == (shown, test.changes, test.untrained)
    assert again.episodes % EPISODES_AT_ONCE == 0, "noise is drawn for so many episodes at a time"
    task = again.task(experiment.task, probe)
    made = record(task, Random(), 3, 0, purpose=probe, worlds=again.worlds, yoked=again.yoked)
    assert set(again.only) - {"hidden"} <= set(made)
    first = record(test.task(experiment.task, shown), Random(), 3, 0, purpose=shown)
    for variable in ("action", "reward", "p_reward"):
        xr.testing.assert_equal(made[variable], first[variable])


LARGE = "harlow_pixels_wang2018"
NAMES = [name if name != LARGE else pytest.param(name, marks=pytest.mark.slow) for name in experiments.names()]


check = functools.cache(check_task)
"""Variants have the tasks of their experiments."""


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_can_be_run(name):
    experiment = experiments.load(name)
    assert isinstance(experiment, Experiment)
    assert experiment.claim.endswith(".")
    check(experiment.task)
    for probe_name, probe in experiment.probes.items():
        check(probe.task(experiment.task, probe_name))


def test_a_file_is_an_experiment_too(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(OUTSIDE)
    assert experiments.load(str(path)).networks == 3
    assert experiments.load(str(path)) == experiments.load(str(path))


VARIANTS = """
VARIANTS = {"small": dataclasses.replace(EXPERIMENT, networks=2), "wrong": 3}
"""


def test_a_variant_of_a_file_is_loaded_by_path_and_name(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(OUTSIDE + VARIANTS)
    assert experiments.load(f"{path}:small").networks == 2
    with pytest.raises(BadInput, match=r"there is no variant 'large'; those in VARIANTS are: small, wrong\."):
        experiments.load(f"{path}:large")
    with pytest.raises(BadInput, match=r"the file must define VARIANTS\['wrong'\], a pfc_metarl\.Experiment"):
        experiments.load(f"{path}:wrong")
    path.write_text(OUTSIDE)
    with pytest.raises(BadInput, match=r"there is no variant 'small'; those in VARIANTS are: none\."):
        experiments.load(f"{path}:small")


def test_a_file_of_the_name_of_an_experiment_is_no_experiment_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two_step.py").write_text(OUTSIDE)
    assert experiments.load("two_step.py").networks == 3
    assert experiments.load("two_step").networks == 8


def test_what_is_raised_in_a_file_names_the_line_of_the_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("import math\n\n\ndef root():\n    return math.sqrt(-1)\n\n\nroot()\n")
    with pytest.raises(BadInput, match=r"mine\.py, line 5: ValueError") as caught:
        experiments.load(str(path))
    assert "\n" not in str(caught.value)


def test_a_refused_setting_keeps_its_sentence(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from pfc_metarl.tasks import TwoStep\nTwoStep(p_common=3)\n")
    with pytest.raises(BadInput, match=r"mine\.py, line 2: TwoStep\.p_common = 3: should be less than or equal to 1"):
        experiments.load(str(path))


def test_an_unknown_name_is_refused_with_the_most_similar_ones():
    with pytest.raises(BadInput, match=r"experiment = 'two_stp': .*two_step, .*in all\); did you mean 'two_step'"):
        experiments.load("two_stp")
