import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from analyses import derived, fig2_foraging
from analyses.__main__ import main
from pfc_metarl.experiments import foraging
from pfc_metarl.simulate import main as simulate_main

TINY = (
    *("--networks", "2", "--updates", "2", "--workers", "1", "--quiet"),
    *(
        "--set",
        "task.n_trials=30",
        "--set",
        "network.units=4",
        "--set",
        "probes.test.episodes=12",
        "--set",
        "probes.units.episodes=2",
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The figure of a tiny run, and its tables."""
    made = tmp_path_factory.mktemp("fig2")
    assert simulate_main(["foraging", *TINY, "--out", str(made / "run")]) == 0
    assert main(["fig2_foraging", "--run", str(made / "run"), "--out", str(made)]) == 0
    return made


def test_the_figure_is_drawn_from_a_run_and_again_from_its_tables(folder):
    path = folder / "fig2_foraging.pdf"
    drawn = path.read_bytes()
    path.unlink()
    assert main(["fig2_foraging", "--redraw", "--tables", str(folder), "--out", str(folder)]) == 0
    assert path.read_bytes() == drawn
    assert not plt.get_fignums()


def test_held_out_is_what_the_experiment_left_out(folder):
    inside = np.linspace(0, 0.5, 101)[1:-1]
    (_, first), (second, third), (fourth, _) = foraging.TRAINED
    assert ((first, second), (third, fourth)) == fig2_foraging.HELD_OUT
    by_interval = np.any([(inside > low + 1e-6) & (inside < high - 1e-6) for low, high in fig2_foraging.HELD_OUT], 0)
    np.testing.assert_array_equal(by_interval, foraging.held_out(xr.DataArray(inside)))


def test_the_tables_contain_all_recorded_agents(folder):
    found, _ = derived.load(folder / "fig2_foraging.nc")
    assert list(found["slopes"]["who"].values) == ["networks", "untrained", *fig2_foraging.REFERENCE_AGENTS]
    assert list(found["units"]["kind"].values) == ["trained", "untrained", "null"]
    assert found["units"].sizes["unit"] == 4
    assert found["history"]["lag"].values.tolist() == list(range(1, 16))


def test_only_weights_that_differ_from_zero_are_filled(ax):
    rng = np.random.default_rng(0)
    weights = np.stack([rng.normal(1, 0.1, (8, 3)), rng.normal(0, 0.1, (8, 3))], axis=1)
    history = xr.Dataset(
        {"coefficient": (("who", "subject", "history", "lag"), np.stack([weights] * 3))},
        {"who": ["networks", "observer", "local_matching"], "history": ["reward", "choice"], "lag": [1, 2, 3]},
    )
    found = fig2_foraging.weights_that_differ(history)
    assert found.sel(history="reward").all()
    assert not found.sel(history="choice").all()
    fig2_foraging.draw_history(history, "reward", ax=ax)
    filled = [line for line in ax.lines if line.get_marker() == "o" and line.get_markerfacecolor() != "white"]
    assert len(filled[0].get_xdata()) == 3


def test_units_are_drawn_as_absolute_values(ax):
    kinds = list(fig2_foraging.KINDS)
    values = np.stack([np.full((3, 5, 1), level) for level in (-0.5, 0.2, -0.01)])
    values[:, 1] *= 0.9
    units = xr.Dataset(
        {"partial_correlation": (("kind", "subject", "unit", "regressor"), values)},
        {"kind": kinds, "regressor": ["value"]},
    )
    fig2_foraging.draw_units(units, ax=ax)
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, np.array([0.5, 0.2, 0.01]) * 2.9 / 3)
