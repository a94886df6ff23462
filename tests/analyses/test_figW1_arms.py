import numpy as np
import pytest
import xarray as xr

from analyses import figW1_arms as figure
from pfc_metarl.experiments.bandit_independent import EXPERIMENT

NAMES = list(figure.ARMS)


@pytest.fixture(scope="module")
def ideal():
    return figure.ideal()["cumulative_regret"]


# Science sheet, section 9
def test_ideal_observers_lose_what_is_known(ideal):
    last = ideal.isel(trial=-1)
    assert last.sel(trained="uniform", tested="hard").item() == pytest.approx(2.3121, abs=1e-4)
    assert last.sel(trained="independent", tested="medium").item() == pytest.approx(1.355, abs=1e-4)
    assert last.sel(trained="easy").equals(last.sel(trained="hard").assign_coords(trained="easy"))


def test_agreement_has_its_sign(ideal):
    last = np.log(ideal.isel(trial=-1, drop=True))
    both = xr.concat([1 + 2 * last, -last], xr.IndexVariable("subject", [0, 1]))
    first, second = figure.agreement(both, last)
    assert first == pytest.approx(1)
    assert second == pytest.approx(-1)


def test_rows_are_the_training_and_columns_the_test(ax):
    values = np.arange(1.0, 26).reshape(5, 5)
    mean = xr.DataArray(values, {"trained": NAMES, "tested": NAMES}, ("trained", "tested"))
    figure.draw_matrix(mean, None, "networks", ax=ax)
    drawn = {text.get_position(): text.get_text() for text in ax.texts}
    assert drawn[1, 0] == "2.00"
    assert drawn[0, 1] == "6.00"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("tested on", "trained on")


def test_networks_that_know_only_the_difficulty_agree_in_all_cells_but_not_within_columns(ideal, ax):
    last = ideal.isel(trial=-1, drop=True)
    noise = xr.DataArray(np.random.default_rng(0).normal(1, 0.01, (8, 5, 5)), dims=("subject", "trained", "tested"))
    figure.draw_agreement(last.mean("trained") * noise.assign_coords(subject=range(8), trained=NAMES), last, ax=ax)
    (text,) = [each.get_text() for each in ax.texts]
    r, alone, within = (float(line.split("= ")[1].split(" ±")[0]) for line in text.splitlines())
    assert r > 0.95
    assert alone > 0.99
    assert abs(within) < 0.35


def test_the_variance_between_tests_is_a_fraction(ideal):
    by_test = ideal.isel(trial=-1, drop=True).mean("trained").expand_dims(trained=NAMES)
    both = xr.concat(
        [by_test, by_test.transpose("tested", "trained").rename(trained="tested", tested="trained")], "network"
    )
    tables = {"matrix": both.assign_coords(network=[0, 1]).to_dataset(name="regret")}
    np.testing.assert_allclose(figure._difficulty(tables), [1, 0], atol=1e-12)


def test_the_discount_is_that_of_the_training():
    assert EXPERIMENT.learner.discount == figure.DISCOUNT


def test_the_line_of_the_discount_ends_where_its_label_says(ax):
    figure.draw_discounted(xr.DataArray([0.5, 1.0, 1.98], dims="trial"), ax=ax)
    (line,) = ax.lines
    assert line.get_label() == "1.98  ideal, discount 0.9 (exact)"
    assert line.get_xdata().tolist() == [1, 2, 3]
