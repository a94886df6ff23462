import dataclasses

import pytest

from pfc_metarl.experiments import bandit_independent
from pfc_metarl.experiments.bandit_correlated import EXPERIMENT, VARIANTS


def test_arms_are_correlated_and_all_else_is_the_same():
    original = bandit_independent.EXPERIMENT
    assert EXPERIMENT.task == dataclasses.replace(original.task, arms="correlated")
    for name in ("network", "networks", "measures"):
        assert getattr(EXPERIMENT, name) == getattr(original, name)
    labels = [[headline.label for headline in made.headlines] for made in (EXPERIMENT, original)]
    assert labels[0] == labels[1]


def test_both_are_tested_on_the_same_problem():
    quarters = [
        made.probes["quarter"].task(made.task, "quarter") for made in (EXPERIMENT, bandit_independent.EXPERIMENT)
    ]
    assert quarters[0] == quarters[1]


# Between the exact optimum that knows of the correlation and the one that ignores it: science sheet, section 9
@pytest.mark.parametrize(
    ("name", "p_first", "optimum", "ignoring"),
    [
        ("uniform", (), 1.2214, 1.5406),
        ("easy", (0.1, 0.9), 0.625, 0.7974),
        ("medium", (0.25, 0.75), 1.0, 1.355),
        ("hard", (0.4, 0.6), 2.3121, 2.9655),
    ],
)
def test_a_criterion_lies_beyond_what_ignoring_the_correlation_gives(name, p_first, optimum, ignoring):
    experiment = EXPERIMENT if name == "uniform" else VARIANTS[f"bandit_correlated_{name}"]
    assert experiment.task.p_first == p_first
    (row,) = [each for each in experiment.headlines if each.criterion is not None]
    assert row.measure == f"regret_{name}"
    assert optimum < row.criterion[1] < ignoring
