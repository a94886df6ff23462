import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.tasks import TASKS


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_every_task_has_reference_agents_and_one_of_them_is_at_chance_level(task):
    assert "random" in REFERENCE_AGENTS_OF[task]
