"""Every task of the package, and every combination of options, keeps the contract."""

import itertools

import pytest

from pfc_metarl.tasks import TASKS, TwoStep, check_task
from tests.contracts import SMALL

OPTIONS = {
    "p_reversal": (0.0, 0.5),
    "second_stage_choice": (False, True),
    "drift_sd": (0.0, 0.1),
    "fixation": (False, True),
}
COMBINATIONS = [dict(zip(OPTIONS, values, strict=True)) for values in itertools.product(*OPTIONS.values())]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", [0, 1])
def test_with_its_defaults(task, seed):
    check_task(task(**SMALL.get(task, {})), seed)


@pytest.mark.parametrize("options", COMBINATIONS, ids=str)
def test_two_step_with_all_its_options(options):
    check_task(TwoStep(n_trials=6, **options))


@pytest.mark.parametrize("task", TASKS)
def test_columns_of_the_trial_table_can_be_read(task, noise_of):
    made = task(**SMALL.get(task, {}))
    variables = {"action", "reward", "observation", *made.begin(noise_of(made).world[0])._fields}
    for column in made.trial_columns.values():
        assert column.variable in variables
        assert column.phase is None or column.phase in made.phase_names
