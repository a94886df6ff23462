import dataclasses
import math

import numpy as np
import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.search import (
    RANGES,
    Candidate,
    Search,
    Trial,
    better_half,
    candidates,
    require_possible_search,
    sweep_of_rung,
    updates_of,
)


def trial(draw, reward, rung=0):
    return Trial(rung, Candidate(draw, {"learner.discount": 0.5 + draw / 100}), 10, reward, reward - 0.1, 1.0)


def test_the_present_settings_are_the_first_candidate_and_draws_lie_in_their_ranges():
    found = candidates(Search("two_step", RANGES, draws=50, seed=1003))
    assert found == candidates(Search("two_step", RANGES, draws=50, seed=1003))
    assert found[0].settings["learner.discount"] == 0.6
    rates = np.array(
        [[each.settings[f"learner.{end}_learning_rate"] for end in ("initial", "final")] for each in found[1:]]
    )
    assert ((rates[:, 0] >= 0.005) & (rates[:, 0] <= 0.05)).all()
    assert ((rates[:, 1] / rates[:, 0] > 0.0099) & (rates[:, 1] / rates[:, 0] < 0.201)).all()
    assert {each.settings["learner.final_entropy_cost"] for each in found[1:]} == {0.0}


def test_the_better_half_goes_on_and_so_do_the_present_settings():
    trials = [trial(0, 0.1), trial(1, 0.5), trial(2, -math.inf), trial(3, 0.7), trial(4, 0.2), trial(5, 0.3)]
    assert [each.draw for each in better_half(trials)] == [0, 3, 1, 5]


def test_rungs_have_twice_as_many_updates_and_new_networks(tmp_path):
    search = Search("two_step", RANGES, updates=400, rungs=3, seed=1007)
    assert [updates_of(search, rung) for rung in range(3)] == [100, 200, 400]
    chosen = candidates(search)
    sweeps = [sweep_of_rung(search, rung, chosen[: 9 - rung], tmp_path) for rung in range(3)]
    assert [each.terms.seed for each in sweeps] == [1007, 1008, 1009]
    assert [each.n_cells for each in sweeps] == [9, 8, 7]
    (source,) = sweeps[1].sources.values()
    assert source.experiment.learner.updates == 200
    assert not source.experiment.probes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 7}, "seed = 7: search seeds begin at 1000"),
        ({"draws": 0}, "draws = 0: must be at least 1"),
        ({"updates": 0}, "updates = 0"),
        ({"rungs": 12}, "rungs = 12: 600 updates cannot be halved so often"),
        ({"rungs": 2, "rows": ({"learner.discount": 0.5},)}, "rungs = 2: listed candidates have one rung"),
    ],
)
def test_reported_seeds_and_empty_searches_are_refused(changes, said):
    with pytest.raises(BadInput, match=said):
        require_possible_search(Search("two_step", RANGES)._replace(**changes))


def test_settings_that_the_experiment_does_not_have_are_refused():
    with pytest.raises(BadInput, match=r"learner.patience: two_step has no such setting"):
        candidates(Search("two_step", {"learner.patience": "1:2"}))


def test_a_rung_that_is_not_the_same_experiment_has_no_probes_but_its_task(tmp_path):
    search = Search("two_step", {"learner.discount": [0.5]}, draws=1)
    (source,) = sweep_of_rung(search, 0, candidates(search), tmp_path).sources.values()
    assert dataclasses.asdict(source.experiment.task)["p_common"] == 0.8


ROWS = ({"learner.discount": 0.5}, {"network.core": "gru", "learner.updates": 250}, {"learner.discount": 0.6})


def test_listed_candidates_differ_from_the_present_settings_in_what_they_name():
    search = Search("two_step", {}, rows=ROWS, updates=280)
    found = candidates(search)
    names = ("learner.discount", "network.core", "learner.updates")
    assert [(each.draw, tuple(each.settings[name] for name in names)) for each in found] == [
        (0, (0.6, "lstm", 280)),
        (1, (0.5, "lstm", 280)),
        (2, (0.6, "gru", 250)),
    ], "the third row is the present settings"


def test_a_listed_search_has_the_settings_of_all_candidates_and_of_each(tmp_path):
    search = Search("two_step", {}, rows=ROWS, updates=280, changes={"learner": {"episodes": 8}}, measured=True)
    sweep = sweep_of_rung(search, 0, candidates(search), tmp_path)
    learners = [sweep.source(cell).experiment.learner for cell in sweep.cells()]
    assert [each.episodes for each in learners] == [8, 8, 8]
    assert [each.updates for each in learners] == [280, 280, 250]
    assert sweep.sources["two_step"].experiment.probes, "a measured search records"
