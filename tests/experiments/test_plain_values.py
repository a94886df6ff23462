import enum
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pfc_metarl import A2C, Experiment
from pfc_metarl.experiments import load, names
from pfc_metarl.settings import BadInput, changed, settings
from pfc_metarl.tasks import Bandit


class Side(enum.Enum):
    LEFT = "left"
    RIGHT = "right"


@settings
class Timing:
    delay: float = 0.5


@settings
class Odd(Bandit):
    folder: Path = Path("images")
    side: Side = Side.LEFT
    rate: np.float64 = np.float64(0.25)
    sides: tuple[Side, ...] = (Side.LEFT,)
    timing: Timing = Timing()
    any: object = None


def experiment(**fields):
    return Experiment(claim="", task=Odd(**fields), learner=A2C(updates=1))


def test_scalars_paths_and_enumerations_become_plain_and_are_restored():
    made = experiment(folder=Path("a/b"), side=Side.RIGHT, rate=np.float64(0.1), any=np.int64(3))
    numbers = made.numbers()
    written = json.loads(json.dumps(numbers, allow_nan=False))
    assert written == numbers
    expected = {"folder": "a/b", "side": "right", "rate": 0.1, "sides": ["left"], "timing": {"delay": 0.5}, "any": 3}
    assert {name: written["task"][name] for name in expected} == expected
    assert changed(experiment(), {"task": written["task"]}).task == made.task


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "task.any = nan: a value cannot be written"),
        (np.float32("inf"), "task.any = inf"),
        (torch.tensor(0.5), r"task.any = tensor\(0.5000\): a value of type Tensor"),
        (np.zeros(3), "of type ndarray"),
        (np.zeros((50, 50)), r"\.\.\.: a value of type ndarray"),
        ({1: "x"}, "task.any: the name 1 in a mapping"),
        ((1, float("nan")), r"task.any\[1\] = nan"),
        ({"x": {2}}, r"task.any.x = \{2\}: a value of type set"),
        (b"x", "of type bytes"),
        (1j, "of type complex"),
        (Timing, "of type type"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(value, message):
    with pytest.raises(BadInput, match=message) as caught:
        experiment(any=value).numbers()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", names())
def test_settings_of_the_package_are_written_without_loss(name):
    made = load(name)
    numbers = made.numbers()
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert changed(made, {part: numbers[part] for part in ("networks", "task", "learner")}).task == made.task
