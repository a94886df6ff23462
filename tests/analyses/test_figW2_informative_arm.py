from analyses import figW2_informative_arm as figure
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models import TargetSearch
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InformativeArm


def pulled(informed):
    task = InformativeArm()
    made = record(task, agent_of(TargetSearch(informed=informed), task), n_episodes=50, seed=0, networks=(0, 1))
    return figure.pulls(trials(made))


def test_the_informed_search_pulls_the_arm_once_and_then_the_target():
    found = pulled(informed=True)
    assert (found["informative"] == [1, 0, 0, 0, 0]).all()
    assert (found["target"] == [0, 1, 1, 1, 1]).all()
    assert (found["reward"] > 20).all()


def test_the_other_search_never_pulls_it():
    found = pulled(informed=False)
    assert (found["informative"] == 0).all()
    assert ((found["target"] + found["other"]) == 1).all()
