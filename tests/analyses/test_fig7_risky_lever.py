import numpy as np
import xarray as xr

from analyses import fig7_risky_lever as fig7
from tests.handmade import recording

SUBJECTS = np.arange(4)


def choices(control, pulse):
    """Risky choices of four networks, the same at both probabilities and for every pulse."""
    conditions = ["control", *fig7.PULSES]
    values = np.stack([control, *[pulse] * 3])
    made = xr.DataArray(values, {"condition": conditions, "subject": SUBJECTS}, ("condition", "subject"))
    return made.expand_dims(p_win=list(fig7.P_WIN))


def test_a_pulse_is_drawn_next_to_its_control_with_its_count(ax):
    choice = choices([0.5, 0.6, 0.7, 0.8], [0.4, 0.5, 0.6, 0.9])
    shift = xr.Dataset({"p_value": 0.04, "n_up": 1, "n_down": 3}).expand_dims(p_win=list(fig7.P_WIN))
    fig7.draw_pulse(choice, shift, "block_risky_win", ax=ax)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["P = 0.04\n1 up, 3 down"] * 2
    means = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "s"]
    np.testing.assert_allclose(means, [65, 60] * 2)
    assert ax.get_title() == "block at risky win  (rats ↓, n = 11)"


def test_doses_begin_at_nothing(ax):
    shift = xr.DataArray(
        np.multiply.outer([0.1, 0.2], np.ones(4)),
        {"magnitude": [1.0, 4.0], "subject": SUBJECTS},
        ("magnitude", "subject"),
    ).expand_dims(p_win=list(fig7.P_WIN), condition=list(fig7.PULSES))
    fig7.draw_doses(shift, ax=ax)
    drawn = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(drawn) == 6
    for line in drawn:
        np.testing.assert_allclose(line.get_ydata(orig=False), [0, 10, 20], atol=1e-6)
        np.testing.assert_allclose(line.get_xdata(orig=False), [0, 1, 4])


def test_what_was_given_is_sorted_by_the_outcome_before():
    """Five trials of two steps: risky win, safe win, risky loss, an invalid response, and the end."""
    phase = np.tile([0, 1], 5)[None]
    made = recording(
        ["fixation", "choice"],
        trial=np.repeat(np.arange(5), 2)[None],
        phase=phase,
        action=np.array([[2, 1, 2, 0, 2, 1, 2, 2, 2, 1]]),
        reward=np.array([[0, 4, 0, 1, 0, 0, 0, -1, 0, 4.0]]),
        risky_side=np.ones((1, 10), int),
        rpe_input=np.array([[0, 0, 3, 0, 0.5, 0, -2, 0, 9, 0.0]]),
    ).assign_coords(network=[0])
    found = fig7.given(made)["rpe_input"]
    assert {str(o): found.sel(outcome=o).item() for o in found["outcome"].values} == {
        "risky win": 3,
        "safe win": 0.5,
        "risky loss": -2,
    }


def test_different_weights_would_be_reported():
    class Changed:
        def summary(self):
            return {"weights_sha256": {"a": "x", "b": "y", "a_untrained": "z"}}

    assert fig7._weights(Changed()) == {"sha256": "x, y", "n_hashes": 2, "n_recordings": 2}
