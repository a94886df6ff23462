import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import end_point_correlation, principal_components
from pfc_metarl.settings import BadInput
from tests.handmade import recording

N_EPISODES, N_TRIALS = 40, 12


@pytest.fixture(scope="module")
def planted():
    """Two networks of 5 units that add evidence up along one axis, and fluctuate, half as far, along another."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(5, 2)))[0].T
    p_reward = rng.random((2, N_EPISODES))
    grown = (p_reward[..., None] - 0.5) * np.arange(1, N_TRIALS + 1)
    noise = rng.normal(size=grown.shape) * grown.std() / 2
    hidden = grown[..., None] * axes[0] + noise[..., None] * axes[1] + 0.3
    trial = np.broadcast_to(np.arange(N_TRIALS), grown.shape)
    steps = {name: np.repeat(value, 2, axis=2) for name, value in (("trial", trial), ("hidden", hidden))}
    truth = np.broadcast_to(p_reward[..., None], (*p_reward.shape, 2 * N_TRIALS))
    phase = np.broadcast_to(np.tile([0, 1], N_TRIALS), truth.shape)
    steps["hidden"][:, :, 1::2] += 100  # another phase, somewhere else
    made = recording(["choice", "outcome"], phase=phase, p_left=truth, **steps)
    return made, axes, grown, noise


def test_planted_axes_are_found(planted):
    made, axes, grown, noise = planted
    got = principal_components(made, "choice", n_components=2, beside=("p_left",))
    assert got["score"].dims == ("subject", "episode", "trial", "component")
    assert got["score"].shape == (2, N_EPISODES, N_TRIALS, 2)
    for network in range(2):
        for component, signal in enumerate((grown, noise)):
            loading = got["loading"].values[network, component]
            assert abs(loading @ axes[component]) > 0.98
            assert loading[np.abs(loading).argmax()] > 0
            score = got["score"].values[network, ..., component].ravel()
            assert abs(np.corrcoef(score, signal[network].ravel())[0, 1]) > 0.98
    np.testing.assert_allclose(got["explained_variance"].sel(component=1), 0.8, atol=0.05)
    np.testing.assert_allclose(got["explained_variance"].sum("component"), 1)
    np.testing.assert_allclose(got["p_left"].isel(trial=3), made["p_left"].isel(step=6))


def test_scores_keep_distances_and_are_uncorrelated(planted):
    made = planted[0]
    got = principal_components(made, "choice", n_components=5)
    activity = made["hidden"].values[1, :, ::2].reshape(-1, 5).astype(float)
    scores = got["score"].values[1].reshape(-1, 5)
    np.testing.assert_allclose(
        np.linalg.norm(scores - scores[0], axis=1), np.linalg.norm(activity - activity[0], axis=1), atol=1e-6
    )
    covariance = np.cov(scores.T)
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-6)
    assert (np.diff(np.diag(covariance)) <= 1e-9).all()


def test_ends_recover_planted_values(planted):
    made = planted[0]
    found = principal_components(made, "choice", n_components=2, beside=("p_left",))
    got = end_point_correlation(found, found["p_left"].isel(trial=-1))
    assert got["correlation"].dims == ("subject", "component")
    assert (np.abs(got["correlation"].sel(component=1)) > 0.95).all()
    assert (got["multiple_correlation"] > 0.99).all()
    flipped = end_point_correlation(found, 1 - found["p_left"].isel(trial=-1))
    np.testing.assert_allclose(flipped["correlation"], -got["correlation"])
    np.testing.assert_allclose(flipped["multiple_correlation"], got["multiple_correlation"])
    by_hand = np.corrcoef(found["score"].values[0, :, -1, 0], found["p_left"].values[0, :, -1])[0, 1]
    np.testing.assert_allclose(got["correlation"].values[0, 0], by_hand)


def test_ends_have_no_value_where_it_is_unknown(planted):
    found = principal_components(planted[0], "choice", n_components=2)
    coin = xr.DataArray(np.random.default_rng(1).random((2, N_EPISODES)), dims=("network", "episode"))
    assert (end_point_correlation(found, coin)["multiple_correlation"] < 0.5).all()


def test_what_cannot_be_computed_is_refused(planted):
    made = planted[0]
    with pytest.raises(BadInput, match="n_components = 6: must be from 1 to 5"):
        principal_components(made, "choice", n_components=6)
    with pytest.raises(BadInput, match="has no such phase"):
        principal_components(made, "fixation")
    late = made.isel(step=slice(1, None))
    with pytest.raises(BadInput, match="some trials never come to it"):
        principal_components(late, "choice")
    found = principal_components(made, "choice").isel(episode=slice(4))
    with pytest.raises(BadInput, match="4 episodes, too few for 3"):
        end_point_correlation(found, found["score"].isel(trial=0, component=0))
    with pytest.raises(BadInput, match="never changes"):
        principal_components(made.assign(hidden=made["hidden"] * 0))
    with pytest.raises(BadInput, match="variable = 'reward': its dims are"):
        principal_components(made, variable="reward")
    with pytest.raises(BadInput, match="Expected a recording, not dict"):
        principal_components({})


def test_the_first_phase_is_the_default(planted):
    assert principal_components(planted[0]).identical(principal_components(planted[0], "choice"))
