import numpy as np

from analyses import fig5_two_step
from tests.handmade import recording


def test_the_scatter_removes_the_other_learner(ax):
    rng = np.random.default_rng(0)
    based, free = rng.normal(size=(2, 1, 400))
    phase = np.arange(400)[None] % 2
    signals = {"rpe": 0.5 * based + 3 * free, "rpe_model_based": based + free, "rpe_model_free": free}
    made = recording(["first_stage", "second_stage"], trial=phase * 0, phase=phase, **signals)
    events = fig5_two_step.residual_rpe(made, "model_based", "model_free")
    fig5_two_step.draw_scatter(events, "model_based", "model_free", ax=ax)
    dots, line = ax.lines
    assert len(dots.get_xdata()) == 200
    slope = np.diff(line.get_ydata()) / np.diff(line.get_xdata())
    np.testing.assert_allclose(slope, 0.5, rtol=1e-4)
