import numpy as np
import pytest
from neurodsp.aperiodic import compute_irasa, fit_irasa
from neurodsp.sim import sim_oscillation, sim_powerlaw
from scipy.stats import binomtest

from pfc_metarl.measures import across_subjects, aperiodic_exponent, power_spectrum
from pfc_metarl.measures.units import spectrum as module
from pfc_metarl.settings import BadInput
from tests.handmade import recording

EPISODES, STEPS = 40, 120
PHASES = ["cue", "choice", "outcome", "rest"]


def lived(activity, n_phases=2, **more):
    """A recording with given activity [network, episode, step, unit]; each phase lasts one step."""
    step = np.broadcast_to(np.arange(activity.shape[2]), activity.shape[:3])
    time = {"trial": step // n_phases, "phase": step % n_phases}
    return recording(PHASES[:n_phases], **time, hidden=activity, rpe=activity[..., 0], **more)


def noise(seed, n_networks=2, n_units=3, n_episodes=EPISODES):
    return np.random.default_rng(seed).normal(size=(n_networks, n_episodes, STEPS, n_units))


def powerlaw(exponent, n_units=8, n_episodes=EPISODES):
    np.random.seed(0)  # noqa: NPY002 neurodsp draws from the global generator
    long = [sim_powerlaw(2 * n_episodes * STEPS, 1, exponent=-exponent) for _ in range(n_units)]
    return np.moveaxis(np.array(long)[:, : n_episodes * STEPS].reshape(1, n_units, n_episodes, STEPS), 1, -1)


def oscillation(per_step):
    return sim_oscillation(STEPS, 1, per_step)[None, None, :, None]


@pytest.mark.parametrize("n_phases", [1, 2, 4])
@pytest.mark.parametrize("per_step", [1 / 20, 1 / 5, 1 / 3])
def test_a_planted_rhythm_is_found_at_its_frequency(n_phases, per_step):
    made = lived(noise(0) + 1.5 * oscillation(per_step), n_phases)
    got = power_spectrum(made, without_trial_mean=False)
    assert got["power"].dims == ("subject", "unit", "frequency")
    assert got.attrs["steps_per_trial"] == n_phases
    np.testing.assert_allclose(got["power"].idxmax("frequency"), per_step * n_phases, atol=1e-9)
    np.testing.assert_allclose(got["hertz"], 10 * got["frequency"] / n_phases)
    slower = power_spectrum(made, without_trial_mean=False, step_seconds=0.5)
    np.testing.assert_allclose(slower["hertz"], got["hertz"] / 5)


def test_power_adds_up_to_variance_and_is_flat_in_noise():
    made = lived(3 * noise(1, n_episodes=200))
    got = power_spectrum(made)
    width = float(got["frequency"][0])
    np.testing.assert_allclose(got["power"].sum("frequency") * width, 9, rtol=0.05)
    inner = got.isel(frequency=slice(1, -1))  # what the mean of a segment takes out, and what has no other side
    density = 9 / got["frequency"].values[-1]
    far = abs(inner["power"] - density) > 2 * inner["power_sem"]
    assert binomtest(int(far.sum()), far.size, 0.05).pvalue > 1e-4
    assert got.attrs["n_episodes"] == 200


def test_trial_locked_activity_is_a_peak_that_is_removed_on_request():
    planted = noise(2) + np.tile([4.0, -1.0, 0.0, 0.0], STEPS // 4)[:, None]
    raw, clean = (power_spectrum(lived(planted, 4), without_trial_mean=asked) for asked in (False, True))
    peaks = {"frequency": [1.0, 2.0]}
    others = [f for f in raw["frequency"].values if abs(f - round(f)) > 0.1]
    assert (raw["power"].sel(peaks, method="nearest") > 20 * clean["power"].sel(peaks, method="nearest")).all()
    assert clean["power"].sel(peaks, method="nearest").max() < 3 * clean["power"].mean()
    np.testing.assert_allclose(clean["power"].sel(frequency=others), raw["power"].sel(frequency=others), rtol=0.3)
    untouched = power_spectrum(lived(noise(2), 4))
    np.testing.assert_allclose(clean["power"], untouched["power"], rtol=1e-4)


def test_the_mean_is_taken_at_each_phase_where_trials_differ_in_length():
    rng = np.random.default_rng(3)
    phase = np.array([[0] * n + [1] for n in rng.integers(1, 5, size=400)], dtype=object)
    phase = np.concatenate(phase).astype(int)[:720].reshape(6, STEPS)
    trial = np.cumsum(np.diff(phase, axis=1, prepend=phase[:, :1]) == -1, axis=1)
    hidden = np.where(phase == 1, 5.0, 0.0)[..., None] + 0.1 * noise(3, 1, 1, 6)[0]
    made = recording(PHASES[:2], trial=trial, phase=phase, hidden=hidden)
    got = power_spectrum(made)
    assert got.attrs["steps_per_trial"] == pytest.approx(720 / (trial[:, -1] + 1).sum())
    variance = got["power"].sum("frequency") * got["frequency"][0]
    np.testing.assert_allclose(variance, 0.01, rtol=0.1)


def test_ends_of_episodes_never_join():
    planted = noise(4, 1, 1)
    jumps = planted + 50 * np.random.default_rng(5).normal(size=(1, EPISODES, 1, 1))
    for segment in (None, 40):
        got = [
            power_spectrum(lived(x), without_trial_mean=False, steps_per_segment=segment)
            for x in (planted, jumps, planted[:, ::-1])
        ]
        np.testing.assert_allclose(got[1]["power"], got[0]["power"], rtol=1e-3)
        np.testing.assert_allclose(got[2]["power"], got[0]["power"])
    assert got[0].sizes["frequency"] == 20


def test_standard_errors_are_those_of_episodes():
    made = lived(noise(6, 60, 1))
    got = power_spectrum(made)["power"].sel(unit=0).isel(frequency=slice(2, -2))
    sem = power_spectrum(made)["power_sem"].sel(unit=0).isel(frequency=slice(2, -2))
    np.testing.assert_allclose(sem.mean(), got.std("subject", ddof=1).mean(), rtol=0.1)
    once = power_spectrum(made.isel(episode=[0]), without_trial_mean=False)
    assert once["power_sem"].isnull().all()
    assert once["power"].notnull().all()


def test_dopamine_has_no_units():
    made = lived(noise(7))
    got = power_spectrum(made, "rpe")
    assert got["power"].dims == ("subject", "frequency")
    np.testing.assert_allclose(got["power"], power_spectrum(made)["power"].sel(unit=0))
    exponent = aperiodic_exponent(made, "rpe")
    assert exponent["exponent"].dims == ("subject",)
    np.testing.assert_allclose(exponent["median_exponent"], exponent["exponent"])


@pytest.mark.parametrize("planted", [0, 0.5, 1, 1.5, 2])
def test_planted_exponents_are_found(planted):
    got = aperiodic_exponent(lived(powerlaw(planted)))
    np.testing.assert_allclose(got["exponent"], planted, atol=0.3)
    np.testing.assert_allclose(got["median_exponent"], planted, atol=0.08, rtol=0.06)  # IRASA is too steep
    spread = got["exponent"].std("unit", ddof=1)
    np.testing.assert_allclose(got["standard_error"].mean("unit"), spread, rtol=0.8)
    if planted:
        assert (got["r_squared"] > 0.9).all()


def test_in_white_noise_the_spectrum_is_flat():
    got = aperiodic_exponent(lived(noise(8, 4, 10)))
    assert abs(got["exponent"].mean()) < 0.05
    far = abs(got["exponent"]) > 2.26 * got["standard_error"]  # t with 9 degrees of freedom, two-sided 0.05
    assert binomtest(int(far.sum()), far.size, 0.05).pvalue > 0.001


def test_a_rhythm_hardly_changes_the_exponent():
    def by_line(made):
        power = power_spectrum(made, without_trial_mean=False, steps_per_segment=63)["power"].sel(subject=0)
        fitted = power.sel(frequency=slice(0.06, 0.51))
        return -np.median([fit_irasa(fitted["frequency"].values, of_unit)[1] for of_unit in fitted.values])

    pair = [lived(x) for x in (powerlaw(1), powerlaw(1) + 0.5 * oscillation(0.2))]
    plain, rhythmic = (aperiodic_exponent(made)["median_exponent"].item() for made in pair)
    assert abs(rhythmic - plain) < 0.2
    assert abs(by_line(pair[1]) - by_line(pair[0])) > 0.5


def test_resampling_as_a_product_is_what_neurodsp_does():
    rows = np.moveaxis(powerlaw(1, 2, 3)[0], -1, 0)
    rows = rows - rows.mean(axis=-1, keepdims=True)
    frequency, at_once = module._aperiodic(rows, 2.0, 63)
    all_frequencies, one_by_one, _ = compute_irasa(rows, 2.0, nperseg=63, noverlap=31)
    np.testing.assert_allclose(frequency, all_frequencies[2:16])
    np.testing.assert_allclose(at_once, one_by_one[..., 2:16], rtol=1e-4)  # in four bytes
    np.testing.assert_allclose(frequency[[0, -1]] / 2, [2 / 63, 15 / 63])


def test_many_units_are_resampled_in_parts(monkeypatch):
    made = lived(noise(9, 1, 5))
    whole = aperiodic_exponent(made)
    monkeypatch.setattr(module, "UNITS_AT_ONCE", 2)
    np.testing.assert_allclose(aperiodic_exponent(made)["exponent"], whole["exponent"], atol=1e-7)


@pytest.mark.parametrize("measure", [power_spectrum, aperiodic_exponent])
def test_a_silent_unit_gets_a_reason_and_no_number(measure):
    planted = noise(10)
    planted[0, ..., 1] = 0.7
    planted[1, ..., 2] = np.tile([0.3, 0.9], STEPS // 2)
    got = measure(lived(planted))
    expected = [["", "its activity never changes but with the trial", ""]] * 2
    expected[1] = [expected[0][0], "", expected[0][1]]
    assert got["reason"].values.tolist() == expected
    first = next(iter(got.data_vars))
    assert got[first].isnull().any(got[first].dims[2:]).values.tolist() == [[False, True, False], [False, False, True]]
    assert got["n_units"].values.tolist() == [2, 2]
    others = measure(lived(noise(10)))[first].sel(subject=0, unit=0)
    np.testing.assert_allclose(got[first].sel(subject=0, unit=0), others)


def test_results_are_tidy_and_go_across_subjects():
    got = power_spectrum(lived(noise(11)))
    summary = across_subjects(got)["power"]
    np.testing.assert_allclose(summary.sel(statistic="mean"), got["power"].mean("subject"))
    assert (summary.sel(statistic="n") == 2).all()
    table = got.to_dataframe().reset_index()
    assert len(table) == got["power"].size
    assert {"subject", "unit", "frequency", "hertz", "power", "power_sem", "reason"} <= set(table)
    exponents = aperiodic_exponent(lived(noise(11)))
    assert across_subjects(exponents)["median_exponent"].sel(statistic="n") == 2
    assert len(exponents.to_dataframe()) == 6


@pytest.mark.parametrize("measure", [power_spectrum, aperiodic_exponent])
@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda made: {}, {}, "Expected a recording, not dict"),
        (lambda made: made, {"variable": "cell"}, "variable = 'cell': the recording has none"),
        (lambda made: made.drop_vars("trial"), {}, "no variable 'trial'"),
        (lambda made: made.assign(hidden=made["hidden"].where(made["step"] != 3)), {}, "'hidden' .* not finite"),
        (lambda made: made.assign(odd=made["rpe"].isel(step=0)), {"variable": "odd"}, "variable = 'odd': its dims"),
        (lambda made: made.isel(step=slice(6)), {}, "Episodes of 6 steps"),
        (lambda made: made, {"step_seconds": 0}, "step_seconds = 0: must be above 0"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(measure, change, options, said):
    made = lived(noise(12, 1, 1, 2)).assign_coords(step=np.arange(STEPS))
    with pytest.raises(BadInput, match=said):
        measure(change(made), **options)


def test_too_short_episodes_are_refused():
    made = lived(noise(12, 1, 1, 2))
    with pytest.raises(BadInput, match=r"steps_per_segment = 121: must be from 8 to 120"):
        power_spectrum(made, steps_per_segment=121)
    with pytest.raises(BadInput, match=r"Episodes of 50 steps are too short for an exponent; it takes about 60"):
        aperiodic_exponent(made.isel(step=slice(50)))
    assert aperiodic_exponent(made.isel(step=slice(60)))["valid"].all()
