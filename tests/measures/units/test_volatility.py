import numpy as np
import pytest

from pfc_metarl.measures import volatility_decoding, volatility_units
from pfc_metarl.settings import BadInput
from tests.handmade import recording

N_EPISODES, N_TRIALS, N_UNITS = 40, 40, 6


def made(rng, orders=(0, 1), gain=1.5):
    """One network; units 0 and 1 follow volatility, unit 2 the clock, unit 3 p, unit 4 the last reward, 5 nothing."""
    order = np.resize(orders, N_EPISODES)[:, None]
    volatile = (np.arange(N_TRIALS) >= N_TRIALS // 2) ^ (order == 1)
    trial = np.broadcast_to(np.arange(N_TRIALS), volatile.shape)
    p_left = np.repeat(rng.choice([0.2, 0.8], (N_EPISODES, N_TRIALS // 10)), 10, axis=1)
    action, reward = rng.integers(2, size=volatile.shape), (rng.random(volatile.shape) < p_left).astype(float)
    hidden = rng.normal(size=(*volatile.shape, N_UNITS)) + rng.normal(size=(N_EPISODES, 1, N_UNITS))
    hidden[..., 0] += gain * volatile
    hidden[..., 1] -= gain * volatile
    hidden[..., 2] += trial / 10
    hidden[..., 3] += 3 * p_left
    hidden[:, 1:, 4] += 3 * reward[:, :-1]
    columns = {"trial": trial, "phase": 0 * trial, "action": action, "reward": reward, "volatile": volatile.astype(int)}
    p_reward = np.stack([p_left, 1 - p_left], -1)
    return recording(["choice"], extra_dims={"p_reward": ("option",)}, hidden=hidden, p_reward=p_reward, **columns)


@pytest.fixture(scope="module")
def planted():
    return made(np.random.default_rng(0))


def test_units_that_follow_volatility_are_found_and_no_others(planted):
    got = volatility_units(planted, every=4)
    assert got["regressor"].values.tolist() == ["volatile", "p_left", "previous_reward", "previous_action"]
    volatile = got.sel(regressor="volatile").isel(subject=0)
    assert volatile["significant"].values.tolist() == [True, True, False, False, False, False]
    assert volatile["partial_correlation"][0] > 0.3
    assert volatile["partial_correlation"][1] < -0.3
    assert volatile["p_significant"].item() == pytest.approx(2 / 6)
    assert (
        got.sel(regressor="p_left").isel(subject=0)["significant"].values.tolist() == [False] * 3 + [True] + [False] * 2
    )
    assert got.sel(regressor="previous_reward").isel(subject=0, unit=4)["partial_correlation"] > 0.3
    assert got["n_trials"].item() == N_EPISODES * N_TRIALS / 4


def test_volatility_is_decoded_in_trials_that_were_not_used_too(planted):
    got = volatility_decoding(planted, every=4)
    assert got["score"].sel(metric="auc").item() > 0.85
    assert (got["p_value"] == 1 / 21).all()
    probability = got["probability"].sel(label=1).values[0]
    assert probability.shape == (N_EPISODES, N_TRIALS)
    volatile = planted["volatile"].values[0] == 1
    assert probability[volatile].mean() > probability[~volatile].mean() + 0.3


def test_nothing_is_found_where_nothing_was_planted():
    noise = made(np.random.default_rng(1), gain=0.0)
    assert not volatility_units(noise, every=4)["significant"].sel(regressor="volatile").any()
    assert abs(volatility_decoding(noise, every=4)["score"].sel(metric="auc") - 0.5) < 0.12


def test_a_clock_is_not_taken_for_volatility():
    one_order = made(np.random.default_rng(2), orders=(0,))
    with pytest.raises(BadInput, match="the same in all episodes"):
        volatility_decoding(one_order)


def test_a_step_below_one_is_refused(planted):
    with pytest.raises(BadInput, match="every = 0"):
        volatility_units(planted, every=0)
    with pytest.raises(BadInput, match="variable = 'volatile'"):
        volatility_decoding(planted.drop_vars("volatile"))
