import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from analyses import sweep_panels
from pfc_metarl.settings import BadInput


def dataset(**sizes):
    """A sweep in which a measure is the sum of the settings, plus −1, 0 and 1 in three networks."""
    coords = {name: np.arange(n) * 10.0**power for power, (name, n) in enumerate(sizes.items())}
    values = sum(
        (xr.DataArray(value, dims=name) for name, value in coords.items()), xr.DataArray([-1.0, 0, 1], dims="network")
    )
    values = values.transpose(*sizes, "network")
    status = xr.ones_like(values.isel(network=0), dtype=np.int8)
    return xr.Dataset({"gain": values.assign_attrs(label="the gain"), "status": status}, coords)


def test_a_heat_map_has_the_mean_of_every_cell_and_marks_those_that_are_missing(ax):
    made = dataset(a=2, b=3)
    made["status"][0, 1], made["status"][1, 2] = 0, 2
    made["gain"][0, 1], made["gain"][1, 2] = np.nan, np.nan
    sweep_panels.heat_map(made["gain"], made["status"], ax=ax)
    shown = np.asarray(ax.images[0].get_array(), float)
    np.testing.assert_array_equal(shown, [[0, np.nan, 20], [1, 11, np.nan]])
    assert [text.get_text() for text in ax.texts] == ["0", "×", "20", "1", "11", "!"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("b", "a")


def test_a_row_of_heat_maps_has_errors_over_networks(ax):
    thirds = dataset(a=2, b=3) / 3.0
    sweep_panels.heat_map(thirds["gain"], thirds["status"].round() + 1, errors=True, ax=ax)
    assert ax.texts[0].get_text() == "0.00\n± 0.19", "1 / 3 over the root of 3"
    made = dataset(a=2, b=3, c=4)
    made["status"][1, 2, 3] = 0
    made["gain"][1, 2, 3] = np.nan
    figure = sweep_panels.draw(sweep_panels.selected(made, "gain", {}), "gain")
    assert [figure.axes[1].texts[each].get_text() for each in (0, -1)] == ["1\n± 1", "×"]
    plt.close(figure)


def test_a_line_without_values_is_not_drawn(ax):
    made = dataset(a=3, b=3)["gain"]
    made[1] = np.nan
    sweep_panels.curves(made, ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a 0", "a 2"]


def test_curves_have_errors_over_networks(ax):
    sweep_panels.curves(dataset(a=2, b=3)["gain"], ax=ax)
    (first, second) = ax.containers
    np.testing.assert_allclose(np.asarray(first.lines[0].get_ydata(), float), [0, 10, 20])
    np.testing.assert_allclose(np.asarray(second.lines[0].get_ydata(), float), [1, 11, 21])
    (low, high) = first.lines[2][0].get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(1 / 3**0.5)


def test_texts_have_places_on_the_axis(ax):
    made = dataset(a=2).assign_coords(a=["lstm", "gru"])
    sweep_panels.curves(made["gain"], ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["lstm", "gru"]


@pytest.mark.parametrize("sizes", [{"a": 3}, {"a": 2, "b": 3}, {"a": 2, "b": 3, "c": 4}, {"a": 1, "b": 2}])
def test_every_number_of_settings_can_be_drawn(sizes):
    made = sweep_panels.draw(sweep_panels.selected(dataset(**sizes), "gain", {}), "gain")
    assert isinstance(made, Figure)
    plt.close(made)


def test_draws_are_shown_against_each_setting():
    made = dataset(draw=5).assign_coords(x=("draw", np.arange(5.0)), y=("draw", np.arange(5.0)[::-1]))
    figure = sweep_panels.draw(sweep_panels.selected(made, "gain", {}), "gain")
    assert [ax.get_xlabel() for ax in figure.axes] == ["x", "y"]
    plt.close(figure)


def test_a_setting_can_be_fixed():
    found = sweep_panels.selected(dataset(a=2, b=3, c=2, d=2), "gain", {"c": "100.0", "d": "1e3"})
    assert found["gain"].dims == ("a", "b", "network")
    assert found["gain"].sel(a=0, b=0).values.tolist() == [1099, 1100, 1101]


@pytest.mark.parametrize(
    ("measure", "at", "said"),
    [
        ("gian", {}, "did you mean 'gain'"),
        ("status", {}, "there is no such measure"),
        ("gain", {"e": "1"}, "this setting is not varied"),
        ("gain", {"a": "7"}, "there is no such value; there are 0.0, 1.0"),
        ("gain", {}, "too many settings"),
        ("gain", {"a": "0", "b": "0", "c": "0", "d": "0"}, "one value each"),
    ],
)
def test_what_cannot_be_drawn_is_refused(measure, at, said):
    with pytest.raises(BadInput, match=said):
        sweep_panels.selected(dataset(a=2, b=3, c=2, d=2), measure, at)
