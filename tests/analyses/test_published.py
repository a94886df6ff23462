from analyses import published
from pfc_metarl import experiments

ROW = {"measure": "reward per trial", "mean": 0.69, "sem": 0.01, "n": 8, "subjects": [0.69] * 8}


def rows(summaries):
    """Cells of each row of the table, by experiment."""
    lines = [line.strip("| ").split(" | ") for line in published.table(summaries).splitlines()[2:]]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


def test_every_experiment_as_the_paper_did_it_has_a_row():
    assert set(published.PUBLISHED) == {name for name in experiments.names() if "_wang2018" in name}
    assert list(rows({})) == list(published.PUBLISHED)


def test_a_row_has_the_episodes_and_what_came_out():
    criterion = {**ROW, "criterion": [0.68, None], "reached": 7}
    found = rows({"two_step_wang2018": {"measures": [{**ROW, "measure": "unclaimed"}, criterion]}})
    _, paper, here, out, n = found["two_step_wang2018"]
    assert (paper, here, n) == ("10,000", "40,000", "8")  # one episode in each of 40,000 updates
    assert out == "reward per trial 0.690 ± 0.010, 7 of 8 ≥ 0.68"


def test_a_remark_follows_the_numbers_of_a_complete_run():
    summary = {"measures": [{**ROW, "measure": "ratio", "criterion": [0.8, 1.25], "reached": 0}]}
    out = rows({"inferred_value_wang2018": summary})["inferred_value_wang2018"][3]
    assert out.startswith("ratio 0.690 ± 0.010, 0 of 8 in 0.8 to 1.25; networks respond correctly")


def test_what_was_not_run_is_said():
    assert rows({})["harlow_objects_wang2018"][2:] == ["not run", "", "–"]


def test_a_value_that_no_network_has_is_said():
    lost = {**ROW, "mean": None, "criterion": [0.68, None], "reached": 0}
    assert "no value, 0 of 8" in published.table({"two_step_wang2018": {"measures": [lost]}})


def test_settings_in_words_are_those_of_the_experiments():
    for name, row in published.PUBLISHED.items():
        learner = experiments.load(name).learner
        common = "our learning settings" not in row.settings
        assert learner.optimiser == ("rmsprop" if common else "adam")
        for words, value in (("discount 0.8", 0.8), ("discount 0.75", 0.75), ("discount 0.1", 0.1), ("0.91", 0.91)):
            assert (words not in row.settings) or learner.discount == value
        assert ("falling to 0" in row.settings) == (learner.final_entropy_cost == 0.0)
