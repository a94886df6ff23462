import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

from analyses import species_panels

GROUPS = {"rats": "rats", "people": "people\nship"}
VALUES = xr.DataArray([[1.0, 3.0], [np.nan, np.nan]], {"who": list(GROUPS)}, ("who", "subject"))


def test_a_group_without_values_has_no_bar(ax):
    species_panels.draw_bars(VALUES, GROUPS, ax, "red", 0.2, 0.4, "stay")
    (bar,) = ax.patches
    assert (bar.get_height(), bar.get_x() + bar.get_width() / 2) == (2, 0.2)
    assert [label.get_text() for label in ax.get_xticklabels()] == list(GROUPS.values())


def test_reversals_are_drawn_where_there_are_any(ax):
    correct = xr.DataArray(
        [[[0.9, 0.1], [0.7, 0.3]], [[np.nan] * 2] * 2],
        {"who": list(GROUPS), "trial": [-1, 0]},
        ("who", "subject", "trial"),
    )
    species_panels.draw_reversals(correct, {who: (who, "red") for who in GROUPS}, ax=ax)
    (line,) = [line for line in ax.lines if line.get_label() == "rats"]
    np.testing.assert_allclose(line.get_ydata(), [0.8, 0.2])
    assert "people" not in [line.get_label() for line in ax.lines]


def test_weights_of_rewards_and_choices_have_a_panel_for_each_group():
    weights = xr.DataArray(
        np.arange(8.0).reshape(2, 1, 2, 2) / 10,
        {"who": list(GROUPS), "history": ["reward", "choice"], "lag": [1, 2]},
        ("who", "subject", "history", "lag"),
    )
    made, axes = plt.subplots(1, 2)
    species_panels.draw_history(weights, GROUPS, axes=axes)
    assert [line.get_ydata().tolist() for line in axes[1].lines[:2]] == [[0.4, 0.5], [0.6, 0.7]]
    assert axes[1].get_title(loc="right") == "people\nship, n = 1"
    plt.close(made)


def test_every_group_has_its_own_chance_level(ax):
    per_trial = VALUES.expand_dims(predictor=["mf"])
    chance = xr.full_like(VALUES, 0.5).where(VALUES["who"] == "rats", 0.25)
    species_panels.draw_predictors(per_trial, chance, GROUPS, {"mf": ("model-free", "red")}, ax)
    levels = [line.get_ydata().tolist() for line in ax.lines if line.get_linestyle() == ":"]
    assert levels == [[0.5, 0.5], [0.25, 0.25]]


def test_a_gain_is_over_a_coin_or_over_another_predictor():
    values = xr.DataArray(
        [[0.5, 0.6], [0.25, 0.3]], dims=("predictor", "subject"), coords={"predictor": ["network", "mf"]}
    )
    found = xr.Dataset({"per_trial": values})
    np.testing.assert_allclose(species_panels.gain(found, "network"), np.log([1, 1.2]))
    np.testing.assert_allclose(species_panels.gain(found, "network", "mf"), np.log([2, 2]))
