import numpy as np
import pytest
import xarray as xr

from analyses import figS_timescales as figure
from tests.measures.units.test_timescale import decaying, lived


@pytest.fixture(scope="module")
def recording():
    """Two networks of units with timescales of 3 and 9 trials."""
    return lived(decaying((3, 9), n_networks=2, n_episodes=80, n_times=80), outcome=1.0)


def test_power_is_a_fraction_of_the_whole(recording):
    noisy = recording.assign(rpe=recording["rpe"] + 5 * (recording["phase"] == 1))
    got = figure.dopamine(noisy)
    np.testing.assert_allclose(got["power_with_trial"].sum("frequency"), 1, rtol=1e-5)
    assert (got["power"].sum("frequency") < 0.5).all()
    np.testing.assert_allclose(figure.unit_power(recording.isel(unit=[0]))["power"].sum("frequency"), 1)
    assert figure.unit_power(recording)["frequency"].values[0] == pytest.approx(1 / figure.SEGMENT)


def test_solid_lines_are_trained_networks(ax):
    frequency = [0.02, 0.1, 1.0]
    power = xr.DataArray(
        np.arange(1, 13.0).reshape(2, 2, 3),
        {"state": list(figure.STATES), "frequency": frequency},
        ("state", "subject", "frequency"),
    )
    table = xr.concat([power.to_dataset(name="power")] * 3, xr.IndexVariable("core", list(figure.CORES)))
    figure.draw_power(table, ax=ax)
    drawn = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(drawn["LSTM"].get_ydata(), [8.5, 9.5, 10.5])
    assert drawn["LSTM"].get_linestyle() == "-"
