import numpy as np

from analyses import figS_geometry_volatility as figure
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility


def test_conditions_are_the_last_trial_and_whether_the_world_is_volatile():
    task = Volatility(n_trials=40, schedule="volatile_first")
    lived = record(task, REFERENCE_AGENTS_VOLATILITY["random"], n_episodes=5, seed=0)
    got = figure.factors(lived)
    assert list(got) == ["choice", "reward", "volatile"]
    np.testing.assert_array_equal(got["volatile"], lived["volatile"])


def test_both_orders_are_joined_with_the_first_episodes_of_each():
    task = Volatility(n_trials=40, schedule="volatile_first")

    class Recorded:
        def recording(self, name):
            assert name in ("units_stable_first_untrained", "units_volatile_first_untrained")
            return record(task, REFERENCE_AGENTS_VOLATILITY["random"], n_episodes=70, seed=0)

    assert figure.both_orders(Recorded(), "_untrained").sizes["episode"] == 120
