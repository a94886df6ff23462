"""Names that a task may not use are those that recordings use; the faults themselves are in test_contract."""

import pytest

from pfc_metarl.data.dataset import SCHEMA, STEP_DIMS
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit, TrialColumn
from pfc_metarl.tasks.declarations import DIMENSIONS, RECORDED, check_columns, check_declarations, check_fields


def refuse(holds, wrong):
    if not holds:
        raise BadInput(wrong)


def test_reserved_names_are_those_of_recordings():
    assert set(RECORDED) | {"trial", "phase"} == set(SCHEMA)
    assert set(DIMENSIONS) == {*STEP_DIMS, *(dim for row in SCHEMA.values() for dim in row.extra_dims)}


@pytest.mark.parametrize("name", [*RECORDED, *DIMENSIONS])
def test_no_field_has_the_name_of_a_recorded_variable_or_axis(name):
    with pytest.raises(BadInput, match=f"state field {name} has a name that every recording uses"):
        check_fields(Bandit(), ("trial", "phase", name), refuse)


def test_a_task_of_the_package_declares_what_it_may():
    check_declarations(Bandit(), refuse)
    check_fields(Bandit(), ("trial", "phase", "p_reward"), refuse)
    check_columns(Bandit(), ("trial", "phase", "p_reward"), refuse)


class Coded(Bandit):
    @property
    def trial_columns(self):
        return {"p_reward": TrialColumn("p_reward", codes=("low", "high"))}


def test_codes_have_no_further_axis():
    with pytest.raises(BadInput, match="p_reward has 1 more axes than a column can hold"):
        check_columns(Coded(), ("trial", "phase", "p_reward"), refuse)
