import pytest

from analyses.trained import card_of, difference, facts_of, main, run_of, wanted
from pfc_metarl import open_run
from pfc_metarl.pretrained.files import NETWORK, card, facts, names
from pfc_metarl.settings import BadInput


def test_all_that_is_wanted_is_there():
    assert wanted() == names()


def test_a_run_with_other_settings_is_refused_by_the_first_that_differs(tiny_run, tmp_path):
    (tmp_path / "two_step").symlink_to(tiny_run)
    with pytest.raises(BadInput, match=r"task.n_trials = \d+, now 100"):
        run_of("two_step", [tmp_path])
    with pytest.raises(BadInput, match="no folder two_step"):
        run_of("two_step", [tmp_path / "nowhere"])
    assert main(["two_step", "--runs", str(tmp_path)]) == 2


def test_another_size_of_the_cohort_is_no_difference(tiny_run):
    run = open_run(tiny_run)
    run.manifest["training"] = facts("two_step")["training"] | {"networks": 99}
    assert difference(run, "two_step") is None


def test_facts_are_those_of_the_network_and_not_of_the_cohort(tiny_run):
    run = open_run(tiny_run)
    found = facts_of("two_step", run)
    row = run.summary()["measures"][0]
    assert found["measures"][0]["value"] == row["subjects"][NETWORK] != row["mean"]


@pytest.mark.parametrize("name", names())
def test_a_card_is_made_from_the_facts_that_are_stored_with_the_weights(name):
    assert card(name) == card_of(facts(name))
