import pytest

from pfc_metarl import BadInput, experiments
from pfc_metarl.execution.cohort import n_cores
from pfc_metarl.execution.order import Order, require_possible
from pfc_metarl.execution.source import Source

ORDER = Order(Source(experiments.load("two_step"), "two_step", {}), seed=3, workers=1)


def test_one_process_trains_on_a_device_and_one_per_core_otherwise():
    require_possible(ORDER)
    assert ORDER._replace(device="meta").n_workers() == 1
    assert ORDER._replace(workers=None).n_workers() == n_cores()
    assert ORDER._replace(workers=5).n_workers() == 5


def test_a_device_that_does_not_exist_is_refused():
    with pytest.raises(BadInput, match="device = 'abacus': torch cannot use it here"):
        require_possible(ORDER._replace(device="abacus"))
