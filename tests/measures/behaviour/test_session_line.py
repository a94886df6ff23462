import numpy as np

from pfc_metarl.measures.behaviour.session_line import lines, of_options, reasons


def clr(values):
    """Values [session, option] less their mean over options."""
    return values - values.mean(axis=1, keepdims=True)


def test_sessions_without_a_value_do_not_count():
    rng = np.random.default_rng(0)
    x = clr(rng.normal(size=(5, 3)))
    y = 2 * x + [0.1, 0.2, -0.3]
    x[1], y[4] = np.nan, np.nan
    found = {name: values[0] for name, (_, values) in lines(x[None], y[None]).items()}
    np.testing.assert_allclose(found["slope"], 2)
    np.testing.assert_allclose(found["intercept"], [0.1, 0.2, -0.3])


def test_the_standard_error_of_a_slope_is_that_of_repeated_samples():
    rng = np.random.default_rng(1)
    x = clr(rng.normal(size=(8, 4)))
    y = np.stack([0.5 * x + clr(rng.normal(size=x.shape)) for _ in range(3000)])
    found = lines(np.broadcast_to(x, y.shape), y)
    slope, error = found["slope"][1], found["standard_error"][1]
    np.testing.assert_allclose((error**2).mean(), slope.var(), rtol=0.08)
    np.testing.assert_allclose(slope.mean(), 0.5, atol=0.02)


def test_few_sessions_and_sessions_that_offer_the_same_have_no_line():
    x = np.array([[[-1.0, 1.0]] * 4, [[-1.0, 1.0], [0.0, 0.0], [np.nan] * 2, [np.nan] * 2]])
    slope = lines(x, x)["slope"][1]
    assert np.isnan(slope).all()
    got = reasons(slope, np.isfinite(x).all(axis=2), "with a choice")
    assert got.tolist() == ["all its sessions offer the same", "fewer than 3 sessions with a choice"]


def test_two_options_are_one_variable():
    values = np.full((2, 3, 2), [0.25, 0.75])
    dims, of_two, _ = of_options(("subject", "session", "option"), values)
    assert dims == ("subject", "session")
    assert (of_two == 0.75).all()
    assert of_options(("subject", "option"), np.zeros((2, 3)))[0] == ("subject", "option")
