import numpy as np
import xarray as xr

from analyses import figS_geometry_foraging as figure
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging


def test_conditions_are_the_last_trial_and_the_richer_arm():
    task = Foraging(n_trials=40, p_left=((0.0, 0.5),))
    lived = record(task, REFERENCE_AGENTS_FORAGING["random"], n_episodes=5, seed=0, networks=(0, 1))
    got = figure.factors(lived)
    assert list(got) == ["choice", "reward", "richer arm"]
    np.testing.assert_array_equal(got["choice"][..., 1:], 2.0 * lived["action"].values[:, :, 1:-1:2] - 1)
    np.testing.assert_array_equal(got["reward"][..., 1:], lived["reward"].values[:, :, 1:-1:2])


def test_parallelism_is_compared_with_random_positions():
    coords = {"subject": [0, 1], "dichotomy": ["richer arm", "choice"], "draw": [0, 1]}
    made = xr.Dataset(
        {
            "parallelism": (("subject", "dichotomy"), [[0.8, 1], [0.7, 1]]),
            "parallelism_null": (("subject", "draw"), [[0.0, 0.2], [0.1, 0.3]]),
        },
        coords,
    )
    np.testing.assert_allclose(figure.parallel({"dichotomies": made}), [0.7, 0.5])
