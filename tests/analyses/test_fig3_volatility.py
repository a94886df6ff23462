import numpy as np
import pytest
import xarray as xr

from analyses import fig3_volatility


@pytest.fixture
def rate():
    """Learning rates that rise by 0.2 when volatile, those of agents not at all."""
    coords = {
        "who": ["networks", *fig3_volatility.REFERENCE_AGENTS],
        "order": list(fig3_volatility.ORDERS),
        "subject": [0, 1, 2],
        "volatile": [0, 1],
    }
    values = xr.DataArray(0.15, coords, tuple(coords)).copy()
    values.loc[{"who": "networks", "volatile": 1}] = 0.35
    return values + xr.DataArray([-0.01, 0.0, 0.01], {"subject": [0, 1, 2]})


def test_halves_are_drawn_in_their_order_in_the_task(rate, ax):
    noisy = rate.sel(who="networks") + xr.DataArray([[0, 0.01], [0, 0.0], [0, 0.02]], dims=("subject", "volatile"))
    fig3_volatility.draw_rates(noisy, ax=ax)
    lines = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 2][:6]
    np.testing.assert_allclose(lines[:3], [[0.14, 0.35], [0.15, 0.35], [0.16, 0.38]])
    np.testing.assert_allclose(lines[3:], [[0.35, 0.14], [0.35, 0.15], [0.38, 0.16]])
    assert [text.get_text()[:4] for text in ax.texts[:2]] == ["p = "] * 2


def test_rises_are_volatile_less_stable(rate, ax):
    p_choice = xr.DataArray([0.9, 0.8, 0.7, 0.6, 0.5], {"who": rate["who"]})
    fig3_volatility.draw_rises(xr.Dataset({"learning_rate": rate, "p_choice": p_choice}), ax=ax)
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, [0.2, 0.2] + [0] * 8, atol=1e-9)
    assert [text.get_text() for text in ax.get_xticklabels()][:2] == [
        "networks\n(0.90)",
        "observer of\ntraining\n(0.80)",
    ]


def test_episodes_of_both_orders_are_parted_again():
    joined = xr.DataArray(np.arange(8.0).reshape(1, 4, 2), dims=("subject", "episode", "trial"))
    parted = fig3_volatility.by_order(joined.assign_coords(episode=range(4)))
    np.testing.assert_array_equal(parted.sel(order="stable_first"), joined[:, :2])
    np.testing.assert_array_equal(parted.sel(order="volatile_first"), joined[:, 2:])


@pytest.mark.parametrize(("order", "start"), [("stable_first", 100), ("volatile_first", 0)])
def test_the_volatile_half_is_shaded(ax, order, start):
    fig3_volatility.shade(200, order, ax)
    (span,) = ax.patches
    assert (span.get_x(), span.get_width()) == (start, 100)
