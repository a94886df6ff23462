import pytest

from pfc_metarl import A2C, Experiment, Headline, Network, Probe
from pfc_metarl.sweeps.building import sweep_of, terms_of
from pfc_metarl.tasks import Bandit

REWARD = Headline(
    label="reward per trial", measure="reward_test", variable="reward_per_trial", criterion=(0.4, None), expected="0.5"
)


def tiny(**parts):
    """Networks that are trained and recorded in milliseconds."""
    given = {
        "claim": "",
        "task": Bandit(n_trials=5),
        "network": Network(units=4),
        "learner": A2C(updates=2, episodes=2),
        "networks": 2,
        "probes": {"test": Probe(episodes=2)},
        "headlines": (REWARD,),
    }
    return Experiment(**{**given, **parts})


@pytest.fixture
def sweep(tmp_path):
    """Make a sweep in a temporary folder."""

    def made(designs=None, experiments=None, folder="sweep", draws=None, changes=None, **terms):
        designs = {"grid": {"learner.discount": [0.5, 0.9], "network.units": [2, 4]}} if designs is None else designs
        experiments = tiny() if experiments is None else experiments
        return sweep_of(experiments, changes or {}, designs, tmp_path / folder, terms_of(**terms), draws)

    return made
