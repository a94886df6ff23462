import pytest

from pfc_metarl.experiments import arms, bandit_correlated
from pfc_metarl.experiments.bandit_independent import EXPERIMENT
from pfc_metarl.models.exact_regret import exact_regret

AS_NAMED_THERE = {
    "independent": "independent",
    "uniform": None,
    "easy": (0.1, 0.9),
    "medium": (0.25, 0.75),
    "hard": (0.4, 0.6),
}


@pytest.mark.parametrize("name", arms.ARMS)
def test_the_optima_are_exact(name):
    kind = AS_NAMED_THERE[name]
    own = exact_regret("independent" if name == "independent" else None, kind)
    assert float(arms.OPTIMA[name]) == pytest.approx(own[-1], abs=6e-3)


@pytest.mark.parametrize("name", arms.ARMS)
def test_a_probe_has_the_arms_of_its_name(name):
    task = arms.probes()[f"arms_{name}"].task(EXPERIMENT.task, f"arms_{name}")
    p_first = AS_NAMED_THERE[name] if isinstance(AS_NAMED_THERE[name], tuple) else ()
    assert (task.arms, task.p_first) == ("independent" if name == "independent" else "correlated", p_first)


@pytest.mark.parametrize("name", ["easy", "medium", "hard"])
def test_a_cohort_is_tested_longest_on_the_arms_of_its_training(name):
    probes = bandit_correlated.VARIANTS[f"bandit_correlated_{name}"].probes
    longest = max((probe for probe in probes if probe.startswith("arms_")), key=lambda probe: probes[probe].episodes)
    assert longest == f"arms_{name}"
