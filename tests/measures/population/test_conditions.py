import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import condition_means
from pfc_metarl.settings import BadInput
from tests.measures.planted import coins, lived, signs


@pytest.fixture
def planted():
    rng = np.random.default_rng(0)
    factors = coins(rng, "choice", "reward")
    own = np.concatenate([signs(factors["choice"]), 3 * signs(factors["reward"]), 0 * signs(factors["choice"])], -1)
    activity = np.stack([own, 100 + own], axis=3) + 0.1 * rng.normal(size=(*own.shape[:3], 2, 3))
    return lived(activity), factors


def test_means_and_their_errors_are_those_of_pandas(planted):
    made, factors = planted
    got = condition_means(made, factors, "outcome")
    assert got["activity"].dims == ("subject", "choice", "reward", "unit")
    rows = {name: factor.values[1].ravel() for name, factor in factors.items()}
    rows["unit"] = made["hidden"].values[1, :, 1::2, 1].ravel().astype(float)
    groups = xr.Dataset({n: ("row", v) for n, v in rows.items()}).to_dataframe().groupby(["choice", "reward"])["unit"]
    table = groups.mean().to_xarray()
    np.testing.assert_allclose(got["activity"].sel(subject=1, unit=1), table)
    np.testing.assert_allclose(got["n_trials"].sel(subject=1), groups.count().to_xarray())
    naive = groups.sem().to_xarray()
    np.testing.assert_allclose(got["standard_error"].sel(subject=1, unit=1), naive, rtol=0.5)
    np.testing.assert_allclose(got["activity"].sel(choice=1, reward=0, unit=[0, 1, 2]), [[101, 97, 100]] * 2, atol=0.1)


def test_errors_account_for_correlated_trials_of_an_episode():
    rng = np.random.default_rng(1)
    factors = coins(rng, "choice", networks=1, episodes=30, trials=40)
    moods = rng.normal(size=(1, 30, 1, 1, 200))
    got = condition_means(lived(np.broadcast_to(moods, (1, 30, 40, 1, 200))), factors)
    np.testing.assert_allclose(got["standard_error"].mean("unit"), got["activity"].std("unit"), rtol=0.25)
    one = condition_means(lived(moods[:, :1].repeat(40, axis=2)), {"choice": factors["choice"][:, :1]})
    assert one["standard_error"].isnull().all()


def test_a_trial_without_a_value_is_left_out(planted):
    made, factors = planted
    some = {**factors, "choice": factors["choice"].where(factors["choice"]["trial"] > 4)}
    got = condition_means(made, some, "choice")
    assert got["n_trials"].sum(["choice", "reward"]).values.tolist() == [20 * 15] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: {"choice": f["choice"] * 0}, r"factors\['choice'\] has 1 value;"),
        (lambda f: {"a": f["choice"], "b": f["choice"]}, "Network 0 has 0 trials with a = 0, b = 1"),
        (lambda f: {"choice": f["choice"].values}, "must be a DataArray"),
        (lambda f: {"choice": f["choice"][:, :3]}, "the recording has"),
        (lambda f: {"unit": f["choice"]}, "call it something else"),
        (lambda f: {"choice": f["choice"] + np.arange(20)}, "conditions need 2 to 20"),
    ],
)
def test_factors_that_make_no_conditions_are_refused(planted, change, said):
    made, factors = planted
    with pytest.raises(BadInput, match=said):
        condition_means(made, change(factors))


def test_recordings_without_activity_are_refused(planted):
    made, factors = planted
    with pytest.raises(BadInput, match="variable = 'cell'"):
        condition_means(made, factors, variable="cell")
    with pytest.raises(BadInput, match="its dims are"):
        condition_means(made, factors, variable="reward")
    with pytest.raises(BadInput, match="not finite"):
        condition_means(made.assign(hidden=made["hidden"] * np.nan), factors)
    with pytest.raises(BadInput, match="no such phase"):
        condition_means(made, factors, "nap")
    with pytest.raises(BadInput, match="not dict"):
        condition_means({}, factors)
