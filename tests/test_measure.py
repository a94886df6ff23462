import numpy as np
import pytest
import xarray as xr

from pfc_metarl import measure
from pfc_metarl.fitting import maximum_likelihood
from pfc_metarl.measures import stay_regression
from pfc_metarl.models import RescorlaWagner
from tests.handmade import random_trials

TABLE = random_trials(np.random.default_rng(0), 3, 2, 60)


@pytest.fixture
def file(tmp_path):
    TABLE.assign(choice1=TABLE["choice1"] + 1).to_csv(tmp_path / "people.csv", index=False)
    return str(tmp_path / "people.csv")


def test_a_table_is_measured_shown_and_written(file, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = tmp_path / "new" / "measured.nc"
    assert measure.main([file, "--base", "1", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "people.csv: 3 subjects" in shown.replace("\n", "")
    assert "planning_index" in shown
    assert max(len(line) for line in shown.splitlines() if "│" in line) <= 80
    with xr.open_datatree(out, engine="h5netcdf") as tree:
        found = tree["stay_regression"]["coefficient"].values
    expected = stay_regression(TABLE)
    np.testing.assert_allclose(found, expected["coefficient"])
    reward = expected.sel(term="reward")
    said = f"reward {float(reward['coefficient']):.2f} ± {float(reward['standard_error']):.2f} (p = "
    assert said in " ".join(shown.split())
    assert "(3 clusters)" in " ".join(shown.split())


def test_a_learning_rate_is_fitted_to_each_subject_of_a_bandit_with_any_rewards(tmp_path, capsys):
    paid = TABLE.assign(reward=TABLE["reward"] * 10)
    paid.to_csv(tmp_path / "bandit.csv", index=False)
    out = tmp_path / "measured.nc"
    own = [str(tmp_path / "bandit.csv"), "--task", "bandit", "--rewards", "0,10", "--out", str(out)]
    assert measure.main(own) == 0
    assert "learning_rate" in capsys.readouterr().out
    expected = maximum_likelihood(
        RescorlaWagner(unchosen="kept"),
        TABLE,
        ["learning_rate", "inverse_temperature"],
        {"inverse_temperature": (0.0, 50.0)},
    )
    with xr.open_datatree(out, engine="h5netcdf") as tree:
        found = tree["rescorla_wagner"]["log_likelihood"].values
        rate = tree["headlines"]["learning_rate"].values
    np.testing.assert_allclose(found, expected["log_likelihood"], rtol=1e-4)
    assert ((rate >= 0) & (rate <= 1)).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "but no row has 0: if codes start at 1, give --base 1"),
        (["--map", "choice1"], "--map choice1: expected A=B"),
        (["--map", "choice1=level1"], "choice1 = 'level1'"),
        (["--key", "f=left"], "--key f=left: the code of an option is a whole number"),
        (["--rewards", "one"], "--rewards one: expected numbers"),
        (["--format", "spss"], "format = 'spss': must be one of"),
        (["--task", "maze"], "invalid choice: 'maze'"),
    ],
)
def test_bad_input_is_one_sentence(file, options, sentence, capsys):
    assert measure.main([file, *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_result_that_cannot_be_written_is_refused_before_the_trials_are_read(tmp_path, capsys):
    assert measure.main([str(tmp_path / "nothing.csv"), "--out", str(tmp_path)]) == 2
    assert "this is a folder; give a file" in capsys.readouterr().err


def test_a_measure_without_a_result_says_why(tmp_path, capsys):
    TABLE[TABLE["trial"] % 2 == 0].to_csv(tmp_path / "gaps.csv", index=False)
    assert measure.main([str(tmp_path / "gaps.csv")]) == 0
    shown = capsys.readouterr().out.splitlines()
    (said,) = [line for line in shown if line.startswith("lags has no result for 3 subjects (0, 1, 2): ")]
    assert said.rpartition(": ")[2]


def lines_with(column, row, value):
    """Return the table as lines of text, with another value in one row."""
    return TABLE.assign(**{column: TABLE[column].astype(object).where(TABLE.index != row, value)}).to_csv(index=False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lines_with("choice1", 5, 99), "bad.csv, line 7: choice1 = 99 must be below 2, as there are 2 options"),
        (
            lines_with("reward", 5, 0.7),
            "line 7: reward = 0.7 must be 0 or 1; state the possible rewards, or --rewards any",
        ),
        (lines_with("common", 5, 2), "line 7: common = 2 must be 1 or 0"),
        (
            TABLE.drop(columns="common").to_csv(index=False),
            "bad.csv: there is no column common; the columns are subject",
        ),
        (TABLE.drop(columns=["choice1", "reward"]).to_csv(index=False), "no column choice1 and no column reward"),
        (
            TABLE.drop(columns="trial").to_csv(index=False),
            "name it, as --map trial=COLUMN, or say that the rows are consecutive trials, as --c",
        ),
        ("subject,trial,choice1,common,reward\n", "bad.csv: there are no rows below the names of the columns"),
    ],
)
def test_a_wrong_file_ends_with_its_first_wrong_row(text, sentence, tmp_path, capsys):
    (tmp_path / "bad.csv").write_text(text)
    assert measure.main([str(tmp_path / "bad.csv")]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_rewards_above_a_number_count_as_rewards(tmp_path, capsys):
    table = TABLE.assign(reward=TABLE["reward"] * 50 + 20)
    table.to_csv(tmp_path / "points.csv", index=False)
    options = [str(tmp_path / "points.csv"), "--task", "bandit", "--rewards", "20,70", "--reward-unit", "100"]
    assert measure.main(options) == 0
    (said,) = [line for line in capsys.readouterr().out.splitlines() if " left out: reward: all values" in line]
    assert "shift" in said
    assert measure.main([*options, "--rewarded-above", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert "left out" not in shown
    assert "win_stay" in shown


def test_formats_are_listed(capsys):
    assert measure.main(["--formats"]) == 0
    assert "hbayesdm hBayesDM" in " ".join(capsys.readouterr().out.split())
    assert measure.main([]) == 2
