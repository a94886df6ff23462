from pfc_metarl.sweeps.search import Candidate, Search, Trial
from pfc_metarl.sweeps.search_log import heading, table, written


def trial(draw, reward, rung=0, **more):
    return Trial(rung, Candidate(draw, {"learner.discount": 0.5 + draw / 100}), 10, reward, reward - 0.1, 1.0, **more)


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


def test_the_log_of_a_measured_search_has_the_headline_measures():
    trials = [trial(0, 0.1, measures={"regret": 2.5}), trial(1, 0.5)]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table(trials).splitlines()]
    assert rows[0] == ["updates", "draw", "discount", "reward", "lowest", "regret", "s"]
    assert [row[5] for row in rows[2:]] == ["nan", "2.5"]


def test_the_heading_says_what_was_searched():
    listed = Search("two_step", {}, rows=({"learner.updates": 3},), updates=40, networks=1)
    said = "`two_step`, listed search: its present settings and 1 other, networks: 1, updates: 40 at most, seed 1100."
    assert heading(listed) == said
    halved = Search("two_step", {}, draws=4, rungs=3)
    assert "4 draws, halved 2 times, networks: 2, updates: 600, seeds 1100 to 1102." in heading(halved)


def test_searches_of_one_experiment_have_their_own_place_on_the_page():
    searches = [Search("two_step", {}, name=name) for name in ("first", "second")]
    page = "# Recipes\n"
    for search in searches:
        page = written(page, search, [trial(0, 0.1)])
    assert page.count("<!-- random search") == 2


def test_the_first_log_stands_below_the_paragraph_that_says_how_to_repeat_it():
    search = Search("two_step", {}, name="first", rows=({"learner.discount": 0.5},))
    page = "# Recipes\n\nSee a/first.toml.\n\nRepeat: `--config a/first.toml`,\nor `more`.\n\n| typed |\n\n# Others\n"
    before, _, after = written(page, search, [trial(0, 0.1)]).partition("<!-- listed search first -->")
    assert before.endswith("or `more`.\n\n")
    assert after.endswith("<!-- end of the search -->\n\n| typed |\n\n# Others\n")
