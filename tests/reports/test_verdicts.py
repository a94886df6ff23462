import math

import pytest

from pfc_metarl.experiments.base import Headline
from pfc_metarl.experiments.nulls import Null
from pfc_metarl.reports.verdicts import number, reached_by_network, rows


def measured(label, subjects, criterion=None):
    known = [value for value in subjects if value is not None]
    row = {"measure": label, "expected": "", "mean": sum(known) / len(known), "sem": 0.1, "n": len(known)}
    row["subjects"] = subjects
    if criterion is not None:
        row |= {"criterion": list(criterion), "reached": len(known)}
    return row


def test_a_mean_at_its_bound_is_not_shown_and_one_far_above_is():
    at, above = rows([measured("a", [1.0, 2.0, 3.0], (2.0, None)), measured("b", [11.0, 12.0, 13.0], (2.0, None))])
    assert at["verdict"] == "not shown (p = 0.5)"
    # t = 10 / 0.577 = 17.32 with 2 degrees of freedom: p = 0.00166, times 2 after Holm
    assert above["verdict"] == "holds (p = 0.003)"


def test_an_upper_bound_is_tested_from_below():
    (row,) = rows([measured("regret", [11.0, 12.0, 13.0], (None, 2.0))])
    assert row["verdict"].startswith("not shown (p = 1")


def test_one_network_is_not_tested():
    (row,) = rows([measured("a", [3.0], (2.0, None))])
    assert row["verdict"] == "not tested (fewer than two networks)"


def test_the_null_is_named_or_its_limit_given():
    headline = Headline(label="a", measure="m", variable="v", criterion=(2.0, None), null=("model_free",))
    row = measured("a", [3.0, 4.0], (2.0, None))
    assert rows([row], {"a": headline})[0]["null"] == "model free (not measured)"
    limits = {"a": [Null("model_free", [1.0, 1.2], 1.957)]}
    assert rows([row], {"a": headline}, limits)[0]["null"] == "model free (95 % limit 1.96)"
    assert rows([measured("a", [3.0, 4.0], (2.0, 5.0))], {"a": headline})[0]["null"] == "outside the bounds"


def test_networks_that_fail_are_named():
    found = reached_by_network([measured("a", [3.0, 1.0, 6.0], (2.0, 5.0)), measured("b", [0.0])])
    assert [each["networks"] for each in found] == ["1 (1.000), 2 (6.000)"]


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (math.nan, "–"), (-1e-9, "0.000"), (0.6155, "0.616")])
def test_numbers(value, text):
    assert number(value) == text
