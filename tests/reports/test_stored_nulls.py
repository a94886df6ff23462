import json
import math
import shutil

import pytest

from pfc_metarl.experiments.nulls import Null
from pfc_metarl.reports.stored_nulls import NULLS, store, stored
from pfc_metarl.runs.run import open_run

FOUND = {"reward": [Null("model_free", [0.5, math.nan], 0.61), Null("untrained", [0.5], math.nan)], "slope": []}


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    return open_run(tmp_path / "run")


def test_nulls_are_read_as_they_were_stored(run):
    assert stored(run) == {}
    store(run, FOUND)
    again = stored(run)
    assert list(again) == ["reward", "slope"]
    assert again["slope"] == []
    first, second = again["reward"]
    assert (first.name, first.limit, first.values[0]) == ("model_free", 0.61, 0.5)
    assert math.isnan(first.values[1])
    assert math.isnan(second.limit)


def test_nulls_of_a_run_that_was_measured_anew_are_not_shown(run):
    store(run, FOUND)
    run.finish({**run.summary(), "networks": "others"})
    assert stored(open_run(run.folder)) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"summary": null}', '{"nulls": 3}'])
def test_a_damaged_file_is_no_null(run, text):
    store(run, FOUND)
    (run.folder / NULLS).write_text(text, encoding="utf-8")
    assert stored(run) == {}


def test_nulls_in_another_form_are_no_null(run):
    store(run, FOUND)
    content = json.loads((run.folder / NULLS).read_text(encoding="utf-8"))
    (run.folder / NULLS).write_text(json.dumps({**content, "nulls": {"reward": [{"name": 3}]}}), encoding="utf-8")
    assert stored(run) == {}
