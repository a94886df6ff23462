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
    table,
    updates_of,
    written,
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


def test_the_log_is_best_first_and_replaces_that_of_the_same_experiment():
    trials = [trial(0, 0.1), trial(1, 0.5), trial(2, 0.3), trial(1, 0.2, rung=1), trial(0, 0.4, rung=1)]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table(trials).splitlines()]
    assert rows[0] == ["updates", "draw", "discount", "reward", "lowest", "s"]
    assert [row[1] for row in rows[2:]] == ["present", "1", "1", "2", "present"]
    search = Search("two_step", {"learner.discount": [0.5]})
    page = written("# Recipes\n", search, trials)
    assert page.startswith("# Recipes\n\n<!-- random search two_step -->\n`two_step`, random search: its present")
    assert written(page, search, trials) == page
    assert written(page, search._replace(experiment="foraging"), trials).count("<!-- random search") == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 7}, "seed = 7: search seeds begin at 1000"),
        ({"draws": 0}, "draws = 0: must be at least 1"),
        ({"updates": 0}, "updates = 0"),
        ({"rungs": 12}, "rungs = 12: 600 updates cannot be halved so often"),
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
