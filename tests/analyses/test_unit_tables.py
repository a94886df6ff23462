import numpy as np
import pytest
import xarray as xr

from analyses import unit_tables
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.measures import learner_signatures
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility

STEPS = ("network", "episode", "step", "unit")


@pytest.fixture(scope="module")
def lived():
    """Two agents that choose at random, a learner with a fixed rate yoked to each; their units are noise."""
    yoked = {"rescorla_wagner": REFERENCE_AGENTS_VOLATILITY["rescorla_wagner"]}
    task, tosser = Volatility(n_trials=30), REFERENCE_AGENTS_VOLATILITY["random"]
    made = record(task, tosser, n_episodes=40, seed=0, networks=(0, 1), yoked=yoked)
    return made.assign(hidden=(STEPS, np.random.default_rng(0).normal(size=(*made["action"].shape, 5))))


@pytest.fixture(scope="module")
def planted(lived):
    """The first unit encodes the side chosen two trials ago, the second one a value; the others are noise."""
    hidden = lived["hidden"].copy()
    hidden[..., 0] += 3 * unit_tables.previous(unit_tables.side(lived), 2).fillna(0).values
    hidden[..., 1] -= 9 * learner_signatures(lived, "rescorla_wagner")["right − left value"].values
    return {"trained": lived.assign(hidden=hidden), "untrained": lived}


def signatures(recording, phase):
    computed = learner_signatures(recording, "rescorla_wagner", phase)
    return {name: computed[name] for name in ("last action", "right − left value")}


def test_strength_is_the_median_over_units_whatever_their_sign():
    partial = xr.DataArray(np.random.default_rng(0).uniform(-1, 1, (3, 5, 2)), dims=("subject", "unit", "regressor"))
    result = xr.Dataset({"partial_correlation": partial, "p_significant": partial.isel(unit=0)})
    got = unit_tables.strength(result)["partial_correlation"]
    np.testing.assert_allclose(got, np.median(np.abs(partial.values), axis=1))


def test_a_planted_value_is_found_in_trained_units_only(planted):
    got = unit_tables.encoding(planted, signatures, ["rescorla_wagner"])
    found = got["encoding"].sel(regressor="right − left value").isel(phase=0)
    assert (found["fraction"].sel(who="trained") >= 0.2).all()
    assert (found["fraction"].sel(who="untrained") == 0).all()
    for control in ("untrained", "shuffled"):
        assert (found["unique"].sel(who="trained") > 5 * found["unique"].sel(who=control)).all()
    assert got["units"]["partial_correlation"].sel(unit=1, regressor="right − left value").item() < -0.5


def test_the_number_of_the_trial_alone_is_no_signature(lived):
    noise = np.random.default_rng(1).normal(size=lived["action"].shape)
    drifted = lived.assign(hidden=lived["hidden"] + xr.DataArray(np.arange(30.0), dims="step"))

    def drifting(recording, phase):
        computed = signatures(recording, phase)
        trend = xr.DataArray(noise + np.arange(30), dims=(*STEPS[:2], "trial"))
        return {**computed, "trend": trend + 0 * computed["last action"]}

    got = unit_tables.encoding({"trained": drifted, "untrained": drifted}, drifting, [])["encoding"]
    assert (got["partial_correlation"].sel(regressor="trend") < 0.1).all()


def test_a_past_choice_is_decoded_at_its_lag(planted, monkeypatch):
    monkeypatch.setattr(unit_tables, "LAGS", (1, 2))
    got = unit_tables.past_decoding(planted, every=2)["score"]
    assert (got.sel(who="trained", past="choice", lag=2) > 0.9).all()
    for other in ({"who": "untrained"}, {"lag": 1}, {"past": "reward"}):
        assert (abs(got.sel(other) - 0.5) < 0.2).all()


def test_numbers_are_decoded(planted):
    got = unit_tables.target_decoding(planted, lambda made: signatures(made, "choice"), every=2)
    value = got["score"].sel(target="right − left value")
    assert (value.sel(who="trained") > 0.5).all()
    assert (value.sel(who="untrained") < 0.1).all()
    assert (got["chance"] < 0.1).all()


def test_some_trials_after_the_longest_lag_are_kept():
    kept = unit_tables.thinned(xr.DataArray(np.arange(30.0), dims="trial"), every=5)
    assert kept.values[np.isfinite(kept.values)].tolist() == [14, 19, 24, 29]


def test_where_nothing_was_chosen_nothing_was_won(lived):
    lost = lived.copy()
    lost["action"] = xr.full_like(lived["action"], 2)
    assert unit_tables.won(lost).isnull().all()
    np.testing.assert_array_equal(unit_tables.won(lived), lived["reward"])
