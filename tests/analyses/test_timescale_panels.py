import numpy as np
import pytest
import xarray as xr

from analyses import style
from analyses import timescale_panels as panels
from analyses.figS_timescales import BY_CORE, CORES
from pfc_metarl.measures import intrinsic_timescale
from tests.measures.units.test_timescale import decaying, lived


@pytest.fixture(scope="module")
def recording():
    """Two networks of units with timescales of 3 and 9 trials, and of one that is noise; every fourth trial pays."""
    activity = decaying((3, 9, 3), n_networks=2, n_episodes=80, n_times=80)
    activity[..., 2] = np.random.default_rng(0).normal(size=activity.shape[:3])
    made = lived(activity, outcome=1.0)
    reward = ((made["trial"] % 4 == 0) & (made["phase"] == 1)).astype("float32")
    return made.assign(reward=reward).assign_attrs(
        trial_columns=["choice1 = action at choice", "reward = reward at outcome"]
    )


def of_cores(result):
    states = style.stacked(dict.fromkeys(panels.STATES, result), "state")
    return style.stacked(dict.fromkeys(CORES, states), "core")


def test_units_that_decay_are_kept_with_their_timescale(recording):
    got = panels.units(recording)
    np.testing.assert_allclose(got["timescale"].sel(unit=[0, 1]), [[3, 9]] * 2, rtol=0.35)
    assert got["timescale"].sel(unit=2).isnull().all()
    xr.testing.assert_allclose(
        got["timescale"].sel(unit=0), intrinsic_timescale(recording)["timescale_trials"].sel(unit=0).drop_attrs()
    )
    np.testing.assert_allclose(got["reward"], 0.25)


def test_the_world_has_the_timescale_of_its_reversals():
    # Correlated 0.9, 0.81, ... where a state swaps with probability 0.05 a trial.
    assert np.exp(-1 / panels.world_timescale(0.05)) == pytest.approx(0.9)


def test_medians_and_their_t_test_are_those_of_networks(ax):
    timescale = xr.DataArray(
        np.exp([[[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]], [[3.0, 3.0], [4.0, 4.0], [7.0, 7.0]]]),
        {"state": list(panels.STATES), "subject": [0, 1, 2], "unit": [0, 1]},
        ("state", "subject", "unit"),
    )
    reward = xr.DataArray([[0.5] * 3, [0.7, 0.5, 0.7]], dims=("state", "subject"))
    table = xr.Dataset({"timescale": timescale, "exponent": timescale, "reward": reward})
    table = xr.concat([table] * 3, xr.IndexVariable("core", list(CORES)))
    panels.draw_medians(table, "exponent", BY_CORE, ax=ax)
    markers = [line.get_marker() for line in ax.lines if line.get_marker() in (".", "x")]
    assert markers == [".", "x", "."] * 3
    thick = np.asarray(ax.containers[0][0].get_ydata(), dtype=float)
    np.testing.assert_allclose(thick, timescale.median("unit").mean("subject").values)
    told = [text.get_text() for text in ax.texts if "p = " in text.get_text()]
    change = timescale.median("unit").diff("state").values.ravel()
    t = change.mean() / (change.std(ddof=1) / np.sqrt(3))
    assert told[0].startswith(f"t(2) = {t:.1f}\n")


def test_the_timescales_of_all_units_are_drawn_with_the_world(recording, ax):
    table = of_cores(panels.units(recording))
    panels.draw_timescales(table, {"lstm": 20.0}, BY_CORE, ax=ax)
    dots = [line for line in ax.lines if line.get_marker() == "."]
    assert [len(line.get_ydata()) for line in dots] == [4] * 6
    np.testing.assert_allclose(np.sort(10 ** dots[0].get_ydata()), np.sort(table["timescale"].values[0, 0].ravel())[:4])
    assert ax.get_xticklabels()[0].get_text() == "untrained (67%)"
    world = next(line for line in ax.lines if line.get_linestyle() == "--")
    np.testing.assert_allclose(10 ** world.get_ydata(), 20)
    np.testing.assert_allclose(world.get_xdata(), [-0.5, 1.5])
