import numpy as np
import pytest
import xarray as xr

from analyses import figW8_early_trials as figure


@pytest.fixture
def tables():
    """Networks that lose 0.1 more after ten trials if trained on independent arms, but for the first eight."""
    regret = np.zeros((2, 32, figure.SHOWN))
    regret[0, figure.FIRST_NEW :, figure.EARLY - 1] = 0.1 + np.linspace(-0.01, 0.01, 24)
    dims, who = ("who", "subject", "trial"), list(figure.TRAINED_ON)
    names = {"who": who, "subject": range(32), "trial": range(figure.SHOWN)}
    return {"regret": xr.Dataset({"cumulative_regret": (dims, regret)}, names)}


def test_the_claim_is_tested_over_the_new_networks_only(tables):
    (claim,) = figure.CLAIMS
    values = claim.effect(tables)
    assert values.size == 24
    assert values.mean() == pytest.approx(0.1)
    assert figure.difference(tables)[: figure.FIRST_NEW].tolist() == [0] * 8


def test_the_difference_and_its_test_are_drawn(tables, ax):
    figure.draw_differences(figure.difference(tables), 0.07, ax=ax)
    assert ax.get_title().strip().startswith("new: 0.100, t(23) = ")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["earlier\n(n = 8)", "new\n(n = 24)"]


def test_pairs_of_the_same_number_are_joined(tables, ax):
    figure.draw_pairs(tables["regret"]["cumulative_regret"].isel(trial=figure.EARLY - 1), ax=ax)
    assert len(ax.lines) == 32
    assert ax.lines[31].get_ydata().tolist() == pytest.approx([0.11, 0])
