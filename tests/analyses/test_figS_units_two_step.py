import numpy as np
import pytest
import xarray as xr

from analyses import figS_units_two_step as figure
from analyses.unit_controls import BELIEF
from pfc_metarl.measures.units.signatures import MOMENTS, SIGNATURES

N_SUBJECTS, N_UNITS = 3, 5


@pytest.fixture(scope="module")
def partial():
    """Partial correlations of which the first unit's with the model-based value is the largest, and negative."""
    values = np.random.default_rng(0).uniform(-0.5, 0.5, (2, N_SUBJECTS, N_UNITS, 2, len(SIGNATURES)))
    array = xr.DataArray(
        values,
        {"who": ["trained", "untrained"], "phase": list(MOMENTS), "regressor": list(SIGNATURES)},
        ("who", "subject", "unit", "phase", "regressor"),
    )
    array.loc[{"unit": 0, "regressor": "model-based value"}] = -0.9
    return array


def test_model_based_value_is_drawn_against_model_free_value_and_tested(partial, ax):
    figure.draw_values(partial.sel(phase="after outcome"), ax=ax)
    drawn = {line.get_label(): line for line in ax.lines}["trained networks"]
    own = abs(partial.sel(phase="after outcome", who="trained"))
    np.testing.assert_allclose(drawn.get_ydata(), own.sel(regressor="model-based value").values.ravel())
    np.testing.assert_allclose(drawn.get_xdata(), own.sel(regressor="model-free value").values.ravel())
    medians = own.median("unit")
    change = (medians.sel(regressor="model-based value") - medians.sel(regressor="model-free value")).values
    t = change.mean() / (change.std(ddof=1) / np.sqrt(N_SUBJECTS))
    assert ax.texts[0].get_text().startswith(f"t(2) = {t:.1f}\n")


def test_units_that_hold_the_state_and_infer_are_counted(partial, ax):
    made = partial.sel(who="trained") * 0
    made.loc[{"unit": [0, 1], "phase": "before outcome", "regressor": figure.STATE}] = -0.5
    made.loc[{"unit": [1, 2], "phase": "after outcome", "regressor": figure.INFERENCE}] = 0.5
    figure.draw_inference(made, ax=ax)
    assert ax.get_title() == "both above 0.1: 20% of units"


def test_the_planners_are_drawn(partial, ax):
    strength = abs(partial.sel(phase="before outcome")).median("unit").rename(who="planner")
    strength = strength.assign_coords(planner=list(figure.PLANNERS))
    belief = strength.expand_dims(unit=list(BELIEF))
    figure.draw_planners(strength, belief, ax=ax)
    heights = [bar.get_height() for bar in ax.patches]
    expected = strength.sel(regressor=list(figure.VALUES)).mean("subject").values.ravel()
    np.testing.assert_allclose(heights, expected)


def test_the_values_of_the_observer_are_compared_with_those_of_the_planner():
    strength = xr.DataArray(
        np.zeros((2, 4, 2, 1)),
        {"planner": list(figure.PLANNERS), "phase": list(MOMENTS), "regressor": ["model-based value"]},
        ("planner", "subject", "phase", "regressor"),
    )
    strength.loc[{"planner": "latent_state", "phase": "before outcome"}] = 0.2
    strength.loc[{"planner": "model_based", "phase": "after outcome"}] = 0.5
    assert figure.observer_beyond(strength).values.tolist() == [0.2] * 4
