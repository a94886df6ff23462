import numpy as np
import pytest
import xarray as xr

from analyses import derived, figS_recovery, folders, recovery_table


@pytest.fixture(scope="module")
def tables():
    return derived.load(folders.TABLES / "figS_recovery.nc")[0]


def test_the_committed_table_is_what_its_script_describes(tables):
    planted = tables["parameters"]["planted"].sel(fit="em")
    expected = recovery_table.drawn(recovery_table.RANGES, recovery_table.N_SUBJECTS, seed=1)
    for name, values in expected.items():
        np.testing.assert_allclose(planted.sel(parameter=name), values, rtol=1e-6)
    for task, (_, named, _) in recovery_table.TASKS.items():
        assert tables[task]["fitted"].values.tolist() == list(named)
        np.testing.assert_allclose(tables[task]["confusion"].sum("fitted"), 1, rtol=1e-6)


def test_dots_stand_at_planted_and_fitted_values(tables, ax):
    figS_recovery.draw_parameter(tables["parameters"], "second_stage_learning_rate", ax=ax)
    own = tables["parameters"].sel(parameter="second_stage_learning_rate", fit="em")
    (line,) = [line for line in ax.lines if line.get_label() == "hierarchical"]
    np.testing.assert_allclose(line.get_xdata(), own["planted"])
    np.testing.assert_allclose(line.get_ydata(), own["estimate"])
    assert f"{np.corrcoef(own['planted'], own['estimate'])[0, 1]:.2f}" in ax.texts[0].get_text()


def test_rows_of_the_matrix_are_simulated_models(ax):
    confusion = xr.DataArray(
        [[0.25, 0.75], [0.0, 1.0]], {"simulated": ["a", "b"], "fitted": ["a", "b"]}, ("simulated", "fitted")
    )
    figS_recovery.draw_confusion(confusion.transpose("fitted", "simulated"), ax=ax)
    assert ax.get_ylabel() == "simulated"
    assert ax.images[0].get_array().tolist() == [[0.25, 0.75], [0, 1]]


def test_the_gain_is_that_of_the_hierarchical_fit():
    planted, zero = np.array([[0.0, 2.0]]), np.zeros((1, 2))
    found = xr.Dataset(
        {
            "planted": (("fit", "parameter", "subject"), np.stack([planted, planted])),
            "estimate": (("fit", "parameter", "subject"), np.stack([zero + 2, planted])),
        },
        {"fit": ["ml", "em"]},
    )
    np.testing.assert_allclose(figS_recovery.gain({"parameters": found}), [2, 0])
