import json
import time

import numpy as np
import pytest

from benchmarks import encoding, end_to_end, fits, random_search
from benchmarks.stopwatch import START, Stopwatch
from pfc_metarl.fitting import maximum_likelihood, named_models


def test_a_small_recording_is_encoded_as_numpy_would_and_decoded(capsys):
    encoding.main(["--networks", "2", "--episodes", "12", "--steps", "40", "--units", "4"])
    out = capsys.readouterr().out
    assert "unit_encoding" in out
    assert "population_decoding" in out
    encoding.main(["--networks", "1", "--episodes", "12", "--steps", "40", "--units", "4", "--no-decoding"])
    assert "population_decoding" not in capsys.readouterr().out


def test_the_stopwatch_charges_the_innermost_step():
    watch = Stopwatch(time.time())
    inner = watch.timed("inner", time.sleep)
    watch.timed("outer", lambda: (time.sleep(0.01), inner(0.05)))()
    spent = watch.total()
    assert spent["inner"][0] >= 0.05
    assert 0.01 <= spent["outer"][0] < spent["inner"][0] + 0.01
    assert spent["inner"][1] < 0.05  # a sleep takes no processor time
    assert START in spent


def test_the_last_line_of_each_process_counts():
    lines = [
        {"who": "worker", "process": 1, "spent": {"training": [1.0, 0.5]}},
        {"who": "worker", "process": 1, "spent": {"training": [2.0, 1.5]}},
        {"who": "worker", "process": 2, "spent": {"training": [1.0, 1.0], "recording": [3.0, 3.0]}},
    ]
    found = end_to_end.read("\n".join(map(json.dumps, lines)))
    assert found == {"worker": {"training": [3.0, 2.5], "recording": [3.0, 3.0]}}


def test_a_random_search_draws_within_its_ranges_and_the_same_twice():
    draws = [random_search.drawn(np.random.default_rng(seed)) for seed in range(50)]
    assert draws[3] == random_search.drawn(np.random.default_rng(3))
    assert len({draw["initial_learning_rate"] for draw in draws}) > 30
    for draw in draws:
        assert 0.005 <= draw["initial_learning_rate"] <= 0.05
        assert 0.009 < draw["final_learning_rate"] / draw["initial_learning_rate"] < 0.21
        assert draw["discount"] in (0.5, 0.7, 0.8, 0.9)
    low, high = np.log([0.02, 0.5])
    logs = np.log([draw["value_cost"] for draw in draws])
    assert abs(logs.mean() - (low + high) / 2) < 4 * (high - low) / 12**0.5 / 50**0.5, "uniform in the logarithm"


def test_a_random_search_writes_its_log_best_first(tmp_path, monkeypatch, capsys):
    page = tmp_path / "recipe.md"
    page.write_text("# Recipes\n")
    monkeypatch.setattr(random_search, "RECIPE", page)
    words = ["two_step", "--draws", "3", "--networks", "1", "--updates", "2", "--seed", "1007", "--write"]
    assert random_search.main(words) == 0
    lines = page.read_text().splitlines()
    assert lines[3] == "`two_step`, random search: the recipe and 3 draws, networks: 1, updates: 2, seed 1007."
    header = [cell.strip() for cell in lines[5].strip("|").split("|")]
    rewards = [float(line.strip("|").split("|")[header.index("reward")]) for line in lines[7:11]]
    assert rewards == sorted(rewards, reverse=True)
    assert sum("the recipe" in line for line in lines[7:11]) == 1
    assert random_search.main(words) == 0
    assert len(page.read_text().splitlines()) == len(lines), "the table of the same search is replaced"
    capsys.readouterr()


@pytest.mark.parametrize(("option", "value"), [("--seed", "0"), ("--draws", "0"), ("--updates", "0")])
def test_a_random_search_refuses_reported_seeds_and_empty_searches(option, value, capsys):
    assert random_search.main(["two_step", option, value]) == 2
    assert f"{option} {value}" in capsys.readouterr().err


def test_the_plain_fit_has_the_likelihood_of_the_fast_one(capsys):
    table = fits.people(2, 60).query("subject == 0")
    model, free, _, bounds = named_models(["hybrid"], table)["hybrid"]
    found = maximum_likelihood(model, table, free, bounds, n_starts=2)
    trials = table[["choice1", "state2", "choice2", "reward"]].to_numpy()
    misfit = fits.plain_misfit(found["estimate"].to_numpy()[0], trials, table["common"].mean())
    assert misfit == pytest.approx(-found["log_likelihood"].item(), rel=1e-9)
    assert fits.main(["--people", "2", "--trials", "20", "--starts", "1"]) == 0
    assert "ratio of a person" in capsys.readouterr().out
