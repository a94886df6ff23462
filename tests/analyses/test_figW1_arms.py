import numpy as np
import pytest
import xarray as xr

from analyses import figW1_arms as figure

NAMES = list(figure.ARMS)


@pytest.fixture(scope="module")
def ideal():
    return figure.ideal()["cumulative_regret"]


# Science sheet, section 9
def test_ideal_observers_lose_what_is_known(ideal):
    last = ideal.isel(trial=-1)
    assert last.sel(trained_on="uniform", tested_on="hard").item() == pytest.approx(2.3121, abs=1e-4)
    assert last.sel(trained_on="independent", tested_on="medium").item() == pytest.approx(1.355, abs=1e-4)
    assert last.sel(trained_on="easy").equals(last.sel(trained_on="hard").assign_coords(trained_on="easy"))


def test_agreement_has_its_sign(ideal):
    last = ideal.isel(trial=-1, drop=True)
    both = xr.concat([2 * last, 1 / last], xr.IndexVariable("subject", [0, 1]))
    first, second = figure.agreement(both, last)
    assert first == pytest.approx(1)
    assert second == pytest.approx(-1)


def test_rows_are_the_training_and_columns_the_test(ax):
    values = np.arange(1.0, 26).reshape(5, 5)
    mean = xr.DataArray(values, {"trained_on": NAMES, "tested_on": NAMES}, ("trained_on", "tested_on"))
    figure.draw_matrix(mean, None, "networks", ax=ax)
    drawn = {text.get_position(): text.get_text() for text in ax.texts}
    assert drawn[1, 0] == "2.00"
    assert drawn[0, 1] == "6.00"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("tested on", "trained on")
