import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import cluster_separation
from pfc_metarl.settings import BadInput
from tests.handmade import recording

N_NETWORKS, N_EPISODES, N_TRIALS, N_UNITS = 2, 20, 10, 6


@pytest.fixture(scope="module")
def planted():
    """Units that hold `side` far apart at the second of two phases, and `coin` nowhere."""
    rng = np.random.default_rng(0)
    side, coin = rng.integers(0, 2, (2, N_NETWORKS, N_EPISODES, N_TRIALS))
    hidden = rng.normal(size=(N_NETWORKS, N_EPISODES, N_TRIALS, 2, N_UNITS))
    hidden[..., 1, 2] += 10 * side
    steps = {name: np.repeat(value, 2, axis=2) for name, value in (("side", side), ("coin", coin))}
    trial = np.broadcast_to(np.repeat(np.arange(N_TRIALS), 2), steps["side"].shape)
    phase = np.broadcast_to(np.tile([0, 1], N_TRIALS), steps["side"].shape)
    activity = hidden.reshape(N_NETWORKS, N_EPISODES, 2 * N_TRIALS, N_UNITS)
    return recording(["wait", "answer"], trial=trial, phase=phase, hidden=activity, **steps)


def test_clusters_are_found_where_they_were_planted(planted):
    got = cluster_separation(planted, ("side", "coin"))
    assert dict(got.sizes) == {"subject": 2, "phase": 2, "label": 2}
    there = got.sel(phase="answer", label="side")
    # by theory: distances within are √(2·6) = 3.5, between √(12 + 100) = 10.6, so 1 − 3.5/10.6 = 0.67
    np.testing.assert_allclose(there["silhouette"], 0.67, atol=0.03)
    for elsewhere in ({"phase": "wait", "label": "side"}, {"phase": "answer", "label": "coin"}):
        assert (np.abs(got["silhouette"].sel(elsewhere)) < 0.02).all()
    assert (got["n_trials"] == N_EPISODES * N_TRIALS).all()


def test_only_requested_trials_are_analysed(planted):
    shape = (N_NETWORKS, N_EPISODES, N_TRIALS)
    dims = ("network", "episode", "trial")
    where = xr.DataArray(np.broadcast_to(np.arange(N_TRIALS) < 3, shape), dims=dims)
    got = cluster_separation(planted, ("side",), where)
    assert (got["n_trials"] == N_EPISODES * 3).all()
    xr.testing.assert_identical(got, cluster_separation(planted, ("side",), where.transpose("trial", ...)))
    first = xr.DataArray(np.arange(N_NETWORKS) < 1, dims="network").broadcast_like(where)
    none = cluster_separation(planted, ("side",), first)
    assert none["silhouette"].sel(subject=1).isnull().all()
    assert none["silhouette"].sel(subject=0).notnull().all()


def test_many_trials_are_thinned_out(planted, monkeypatch):
    monkeypatch.setattr("pfc_metarl.measures.population.clusters.MAX_TRIALS", 50)
    got = cluster_separation(planted, ("side",))
    assert (got["n_trials"] == 50).all()
    assert (got["silhouette"].sel(phase="answer") > 0.6).all()


def test_units_that_never_change_have_no_clusters(planted):
    still = planted.assign(hidden=planted["hidden"] * 0)
    assert cluster_separation(still, ("side",))["silhouette"].isnull().all()


def test_what_cannot_be_measured_is_refused(planted):
    with pytest.raises(BadInput, match="'nothing'"):
        cluster_separation(planted, ("nothing",))
    with pytest.raises(BadInput, match="name at least one"):
        cluster_separation(planted, ())
    with pytest.raises(BadInput, match="variable = 'reward'"):
        cluster_separation(planted, ("side",), variable="reward")
    with pytest.raises(BadInput, match="not dict"):
        cluster_separation({}, ("side",))
