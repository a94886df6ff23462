import numpy as np
import xarray as xr

from analyses import fig1_bandit, style
from pfc_metarl.measures import principal_components
from tests.handmade import bandit_recording


def regret(final):
    rising = np.linspace(0, 1, 11)[1:] * np.asarray(final)[:, None]
    data = {"cumulative_regret": (("subject", "trial"), rising), "regret": ("subject", rising[:, -1])}
    p_suboptimal = np.broadcast_to(np.linspace(0.5, 0.1, 10), rising.shape)
    return xr.Dataset({**data, "p_suboptimal": (("subject", "trial"), p_suboptimal)}, {"trial": np.arange(10)})


def test_regret_is_drawn_as_means_and_trials_from_one(ax):
    reference_agents = {name: regret([5.0, 7.0]) for name in fig1_bandit.REFERENCE_AGENTS}
    fig1_bandit.draw_regret(style.stacked({"correlated": regret([1.0, 2.0, 3.0]), **reference_agents}, "who"), ax=ax)
    lines = {line.get_label(): line for line in ax.lines}
    assert len(lines) == 5
    np.testing.assert_allclose(lines["trained on correlated arms"].get_ydata()[[0, -1]], [0.2, 2.0])
    np.testing.assert_allclose(lines["UCB, χ = 1"].get_ydata()[-1], 6)
    assert lines["UCB, χ = 1"].get_xdata()[0] == 1


def test_the_figure_shows_the_better_arm_in_both_problems(ax):
    easy = style.stacked({"independent": regret([1.0, 2.0]), "correlated": regret([1.0, 3.0])}, "who")
    fig1_bandit.draw_better_arm(
        {".25/.75": easy, ".6/.4": easy.assign(p_suboptimal=0 * easy["p_suboptimal"] + 0.3)}, ax
    )
    curves = [line for line in ax.lines if len(line.get_xdata())]
    assert [line.get_linestyle() for line in curves] == ["-", "-", "--", "--"]
    np.testing.assert_allclose(curves[0].get_ydata()[[0, -1]], [0.5, 0.9])
    np.testing.assert_allclose(curves[2].get_ydata(), 0.7)
    assert curves[0].get_label() == "independent arms (n = 2)"


def test_the_difference_has_its_sign(ax):
    both = style.stacked({"a": regret([3.0, 3.0, 3.3]), "b": regret([1.0, 1.1, 1.2])}, "who")
    fig1_bandit.write_test("a − b", both, "a", "b", ax=ax)
    (text_shown,) = [text.get_text() for text in ax.texts]
    assert text_shown.startswith("a − b\n10 trials: 2.00, t(2) = 34.6, p = ")


def test_paths_and_ends_are_the_scores(ax):
    rng = np.random.default_rng(0)
    p_left = np.repeat([0.1, 0.9], 5)
    test = bandit_recording(p_left, rng.normal(size=(10, 4, 6)))
    found = fig1_bandit.components(test)
    score = principal_components(test, "choice")["score"].values[0]
    fig1_bandit.draw_trajectories(found, ax=ax)
    paths = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 4]
    np.testing.assert_allclose(paths[:2], [score[:5].mean(0)[:, :2], score[5:].mean(0)[:, :2]])
    nearest = [5, 0, 0, 0]  # the first problem with .9 for .99; one with .1 for .46, .33 and .01
    np.testing.assert_allclose(paths[2:], score[nearest, :, :2])
    assert ax.get_xlabel().startswith("PC 1 (")
    fig1_bandit.draw_ends(found, ax=ax)
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), score[:, -1, :2])
    np.testing.assert_allclose(ax.collections[-1].get_array(), p_left)
