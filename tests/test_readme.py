import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib import pyplot as plt

from analyses import readme
from pfc_metarl import experiments
from pfc_metarl.data.dataset import save
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import changed
from pfc_metarl.simulate import main
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

HOME = Path(__file__).parents[1]
TEXT = (HOME / "README.md").read_text(encoding="utf-8")
NAMES = ("README.md", "docs/animals.md", "docs/recordings.md", "docs/runs.md")
PAGES = {name: (HOME / name).read_text(encoding="utf-8") for name in NAMES}


def block(beginning, page="README.md"):
    blocks = re.findall(r"```python\n(.*?)```", PAGES[page], re.DOTALL)
    (found,) = [code for code in blocks if code.startswith(beginning)]
    return found


def test_the_task_of_the_readme_trains_and_records(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("my_bandit.py").write_text(block('"""Two arms'), encoding="utf-8")
    assert main(["my_bandit.py", "--networks", "2", "--updates", "3", "--workers", "1"]) == 0
    assert "reward per trial" in capsys.readouterr().out
    assert open_run("runs/my_bandit").recording("test").sizes["network"] == 2


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = {"task": {"n_trials": 10}, "learner": {"updates": 2}, "probes": {"test": {"episodes": 20}}}
    monkeypatch.setattr(experiments, "load", lambda name, load=experiments.load: changed(load(name), small))
    code = block("import dataclasses")
    assert len([line for line in code.splitlines() if line.strip()]) <= 25
    code = code.replace("n_episodes=300", "n_episodes=20").replace("networks=8", "networks=3")
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert {"subject", "choice1", "reward"} <= set(names["trials"])
    assert "planning_index" in names["lags"]
    assert names["run"].weights()["core"].shape[0] == names["lesioned"].sizes["network"] == 3
    assert float(abs(names["lesioned"]["hidden"].isel(unit=slice(10))).max()) == 0
    assert Path("lesion.png").read_bytes().startswith(b"\x89PNG")
    names["plt"].close()


def test_the_decoding_of_the_page_of_recordings_runs(tmp_path, monkeypatch):
    hidden = record(TwoStep(n_trials=10), REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=12, seed=0)
    good = hidden["good_state"].values[..., None]
    activity = np.random.default_rng(0).normal(size=(*good.shape[:3], 4)) + 4 * good
    monkeypatch.chdir(tmp_path)
    Path("runs/two_step").mkdir(parents=True)
    save(hidden.assign(hidden=(("network", "episode", "step", "unit"), activity)), "runs/two_step/test.nc")
    code, names = block("from matplotlib", "docs/recordings.md"), {}
    assert len([line for line in code.splitlines() if line]) <= 10
    exec(compile(code, "README.md", "exec"), names)
    assert (names["accuracy"] > 0.9).all()
    assert Path("decoded.png").read_bytes().startswith(b"\x89PNG")
    names["plt"].close()


def test_the_commands_of_the_pages_are_understood(capsys):
    text = (PAGES["README.md"] + PAGES["docs/runs.md"]).replace("\\\n", " ")
    commands = re.findall(r"^python -m pfc_metarl\.simulate (two_step.*?)(?: +#.*|)$", text, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        arguments = [argument.strip("'") for argument in re.findall(r"'[^']*'|\S+", command.split(" > ")[0])]
        assert main([*arguments, "--print-config"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("page", readme.PAGES, ids=lambda page: page.name)
def test_the_tables_of_a_page_are_those_of_their_sources(page):
    text = page.read_text(encoding="utf-8")
    assert "<!-- end -->" in text
    assert readme.with_tables(text, readme.known(readme.SUMMARIES), readme.known(readme.SECOND_SUMMARIES)) == text


def test_every_main_experiment_has_a_summary():
    summaries = json.loads(readme.SUMMARIES.read_text(encoding="utf-8"))
    assert set(summaries) >= set(experiments.main_names())


def test_summaries_are_collected_from_complete_runs(tiny_run, tmp_path):
    (tmp_path / "two_step").symlink_to(tiny_run)
    found = readme.collect(tmp_path, {"bandit_correlated": {"seconds": 1}, "two_step": {}, "of_old": {}})
    assert list(found) == ["bandit_correlated", "two_step"]
    assert found["two_step"]["measures"] == open_run(tiny_run).summary()["measures"]


def test_runs_with_another_seed_than_the_second_do_not_count(tiny_run, tmp_path):
    (tmp_path / "two_step").symlink_to(tiny_run)
    assert readme.collect(tmp_path, {}, readme.SECOND_SEED) == {}
    assert list(readme.collect(tmp_path, {}, seed=0)) == ["two_step"]


def test_the_second_seed_stands_in_the_row_of_its_measure_if_the_criterion_is_the_same():
    row = {"measure": "reward", "mean": 0.7, "sem": 0.01, "n": 8, "criterion": [0.6, None], "reached": 8}
    row |= {"expected": "", "subjects": [0.7] * 8}
    first = {"two_step": {"seed": 0, "seconds": 1.0, "measures": [row]}}
    again = {**row, "mean": 0.65, "reached": 7}
    table = readme.experiments_table(first, False, {"two_step": {"measures": [again]}})
    assert "| 8 of 8 ≥ 0.6 | 0.650 ± 0.010 (n = 8), 7 of 8 | 1 |" in table
    for second in (None, {}, {"two_step": {"measures": [{**again, "criterion": [0.5, None]}]}}):
        assert "| not run | 1 |" in readme.experiments_table(first, False, second)


def test_no_search_of_a_recipe_used_the_second_seed():
    text = (readme.HOME / "benchmarks" / "recipe.md").read_text(encoding="utf-8")
    searched = text[: text.index("# The second seed")]
    assert not re.search(rf"seeds?[^.|]{{0,30}}\b{readme.SECOND_SEED}\b(?! of| x|\.)", searched)


def test_the_table_of_people_is_read_measured_and_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng, lines = np.random.default_rng(0), ["id,t,arm,won"]
    lines += [f"{who},{t},{rng.integers(1, 3)},{rng.integers(2)}" for who in "ab" for t in range(1, 21)]
    Path("people.csv").write_text("\n".join(lines))
    found = {}
    exec(compile(block("from pfc_metarl import fitting", "docs/animals.md"), "animals.md", "exec"), found)
    assert found["table"]["choice1"].isin([0, 1]).all()
    exec(compile(block("from pfc_metarl import agents", "docs/animals.md"), "animals.md", "exec"), found)
    assert ((found["check"]["group_p"] >= 0) & (found["check"]["group_p"] <= 1)).all()


def test_ones_own_animals_come_to_the_species_figure_in_ten_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    agent = REFERENCE_AGENTS_TWO_STEP["model_based"]
    made = trials(record(TwoStep(n_trials=40), agent, n_episodes=4, seed=0, networks=(0, 1)))
    own = {"rat": made["subject"].map({0: "Tom", 1: "Ann"}), "session": made["session"], "trial": made["trial"]}
    own |= {"side": made["choice1"] + 1, "port": made["state2"] + 1, "common": made["common"]}
    pd.DataFrame({**own, "reward": made["reward"].astype(int)}).to_csv("rats.csv", index=False)
    code, names = block("from analyses.species_figure"), {}
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    exec(compile(code, "README.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "Ann" in shown
    assert "protected_exceedance" in shown
    np.testing.assert_array_equal(names["table"]["choice1"], made["choice1"])
    assert Path("species.png").read_bytes().startswith(b"\x89PNG")
    plt.close("all")


def test_the_readme_has_at_most_two_hundred_lines():
    assert len(TEXT.splitlines()) <= 200


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_a_link_of_the_readme_leads_somewhere(link):
    if link.startswith("paper/figures") and not (HOME / "paper" / "figures").is_dir():
        pytest.skip("an sdist has no figures")
    assert (HOME / link).exists()


def test_a_thin_margin_is_shown_on_either_side():
    row = {"subjects": [1.0, 2.0, 3.0], "criterion": [0.5, 3.0]}
    assert readme.margin(row) == 1.0
    assert readme.margin_in_words(row) == ", margin 1.0 s.d."
    assert readme.margin_in_words({**row, "criterion": [0.0, None]}) == ""
    assert readme.margin_in_words({**row, "criterion": [None, 1.0]}) == ", margin -1.0 s.d."


def test_the_sentence_of_fitted_learners_has_the_numbers_of_the_figure():
    with xr.open_dataset(readme.FITTED, group="fitted") as table:
        partial = table["partial_r_squared"].mean("subject").sel(stage="second-stage onset")
        model_based, model_free = (float(partial.sel(learner=name)) for name in ("model_based", "model_free"))
    assert f"partial r² is {model_based:.2f} and {model_free:.2f} at onset" in readme.fitted_sentence()
