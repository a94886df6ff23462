import dataclasses

from pfc_metarl.experiments import bandit_independent
from pfc_metarl.experiments.bandit_correlated import EXPERIMENT


def test_arms_are_correlated_and_all_else_is_the_same():
    original = bandit_independent.EXPERIMENT
    assert EXPERIMENT.task == dataclasses.replace(original.task, arms="correlated")
    for name in ("network", "networks", "probes", "measures"):
        assert getattr(EXPERIMENT, name) == getattr(original, name)
    labels = [[headline.label for headline in made.headlines] for made in (EXPERIMENT, original)]
    assert labels[0] == labels[1]


def test_both_are_tested_on_the_same_problem():
    quarters = [
        made.probes["quarter"].task(made.task, "quarter") for made in (EXPERIMENT, bandit_independent.EXPERIMENT)
    ]
    assert quarters[0] == quarters[1]
