import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr
from scipy.stats import binomtest

from pfc_metarl.measures import across_subjects, previous, unit_encoding
from pfc_metarl.measures.activity import TRIAL_DIMS
from pfc_metarl.settings import BadInput
from tests.handmade import recording

NETWORKS, EPISODES, TRIALS, UNITS = 2, 30, 20, 8
WEIGHTS = np.array([[1.0, 0.0], [0.0, -2.0], [0.5, 0.5], *[[0.0, 0.0]] * 5])
"""Of each unit on action (-1 or 1) and reward; noise has a standard deviation of 1."""


def of_trials(values):
    return xr.DataArray(values, dims=TRIAL_DIMS)


def lived(activity, **values):
    """A recording with two phases; activity [network, episode, trial, unit] holds at the second, fixation at 100."""
    n_networks, n_episodes, n_trials, n_units = activity.shape
    trial = np.broadcast_to(np.arange(n_trials), (n_networks, n_episodes, n_trials))
    steps = np.stack([np.full_like(activity, 100), activity], axis=3)
    return recording(
        ["fixation", "choice"],
        trial=np.repeat(trial, 2, axis=2),
        phase=np.broadcast_to(np.tile([0, 1], n_trials), (n_networks, n_episodes, 2 * n_trials)),
        hidden=steps.reshape(n_networks, n_episodes, 2 * n_trials, n_units),
        **values,
    )


def encoded(made, regressors, **options):
    return unit_encoding(made, regressors, "choice", **options)


def drifting(rng, *shape):
    """Independent series that drift over the third axis: first-order autoregressions of memory 0.95."""
    shocks = rng.normal(size=shape)
    series = shocks.copy()
    for trial in range(1, shape[2]):
        series[:, :, trial] = 0.95 * series[:, :, trial - 1] + np.sqrt(1 - 0.95**2) * shocks[:, :, trial]
    return series


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(0)
    shape = (NETWORKS, EPISODES, TRIALS)
    action = rng.choice([-1.0, 1.0], size=shape)
    reward = (rng.random(shape) < 0.4 + 0.2 * (action > 0)).astype(float)
    activity = 3 + np.stack([action, reward], -1) @ WEIGHTS.T + rng.normal(size=(*shape, UNITS))
    return lived(activity), {"action": of_trials(action), "reward": of_trials(reward)}


def test_planted_weights_are_recovered(planted):
    made, regressors = planted
    got = encoded(made, regressors)
    assert got["coefficient"].dims == ("subject", "unit", "regressor")
    scale = np.array([array.values.std() for array in regressors.values()])
    np.testing.assert_allclose(got["coefficient"].mean("subject"), WEIGHTS * scale, atol=0.1)
    clear = np.broadcast_to(np.abs(WEIGHTS) > 0.9, got["significant"].shape)
    assert got["significant"].values[clear].all()
    assert got["significant"].sel(unit=2).all()
    assert got["significant"].sel(unit=slice(3, None)).mean() <= 0.1
    assert (np.sign(got["partial_correlation"].sel(unit=[0, 2], regressor="action")) == 1).all()
    assert (np.sign(got["partial_correlation"].sel(unit=1, regressor="reward")) == -1).all()
    assert (got["n_trials"] == EPISODES * TRIALS).all()
    assert got["valid"].all()


