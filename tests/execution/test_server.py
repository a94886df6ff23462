import gc

from pfc_metarl.execution import workers
from pfc_metarl.execution.processes import jobs_in
from pfc_metarl.garbage import THRESHOLDS


def thresholds(report, asked_to_stop):
    return gc.get_threshold()


def test_workers_search_seldom_for_garbage_from_their_first_import_on():
    assert workers.IMPORTED[0] == "pfc_metarl.execution.server"
    with jobs_in(2, print, None) as jobs:
        assert jobs.submit(thresholds)() == THRESHOLDS
