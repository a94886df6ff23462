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


def test_models_are_listed(capsys):
    assert fit.main(["--list-models"]) == 0
    assert "mixture: Miller et al. 2017: mixture of agents; free: learning_rate" in capsys.readouterr().out