def test_every_number_is_that_of_one_regression_a_unit(planted):
    made, regressors = planted
    got = encoded(made, regressors, clusters=None).isel(subject=1)
    columns = np.stack([array.values[1].ravel() for array in regressors.values()], -1)
    scaled = sm.add_constant((columns - columns.mean(0)) / columns.std(0))
    activity = made["hidden"].values[1, :, 1::2].reshape(-1, UNITS).astype(float)
    for unit in range(UNITS):
        fit = sm.OLS(activity[:, unit], scaled).fit()
        own = got.isel(unit=unit)
        for name, values in (("coefficient", fit.params), ("standard_error", fit.bse), ("p_value", fit.pvalues)):
            np.testing.assert_allclose(own[name], values[1:], rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(own["r_squared"], fit.rsquared, atol=1e-9)
        for index, name in enumerate(regressors):
            without = np.delete(scaled, index + 1, axis=1)
            left, rest = (sm.OLS(x, without).fit() for x in (activity[:, unit], scaled[:, index + 1]))
            here = {"regressor": name}
            expected = np.corrcoef(left.resid, rest.resid)[0, 1]
            np.testing.assert_allclose(own["partial_correlation"].sel(here), expected, atol=1e-9)
            np.testing.assert_allclose(own["unique_r_squared"].sel(here), fit.rsquared - left.rsquared, atol=1e-9)


def test_nothing_is_found_in_noise_at_the_nominal_rate():
    rng = np.random.default_rng(1)
    made = lived(rng.normal(size=(4, 20, 10, 200)))
    got = encoded(made, {name: of_trials(rng.normal(size=(4, 20, 10))) for name in "ab"})
    hits = int((got["p_value"] < 0.05).sum())
    assert binomtest(hits, got["p_value"].size, 0.05).pvalue > 0.001
    assert (got["p_significant"] < 0.02).all()


def test_where_all_drifts_only_clustered_p_values_can_be_trusted():
    rng = np.random.default_rng(2)
    n_units = 40
    made = lived(drifting(rng, 4, 40, 25, n_units))
    slow = {"slow": of_trials(drifting(rng, 4, 40, 25))}
    plain, clustered = encoded(made, slow, clusters=None), encoded(made, slow)
    assert (plain["p_value"] < 0.05).mean() > 0.3
    assert (clustered["p_value"] < 0.05).mean() < 0.12  # hits of a network go together, as it has one regressor
    assert (clustered["standard_error"] > plain["standard_error"]).mean() > 0.95
    for same in ("coefficient", "partial_correlation", "unique_r_squared", "r_squared"):
        xr.testing.assert_allclose(plain[same], clustered[same])


def test_p_values_are_nominal_where_all_drifts():
    rng = np.random.default_rng(7)
    n_networks = 150
    made = lived(drifting(rng, n_networks, 40, 10, 1))
    got = encoded(made, {"slow": of_trials(drifting(rng, n_networks, 40, 10))})
    assert binomtest(int((got["p_value"] < 0.05).sum()), n_networks, 0.05).pvalue > 0.01


def test_false_discoveries_in_noise_are_as_frequent_as_the_level():
    rng = np.random.default_rng(8)
    n_networks = 150
    made = lived(rng.normal(size=(n_networks, 4, 10, 10)))
    got = encoded(made, {"noise": of_trials(rng.normal(size=(n_networks, 4, 10)))}, clusters=None, level=0.1)
    assert binomtest(int(got["significant"].any("unit").sum()), n_networks, 0.1).pvalue > 0.01


def test_false_discoveries_are_few_among_many(planted):
    made, regressors = planted
    strict = encoded(made, regressors, level=1e-6)
    assert strict["significant"].sum() < encoded(made, regressors)["significant"].sum()
    assert strict["significant"].sel(unit=1, regressor="reward").all()
    fraction = strict["significant"].mean("unit")
    np.testing.assert_allclose(strict["p_significant"], fraction)
    assert across_subjects(strict)["p_significant"].sel(statistic="n").values.tolist() == [2, 2]


def test_trials_without_a_value_are_left_out(planted):
    made, regressors = planted
    holed = regressors["reward"].where(np.arange(TRIALS) % 2 == 0)
    got = encoded(made, {**regressors, "reward": holed})
    assert (got["n_trials"] == EPISODES * TRIALS // 2).all()
    even = made.isel(step=np.arange(2 * TRIALS) // 2 % 2 == 0)
    even["trial"] //= 2
    halves = {name: array.isel(trial=slice(None, None, 2)) for name, array in regressors.items()}
    xr.testing.assert_allclose(got.drop_attrs(), encoded(even, halves).drop_attrs())


def test_a_past_value_is_found_where_it_was_planted():
    rng = np.random.default_rng(3)
    reward = of_trials(rng.random((1, 40, 15)))
    activity = previous(reward, 2).fillna(0).values[..., None] + 0.1 * rng.normal(size=(1, 40, 15, 1))
    got = encoded(lived(activity), {str(lag): previous(reward, lag) for lag in (1, 2, 3)})
    partial = got["partial_correlation"].squeeze()
    assert partial.sel(regressor="2") > 0.9
    assert (abs(partial.sel(regressor=["1", "3"])) < 0.2).all()
    assert got["n_trials"].item() == 40 * 12


def test_a_silent_unit_gets_a_reason_and_no_number(planted):
    made, regressors = planted
    silent = made.assign(hidden=made["hidden"].where(_not_unit(4), 7.0))
    got = encoded(silent, regressors)
    assert got["reason"].sel(unit=4).values.tolist() == ["its activity never changes"] * NETWORKS
    assert not got["valid"].sel(unit=4).any()
    assert not got["significant"].sel(unit=4).any()
    assert got["coefficient"].sel(unit=4).isnull().all()
    assert got["n_units"].values.tolist() == [UNITS - 1] * NETWORKS
    with pytest.raises(BadInput, match="in any network: its activity never changes"):
        encoded(made.assign(hidden=made["hidden"] * 0), regressors)
    others = encoded(made, regressors)["coefficient"].drop_sel(unit=4)
    xr.testing.assert_allclose(got["coefficient"].drop_sel(unit=4), others)


def _not_unit(index):
    return xr.DataArray(np.arange(UNITS) != index, dims="unit")


def test_a_unit_that_is_a_regressor_has_no_error(planted):
    copied = lived(planted[1]["action"].values[..., None] * [1.0, 0.0] + planted[0]["hidden"].values[:, :, 1::2, 3:5])
    copied["hidden"][..., 0] = np.repeat(planted[1]["action"].values, 2, axis=-1)
    got = encoded(copied, planted[1])
    np.testing.assert_allclose(got["r_squared"].sel(unit=0), 1)
    assert "explain it wholly" in got["reason"].values[0, 0]
    assert got["coefficient"].sel(unit=0).isnull().all()
    assert got["valid"].values.tolist() == [[False, True]] * NETWORKS


def test_one_network_that_cannot_be_fitted_does_not_stop_the_others(planted):
    made, regressors = planted
    stuck = regressors["action"].copy()
    stuck[0] = 1
    got = encoded(made, {**regressors, "action": stuck})
    assert set(got["reason"].values[0]) == {"regressor 'action' is the same in all trials"}
    assert got["coefficient"][0].isnull().all()
    assert got["p_significant"][0].isnull().all()
    assert got["coefficient"][1].notnull().all()
    assert got["n_units"].values.tolist() == [0, UNITS]


def test_any_variable_with_one_more_axis_can_be_explained(planted):
    made, regressors = planted
    values = made.rename(hidden="action_value", unit="option").assign_coords(option=list("abcdefgh"))
    got = unit_encoding(values, regressors, "choice", variable="action_value")
    assert got["unit"].values.tolist() == list("abcdefgh")
    np.testing.assert_allclose(got["coefficient"], encoded(made, regressors)["coefficient"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a, r: {"action": a * 0 + 1}, "'action' is the same in all trials"),
        (lambda a, r: {"a": a, "b": r, "c": a - 2 * r}, "regressors 'a', 'b', 'c' depend on one another"),
        (lambda a, r: {"a": a, "b": r, "c": -a}, "regressors 'a', 'c' depend on one another"),
        (lambda a, r: {"a": a.where(a > 2)}, "too few trials, 0, for 1 regressor"),
        (lambda a, r: {"a": a.where(a > 0, np.inf)}, r"regressors\['a'\] must hold finite numbers"),
        (lambda a, r: {"a": a.isel(trial=slice(5))}, "has 5 trials; the recording has 20"),
        (lambda a, r: {"a": a.isel(episode=slice(5))}, "has 5 along episode; the recording has 30"),
        (lambda a, r: {"a": a.values}, "must be a DataArray with dims"),
        (lambda a, r: {}, "give at least one"),
    ],
)
def test_regressors_that_cannot_be_used_are_named(planted, change, said):
    made, regressors = planted
    with pytest.raises(BadInput, match=said):
        encoded(made, change(regressors["action"], regressors["reward"]))


def test_recordings_that_cannot_be_used_are_refused(planted):
    made, regressors = planted
    with pytest.raises(BadInput, match="variable = 'cell': the recording has none"):
        encoded(made, regressors, variable="cell")
    with pytest.raises(BadInput, match="variable = 'reward': its dims are"):
        encoded(made, regressors, variable="reward")
    with pytest.raises(BadInput, match="has no such phase"):
        unit_encoding(made, regressors, "outcome")
    with pytest.raises(BadInput, match="not finite"):
        encoded(made.assign(hidden=made["hidden"].where(_not_unit(0))), regressors)
    with pytest.raises(BadInput, match="Expected a recording, not dict"):
        encoded({}, regressors)
    with pytest.raises(BadInput, match="clusters = 'trial'"):
        encoded(made, regressors, clusters="trial")
    with pytest.raises(BadInput, match="level = 1"):
        encoded(made, regressors, level=1)


@pytest.mark.parametrize(("n", "said"), [(1, "1 episode is too few"), (19, "19 episodes are too few")])
def test_few_episodes_cannot_be_clustered_by(planted, n, said):
    made, regressors = planted
    some, own = made.isel(episode=slice(n)), {name: array.isel(episode=slice(n)) for name, array in regressors.items()}
    got, plain = encoded(some, own), encoded(some, own, clusters=None)
    assert got["reason"].str.match(f"{said} .* need 20; clusters=None").all()
    for name in ("standard_error", "p_value", "p_significant"):
        assert got[name].isnull().all()
    assert not got["significant"].any()
    assert plain["p_value"].notnull().all()
    for same in ("valid", "coefficient", "partial_correlation", "unique_r_squared", "r_squared", "n_units"):
        xr.testing.assert_allclose(got[same], plain[same])
