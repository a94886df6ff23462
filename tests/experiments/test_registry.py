import dataclasses

from pfc_metarl import experiments
from pfc_metarl.experiments.base import Probe
from pfc_metarl.experiments.registry import name_of
from pfc_metarl.settings import changed


def test_an_experiment_that_differs_in_settings_only_has_a_name():
    for name in ("two_step", "two_step_gru", "foraging"):
        original = experiments.load(name)
        assert name_of(original) == name
        assert name_of(changed(original, {"task": {"n_trials": 7}, "networks": 3})) == name


def test_one_with_probes_or_measures_of_its_own_has_none():
    original = experiments.load("two_step")
    assert name_of(dataclasses.replace(original, probes={"test": Probe(episodes=3)})) is None
    assert name_of(dataclasses.replace(original, measures=lambda recordings: {})) is None
    assert name_of(dataclasses.replace(original, claim="Another.")) is None
