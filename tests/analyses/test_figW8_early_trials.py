import numpy as np
import pytest
import xarray as xr

from analyses import figW8_early_trials as figure
from analyses.claim import with_tests


@pytest.fixture
def tables():
    """Networks that lose 0.1 more after ten trials if trained on independent arms, but for the first eight."""
    regret = np.zeros((2, 32, figure.SHOWN))
    regret[0, figure.FIRST_NEW :, figure.EARLY - 1] = 0.1 + np.linspace(-0.01, 0.01, 24)
    dims, who = ("who", "subject", "trial"), list(figure.TRAINED_ON)
    names = {"who": who, "subject": range(32), "trial": range(figure.SHOWN)}
    final = np.full((2, 32), 2.0)
    final[1, figure.FIRST_NEW :] = 1.3 + np.linspace(-0.05, 0.05, 24)
    ideal = xr.Dataset({"regret": ("who", [1.6, 1.2])}, {"who": who})
    made = {"cumulative_regret": (dims, regret), "regret": (dims[:2], final)}
    return {"regret": xr.Dataset(made, names), "ideal": ideal}


def test_the_claim_is_tested_over_the_new_networks_only(tables):
    claim, _ = figure.CLAIMS
    values = claim.effect(tables)
    assert values.size == 24
    assert values.mean() == pytest.approx(0.1)
    assert figure.difference(tables)[: figure.FIRST_NEW].tolist() == [0] * 8


def test_new_networks_are_nearer_to_the_optimum_that_knows(tables, ax):
    _, row = with_tests("figW8_early_trials", figure.CLAIMS, tables)
    assert (row.n, row.mean) == (24, pytest.approx(-0.1))  # 1.3 against half way between 1.2 and 1.6
    assert row.holds
    tables["regret"]["regret"][1, figure.FIRST_NEW :] += 0.2
    assert not with_tests("figW8_early_trials", figure.CLAIMS, tables)[1].holds
    figure.draw_final(tables["regret"]["regret"].sel(who="uniform"), tables["ideal"]["regret"], ax=ax)
    assert ax.get_title().strip().startswith("new: 1.500\n")
    lines = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() in (":", "--")]
    assert lines == pytest.approx([1.6, 1.2, 1.4])


def test_the_difference_and_its_test_are_drawn(tables, ax):
    figure.draw_differences(figure.difference(tables), 0.07, ax=ax)
    assert ax.get_title().strip().startswith("new: 0.100\n    t(23) = ")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["earlier\n(n = 8)", "new\n(n = 24)"]


def test_pairs_of_the_same_number_are_joined(tables, ax):
    figure.draw_pairs(tables["regret"]["cumulative_regret"].isel(trial=figure.EARLY - 1), ax=ax)
    assert len(ax.lines) == 32
    assert ax.lines[31].get_ydata().tolist() == pytest.approx([0.11, 0])
