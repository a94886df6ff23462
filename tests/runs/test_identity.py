import dataclasses
import enum
import functools
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pfc_metarl import experiments
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.runs.identity import described, fingerprint, first_difference, training_difference
from pfc_metarl.simulation.interventions import Edited, silence
from pfc_metarl.tasks import TwoStep


class Colour(enum.Enum):
    RED = 1


def plus(x, y):
    return x + y


VALUES = [
    None, True, 3, 0.5, float("nan"), "x", (1, 2), {"a": 1}, {1, 2}, Path("x"), Colour.RED, np.float32(2), np.arange(3),
    torch.ones(2), plus, functools.partial(plus, 1), [].append, TwoStep, TwoStep(), range(3), object(), np.int64(3),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_anything_is_described_by_what_json_holds(value):
    text = json.dumps(described(value), allow_nan=False)
    assert json.loads(text) == described(value)


def test_equal_settings_have_equal_fingerprints_and_others_have_not():
    assert fingerprint(TwoStep()) == fingerprint(TwoStep(p_common=0.8)) != fingerprint(TwoStep(p_common=0.7))
    assert fingerprint(torch.tensor([1.0, 2.0])) != fingerprint(torch.tensor([1.0, 2.1]))


def test_the_units_of_an_edit_count():
    one, same, other = (fingerprint(Edited("x", silence([n]))) for n in (3, 3, 4))
    assert one == same != other


@pytest.mark.parametrize("name", experiments.names())
def test_every_experiment_is_described_the_same_way_twice(name):
    for probe in experiments.load(name).probes.values():
        assert fingerprint(probe) == fingerprint(dataclasses.replace(probe))


def test_the_first_difference_is_found():
    there, here = {"a": 1, "b": {"c": [1, 2], "d": 3}}, {"a": 1, "b": {"c": [1, 3], "e": 3}}
    assert first_difference(there, here) == ("b.c", [1, 2], [1, 3])
    assert first_difference(here, here) is None
    assert first_difference({"b": {}}, {"b": {"e": 3}}) == ("b.e", None, 3)


def test_a_setting_that_an_earlier_version_did_not_have_counts_as_its_default():
    here = {"learner": described(A2C()), "seed": 0}
    earlier = {"learner": {n: v for n, v in here["learner"].items() if n != "entropy_decay_fraction"}, "seed": 0}
    assert training_difference(earlier, here) is None
    other = {**here, "learner": described(A2C(entropy_decay_fraction=0.7))}
    assert training_difference(earlier, other) == ("learner.entropy_decay_fraction", 1.0, 0.7)
    assert training_difference(here, earlier) is not None, "a setting that is no more cannot be ignored"


@pytest.mark.parametrize("name", ["pfc_metarl.learning.a2c.Gone", "pfc_metarl.gone.A2C", "os.path", None])
def test_what_an_unknown_class_lacks_is_a_difference(name):
    here = {"learner": {"class": name, "updates": 3}}
    assert training_difference({"learner": {"class": name}}, here) == ("learner.updates", None, 3)
