import numpy as np
import xarray as xr

from analyses import figS_timescales_tasks as figure
from tests.handmade import recording
from tests.measures.units.test_timescale import decaying


def lived(taus, seed=0):
    """Two networks of units with timescales of their own in each half, on top of which arm pays in the episode."""
    options = {"n_networks": 2, "n_episodes": 80, "n_times": 60}
    halves = [decaying((tau, tau), seed=seed + n, **options) for n, tau in enumerate(taus)]
    left = np.random.default_rng(seed).integers(0, 2, (2, 80, 1, 1))
    hidden = np.concatenate(halves, axis=2) + 6 * left
    step = np.broadcast_to(np.arange(120), hidden.shape[:3])
    worth = np.broadcast_to(0.25 + 0.5 * left, (*hidden.shape[:3], 1))
    return recording(
        ["choice"],
        extra_dims={"p_reward": ("option",)},
        trial=step,
        phase=0 * step,
        hidden=hidden,
        volatile=(step >= 60).astype(int),
        p_reward=np.concatenate([worth, 1 - worth], axis=-1),
    )


def test_only_the_world_is_removed():
    made = lived((2, 2))
    got = figure.without_world(made)["hidden"]
    left = made["p_reward"].isel(option=0, step=0) > 0.5
    for side in (left, ~left):
        np.testing.assert_allclose(got.where(side).mean("episode"), 0, atol=1e-6)
    within = made["hidden"].where(left).std("episode")
    np.testing.assert_allclose(got.where(left).std("episode"), within, rtol=1e-4)


def test_the_timescale_of_each_half_is_found_below_that_of_the_world():
    first, second = figure._split(lived((1.5, 6)))
    assert (first["volatile"].values.all(), second["volatile"].values.all()) == (False, True)
    assert int(second["trial"].min()) == 0
    fast, slow = (figure.medians(half)["world_out"] for half in (first, second))
    np.testing.assert_allclose(fast, 1.5, rtol=0.35)
    np.testing.assert_allclose(slow, 6, rtol=0.35)


def test_orders_are_averaged_in_logarithms(monkeypatch):
    class Run:
        """Stable halves have timescales of 2 and 8 trials, volatile ones of 2 and 2."""

        def recording(self, name):
            made = lived((8, 2), seed=1) if name.startswith("stable") else lived((2, 2), seed=3)
            return made if name.startswith("stable") else made.assign(volatile=1 - made["volatile"])

    got = figure.halves(Run())["world_out"]
    assert got.dims == ("state", "half", "subject")
    np.testing.assert_allclose(got.sel(half="stable").mean(), 4, rtol=0.25)
    np.testing.assert_allclose(got.sel(half="volatile").mean(), 2, rtol=0.25)


def test_each_pair_of_halves_has_its_paired_test(ax):
    values = np.exp(np.array([[1.0, 2.0, 3.0], [2.0, 3.5, 3.9]]))
    found = xr.DataArray(values, {"half": list(figure.HALVES)}, ("half", "subject"))
    both = xr.concat([found, found], xr.IndexVariable("state", list(figure.STATES)))
    figure.draw_halves(xr.Dataset(dict.fromkeys(figure.WORLDS, both)), ax=ax)
    change = np.diff(np.log(values), axis=0).ravel()
    t = change.mean() / (change.std(ddof=1) / np.sqrt(3))
    told = [text.get_text() for text in ax.texts if "p = " in text.get_text()]
    assert len(told) == 4
    assert told[0].startswith(f"t(2) = {t:.1f}\n")
