import numpy as np
import pytest
import xarray as xr

from pfc_metarl import fit
from pfc_metarl.fitting import cross_validated, maximum_likelihood
from pfc_metarl.models import RescorlaWagner
from tests.fitting.test_hierarchical import group

TABLE = group([0.2, 0.3], [4.0, 5.0], n_trials=60)


@pytest.fixture
def file(tmp_path):
    TABLE.to_csv(tmp_path / "mice.csv", index=False)
    return str(tmp_path / "mice.csv")


def test_models_are_fitted_compared_and_written(file, tmp_path, capsys):
    out = tmp_path / "fits.nc"
    assert fit.main([file, "--models", "rw,kalman", "--starts", "2", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "rw (Rescorla-Wagner): 2 subjects" in shown
    assert "protected_exceedance" in shown
    free = ["learning_rate", "inverse_temperature"]
    expected = maximum_likelihood(RescorlaWagner(unchosen="kept"), TABLE, free, n_starts=2)
    with xr.open_datatree(out, engine="h5netcdf") as tree:
        np.testing.assert_allclose(tree["rw"]["estimate"].values, expected["estimate"])
        assert tree["comparison"]["model"].values.tolist() == ["rw", "kalman"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--models", "daw"], "models = 'daw': must be among hybrid"),
        (["--models", "mb"], "mice.csv: there is no column common and no column state2; the columns are subject"),
        (["--models", "rw,rw"], "models = 'rw': it is named twice"),
        (["--models", "rw", "--folds", "61"], "n_folds = 61: no subject has more than 60 trials"),
        (["--folds", "1"], "--folds 0, or at least 2"),
        (["--starts", "0"], "--starts must be at least 1"),
    ],
)
def test_bad_input_is_one_sentence(file, options, sentence, capsys):
    assert fit.main([file, *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_model_that_fits_no_subject_says_so(tmp_path, capsys):
    TABLE.assign(reward=np.nan).to_csv(tmp_path / "empty.csv", index=False)
    assert fit.main([str(tmp_path / "empty.csv"), "--models", "rw"]) == 0
    shown = capsys.readouterr().out
    assert "rw has no result for 2 subjects (0, 1): no trial has a free choice and a reward" in shown


def test_the_likelihood_of_held_out_choices_is_shown_of_one_model_too(file, capsys):
    assert fit.main([file, "--models", "rw", "--folds", "2", "--starts", "1"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "held_out" in line]
    free = ["learning_rate", "inverse_temperature"]
    expected = cross_validated(RescorlaWagner(unchosen="kept"), TABLE, free, n_folds=2, n_starts=1)
    assert f"{expected['log_likelihood'].mean().item():.3f}" in row


def test_an_unknown_model_is_refused_before_the_trials_are_read(tmp_path, capsys):
    assert fit.main([str(tmp_path / "nothing.csv"), "--models", "daw"]) == 2
    assert "models = 'daw': must be among hybrid" in capsys.readouterr().err


def test_fits_by_sampling_say_how_well_chains_agree(file, monkeypatch, capsys):
    dims = ("subject", "parameter")
    rw = maximum_likelihood(RescorlaWagner(unchosen="kept"), TABLE, ["learning_rate", "inverse_temperature"])
    sampled = rw.assign(r_hat=(dims, [[1.0, 1.04], [1.01, 1.02]]), n_effective=(dims, [[90.4, 100], [100, 100]]))
    sampled = sampled.assign(group_r_hat=("parameter", [1.02, 1.03]))
    sampled = sampled.assign_attrs(n_chains=2, n_draws=150, n_divergent=3)
    monkeypatch.setattr("pfc_metarl.fitting.fitted_models", lambda *_, **options: {"rw": sampled})
    assert fit.main([file, "--models", "rw", "--method", "nuts"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "rw: R-hat of subjects up to 1.04, of the group up to 1.03, at least 90 effective draws of 300, 3 diverg"
        in shown
    )


def test_a_subject_without_trials_has_no_estimates(tmp_path, capsys):
    table = TABLE.assign(reward=TABLE["reward"].astype(float).where(TABLE["subject"] == 0))
    table.to_csv(tmp_path / "one.csv", index=False)
    assert fit.main([str(tmp_path / "one.csv"), "--models", "rw", "--method", "map", "--starts", "1"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "learning_rate" in line]
    assert row.split("│")[3].strip() == "1"
    assert row.split("│")[5].strip() == "-"


def test_models_are_listed(capsys):
    assert fit.main(["--list-models"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "mixture Miller et al. 2017: mixture of agents; free: learning_rate" in said
