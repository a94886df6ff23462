import math

import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from pfc_metarl.measures.inference import confidence_interval, null_limit, within
from pfc_metarl.settings import BadInput

RNG = np.random.default_rng(3)
VALUES = RNG.normal(0.5, 0.2, size=9)


def test_two_one_sided_tests_are_those_of_statsmodels():
    expected, *_ = DescrStatsW(VALUES).ttost_mean(0.3, 0.8)
    assert within(VALUES, (0.3, 0.8)) == pytest.approx(expected)


def test_one_bound_is_a_one_sided_test():
    _, expected, _ = DescrStatsW(VALUES).ttest_mean(0.4, alternative="larger")
    assert within(VALUES, (0.4, None)) == pytest.approx(expected)
    assert within(-VALUES, (None, -0.4)) == pytest.approx(expected)
    assert within(VALUES, (None, 0.4)) == pytest.approx(1 - expected)


def test_no_effect_is_no_equivalence():
    few = RNG.normal(0, 1, size=5)  # not different from 0, but not shown to be near 0 either
    assert within(few, (0.0, None)) > 0.05
    assert within(few, (-0.1, 0.1)) > 0.05


def test_equivalence_is_claimed_by_mistake_no_more_often_than_the_level():
    means = np.random.default_rng(0).normal(1, 0.3, size=(2000, 8))  # the mean is exactly on the bound
    wrong = np.mean([within(values, (0.0, 1.0)) < 0.05 for values in means])
    assert 0.035 < wrong < 0.065


def test_a_null_is_exceeded_by_a_new_individual_in_one_of_twenty_cases():
    drawn = np.random.default_rng(1).normal(3, 2, size=(4000, 9))
    beyond = np.mean([values[-1] > null_limit(values[:-1], "upper") for values in drawn])
    assert 0.04 < beyond < 0.06
    below = np.mean([values[-1] < null_limit(values[:-1], "lower") for values in drawn])
    assert 0.04 < below < 0.06


def test_an_interval_is_that_of_statsmodels():
    assert confidence_interval(VALUES) == pytest.approx(DescrStatsW(VALUES).tconfint_mean())


@pytest.mark.parametrize(("value", "p"), [(0.5, 0.0), (1.5, 1.0)])
def test_subjects_that_are_all_alike(value, p):
    assert within([value] * 4, (0.0, 1.0)) == p


def test_a_single_subject_shows_nothing():
    assert math.isnan(within([1.0, np.nan], (0.0, None)))
    assert all(math.isnan(end) for end in confidence_interval([1.0]))
    assert math.isnan(null_limit([1.0], "upper"))


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(BadInput, match="both ends are open"):
        within([1.0, 2.0], (None, None))
    with pytest.raises(BadInput, match='must be "upper" or "lower"'):
        null_limit([1.0, 2.0], "above")
