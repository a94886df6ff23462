import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from analyses import fig1_bandit
from analyses.__main__ import figures, main
from pfc_metarl import simulate

TINY = (
    *("--networks", "2", "--updates", "1", "--workers", "1", "--quiet"),
    *("--set", "task.n_trials=10", "--set", "network.units=4"),
    *("--set", "probes.test.episodes=12", "--set", "probes.quarter.episodes=3"),
)


@pytest.fixture
def ax():
    made, axes = plt.subplots()
    yield axes
    plt.close(made)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    paths = [str(folder / name) for name in ("bandit_independent", "bandit_correlated")]
    for path in paths:
        assert simulate.main([path.rpartition("/")[2], *TINY, "--out", path]) == 0
    return paths


def test_the_figure_is_drawn_from_two_runs(runs, tmp_path, capsys):
    assert "fig1_bandit" in figures()
    given = [part for run in runs for part in ("--run", run)]
    assert main(["fig1_bandit", *given, "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'fig1_bandit.png'}\n{tmp_path / 'fig1_bandit.pdf'}\n"
    assert (tmp_path / "fig1_bandit.pdf").read_bytes().startswith(b"%PDF")
    assert not plt.get_fignums()


def test_one_run_is_not_enough(runs, capsys):
    assert main(["fig1_bandit", "--run", runs[0]]) == 2
    err = capsys.readouterr().err
    assert (
        err == "error: --run: fig1_bandit is drawn from runs/bandit_independent and runs/bandit_correlated; "
        "give --run 2 times.\n"
    )


def regret(final):
    rising = np.linspace(0, 1, 11)[1:] * np.asarray(final)[:, None]
    data = {"cumulative_regret": (("subject", "trial"), rising), "regret": ("subject", rising[:, -1])}
    p_suboptimal = np.broadcast_to(np.linspace(0.5, 0.1, 10), rising.shape)
    return xr.Dataset({**data, "p_suboptimal": (("subject", "trial"), p_suboptimal)}, {"trial": np.arange(10)})


def test_regret_is_drawn_as_means_and_trials_from_one(ax):
    animals = {name: regret([5.0, 7.0]) for name in fig1_bandit.ANIMALS}
    fig1_bandit.draw_regret({"correlated": regret([1.0, 2.0, 3.0])}, animals, ax=ax)
    lines = {line.get_label(): line for line in ax.lines}
    assert len(lines) == 5
    np.testing.assert_allclose(lines["trained on correlated arms"].get_ydata()[[0, -1]], [0.2, 2.0])
    np.testing.assert_allclose(lines["UCB, χ = 1"].get_ydata()[-1], 6)
    assert lines["UCB, χ = 1"].get_xdata()[0] == 1


def test_the_better_arm_is_drawn_not_the_worse(ax):
    fig1_bandit.draw_better_arm({"independent": regret([1.0, 2.0])}, ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata()[[0, -1]], [0.5, 0.9])
    assert ax.lines[0].get_label() == "independent arms (n = 2)"


def test_the_difference_has_its_sign(ax):
    fig1_bandit.write_test("a − b", regret([3.0, 3.0, 3.3]), regret([1.0, 1.1, 1.2]), ax=ax)
    (told,) = [text.get_text() for text in ax.texts]
    assert told.startswith("a − b: 2.00\nt(2) = 34.6, p = ")


def test_choices_are_sorted_by_the_payoff_of_the_left_arm(runs, ax):
    test = fig1_bandit.open_run(runs[1]).recording("test")
    fig1_bandit.draw_choices(test, ax=ax)
    order = np.argsort(test["p_reward"].values[0, :, 0, 0])
    np.testing.assert_array_equal(ax.images[0].get_array(), test["action"].values[0][order])


def test_paths_and_ends_are_the_scores(ax):
    rng = np.random.default_rng(0)
    p_left = np.repeat([0.1, 0.9], 5)
    score = rng.normal(size=(1, 10, 4, 3))
    p_reward = np.broadcast_to(np.stack([p_left, 1 - p_left], -1)[None, :, None], (1, 10, 4, 2))
    dims = ("network", "episode", "trial")
    found = xr.Dataset(
        {
            "score": ((*dims, "component"), score),
            "p_reward": ((*dims, "option"), p_reward),
            "explained_variance": (("network", "component"), [[0.6, 0.3, 0.1]]),
        },
        {"option": ["left", "right"]},
    )
    fig1_bandit.draw_trajectories(found, ax=ax)
    paths = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 4]
    np.testing.assert_allclose(paths, [score[0, :5].mean(0)[:, :2], score[0, 5:].mean(0)[:, :2]])
    assert ax.get_xlabel() == "PC 1 (60 % of variance)"
    fig1_bandit.draw_ends(found, ax=ax)
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), score[0, :, -1, :2])
    np.testing.assert_allclose(ax.collections[-1].get_array(), p_left)
