import numpy as np
import pytest
import xarray as xr
from scipy.signal import lfilter

from pfc_metarl.measures import across_subjects, autocorrelation, intrinsic_timescale
from pfc_metarl.settings import BadInput
from tests.handmade import recording

EPISODES, TRIALS = 120, 60


def decaying(taus, n_networks=1, n_episodes=EPISODES, n_times=TRIALS, seed=0):
    """AR(1) of variance 1, whose autocorrelation is exp(-lag / tau); one unit for each tau."""
    rng = np.random.default_rng(seed)
    units = []
    for tau in taus:
        kept, warm = np.exp(-1 / tau), int(10 * tau) + 10
        innovations = rng.normal(size=(n_networks, n_episodes, n_times + warm)) * np.sqrt(1 - kept**2)
        units.append(lfilter([1], [1, -kept], innovations)[..., warm:])
    return np.stack(units, axis=-1)


def lived(activity, outcome=-1.0):
    """A recording of trials with two phases, a step each; at the second, units do the opposite of what is given."""
    both = np.stack([activity, outcome * activity], axis=3).reshape(*activity.shape[:2], -1, activity.shape[-1])
    step = np.broadcast_to(np.arange(both.shape[2]), both.shape[:3])
    return recording(["choice", "outcome"], trial=step // 2, phase=step % 2, hidden=both, rpe=both[..., 0])


TAUS = (1.5, 4, 10)


@pytest.fixture(scope="module")
def planted():
    return lived(decaying(TAUS, n_networks=6))


@pytest.fixture(scope="module")
def found(planted):
    return intrinsic_timescale(planted)


def test_planted_timescales_are_found(found):
    assert found["timescale"].dims == ("subject", "unit")
    assert found["valid"].all()
    np.testing.assert_allclose(found["timescale_trials"].mean("subject"), TAUS, rtol=0.1)
    np.testing.assert_allclose(found["amplitude"].mean("subject"), 1, atol=0.1)
    assert (abs(found["offset"].mean("subject")) < 0.05).all()
    assert (found["r_squared"] > 0.8).all()
    assert found["r_squared"].median() > 0.95
    assert found.attrs["steps_per_trial"] == 2


def test_a_timescale_is_given_in_steps_trials_and_seconds(planted, found):
    np.testing.assert_allclose(found["timescale"], 2 * found["timescale_trials"])
    np.testing.assert_allclose(found["timescale_seconds"], 0.1 * found["timescale"])
    np.testing.assert_allclose(found["median_timescale"], found["timescale"].median("unit"))
    one = planted.isel(network=[0])
    slow = intrinsic_timescale(one, step_seconds=0.5)["timescale_seconds"]
    np.testing.assert_allclose(slow, 5 * found["timescale_seconds"].isel(subject=[0]))
    lags = autocorrelation(one, max_lag=7)
    assert lags["lag"].values.tolist() == list(range(8))
    np.testing.assert_allclose(lags["steps"], 2 * lags["trials"])
    np.testing.assert_allclose(lags["seconds"], 0.2 * lags["lag"])


def test_standard_errors_are_the_spread_of_networks():
    many = intrinsic_timescale(lived(decaying((3,), n_networks=25, n_episodes=30, n_times=40)))
    spread = many["timescale"].std("subject", ddof=1)
    np.testing.assert_allclose(many["standard_error"].mean("subject"), spread, rtol=0.4)


def test_independent_noise_reduces_the_amplitude_and_not_the_timescale():
    signal = decaying((5, 5), n_networks=4, n_episodes=200)
    noisy = signal + np.random.default_rng(2).normal(size=signal.shape)
    got = intrinsic_timescale(lived(noisy)).mean(("subject", "unit"))
    np.testing.assert_allclose(got["amplitude"], 0.5, atol=0.05)
    np.testing.assert_allclose(got["timescale_trials"], 5, rtol=0.12)


def test_by_step_units_that_change_sign_with_the_phase_have_no_timescale(planted):
    one = planted.isel(network=[0])
    jumping = autocorrelation(one, by="step")["correlation"].sel(unit=2)
    assert jumping.sel(lag=2) > 0.8
    assert jumping.sel(lag=1) < -0.8
    got = intrinsic_timescale(one, by="step")
    assert set(got["reason"].values.ravel()) == {"its activity does not predict the next step"}
    assert got["timescale"].isnull().all()


def test_by_step_a_steady_unit_has_the_timescale_of_its_steps():
    smooth = decaying((6,), n_networks=3)[..., 0]
    step = np.broadcast_to(np.arange(TRIALS), smooth.shape)
    made = recording(["choice"], trial=step, phase=0 * step, hidden=smooth[..., None])
    by_step, by_trial = (intrinsic_timescale(made, by=by) for by in ("step", "trial"))
    np.testing.assert_allclose(by_step["timescale"].mean(), 6, rtol=0.15)
    xr.testing.assert_allclose(by_step.drop_attrs(), by_trial.drop_attrs())


def test_a_phase_is_chosen_by_its_name():
    fast, slow = decaying((1, 12), seed=3)[..., 0], decaying((1, 12), seed=4)[..., 1]
    step = np.broadcast_to(np.arange(2 * TRIALS), (1, EPISODES, 2 * TRIALS))
    hidden = np.stack([fast, slow], axis=-1).reshape(1, EPISODES, -1, 1)
    made = recording(["choice", "outcome"], trial=step // 2, phase=step % 2, hidden=hidden)
    first, second = (intrinsic_timescale(made, phase=phase)["timescale_trials"] for phase in ("choice", "outcome"))
    assert first < 1.5
    assert second > 8
    xr.testing.assert_identical(intrinsic_timescale(made), intrinsic_timescale(made, phase="choice"))


def test_white_noise_has_no_timescale():
    noise = np.random.default_rng(5).normal(size=(4, 60, 40, 12))
    got = intrinsic_timescale(lived(noise))
    assert got["valid"].mean() < 0.06
    reasons = set(got["reason"].values[~got["valid"].values])
    assert reasons == {"its activity does not predict the next trial"}
    assert got["timescale"].isnull().equals(~got["valid"])
    assert got["n_units"].values.tolist() == got["valid"].sum("unit").values.tolist()


def test_what_cannot_be_fitted_gets_a_reason_and_no_number():
    activity = decaying((3,) * 5, n_networks=2)
    activity[..., 1] = 0.4
    activity[..., 2] = activity[:, :, :1, 2]
    activity[..., 3] = np.arange(TRIALS)
    activity[..., 4] = np.random.default_rng(6).normal(size=(2, EPISODES, TRIALS)).cumsum(axis=2)
    got = intrinsic_timescale(lived(activity))
    assert (
        got["reason"].values.tolist()
        == [
            [
                "",
                "its activity never changes",
                "its decay is slower than 30 trials can show",
                "its activity differs between episodes at too few trials",
                "its decay is slower than 30 trials can show",
            ]
        ]
        * 2
    )
    numbers = ("timescale", "standard_error", "amplitude", "offset", "r_squared")
    for name in numbers:
        assert got[name].notnull().values.tolist() == [[True, False, False, False, False]] * 2
    correlation = autocorrelation(lived(activity))["correlation"]
    assert correlation.isnull().all("lag").values.tolist() == [[False, True, False, True, False]] * 2


def test_dopamine_has_no_units(planted):
    two = planted.isel(network=[0, 1])
    got = intrinsic_timescale(two, "rpe")
    assert got["timescale"].dims == ("subject",)
    np.testing.assert_allclose(got["timescale"], intrinsic_timescale(two)["timescale"].sel(unit=0))
    np.testing.assert_allclose(got["median_timescale"], got["timescale"])


def test_results_are_tidy_and_go_across_subjects(found):
    summary = across_subjects(found)
    np.testing.assert_allclose(
        summary["median_timescale"].sel(statistic="mean"), found["median_timescale"].mean("subject")
    )
    table = found.to_dataframe().reset_index()
    assert len(table) == found["timescale"].size
    assert {"subject", "unit", "timescale", "timescale_trials", "r_squared", "reason"} <= set(table)


def test_the_two_step_world_has_the_timescale_of_its_reversals(reference_agent):
    # The good state swaps with probability 0.025 a trial: its autocorrelation is (1 - 2 * 0.025)^lag.
    observer = reference_agent("latent_state")
    expected = -1 / np.log(0.95)
    world = intrinsic_timescale(observer, "good_state", max_lag=40)
    belief = intrinsic_timescale(observer, "action_value", max_lag=40)
    np.testing.assert_allclose(world["timescale_trials"], expected, rtol=0.4)
    np.testing.assert_allclose(belief["timescale_trials"], expected, rtol=0.4)
    random = intrinsic_timescale(reference_agent("random"), "action", max_lag=40)
    assert not random["valid"].any()


@pytest.mark.parametrize("measure", [autocorrelation, intrinsic_timescale])
@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda made: {}, {}, "Expected a recording, not dict"),
        (lambda made: made, {"variable": "cell"}, "variable = 'cell': the recording has none"),
        (lambda made: made, {"phase": "reward"}, "phase = 'reward': the recording has no such phase; it has choice"),
        (lambda made: made, {"by": "step", "phase": "choice"}, "phase = 'choice': steps of all phases count"),
        (lambda made: made, {"by": "second"}, "by = 'second': must be"),
        (lambda made: made.isel(episode=[0]), {}, "A correlation over 1 episode says nothing; record at least 5"),
        (lambda made: made.assign(hidden=made["hidden"].where(made["hidden"] < 2)), {}, "'hidden' .* not finite"),
        (lambda made: made.isel(step=slice(18)), {}, "Episodes of 9 trials are too short; it takes at least 10"),
        (lambda made: made.isel(step=slice(9)), {"by": "step"}, "Episodes of 9 steps are too short"),
        (lambda made: made, {"max_lag": 60}, "max_lag = 60: must be from 5 to 59"),
        (lambda made: made, {"max_lag": 4}, "max_lag = 4: must be from 5 to 59"),
        (lambda made: made, {"step_seconds": -1}, "step_seconds = -1: must be above 0"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(planted, measure, change, options, said):
    with pytest.raises(BadInput, match=said):
        measure(change(planted.isel(network=[0])), **options)
