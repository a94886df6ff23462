import numpy as np
import pytest
import xarray as xr

from pfc_metarl.experiments.headline import Headline, reached, row
from pfc_metarl.settings import BadInput


def results(values):
    data = xr.DataArray([values, np.zeros(len(values))], dims=("lag", "subject"), coords={"lag": [1, 2]})
    return {"lags": xr.Dataset({"weight": data})}


def test_a_row_has_mean_standard_error_and_every_subject():
    found = row(Headline(label="w", measure="lags", variable="weight", at={"lag": 1}), results([1.0, 2.0, 3.0]))
    assert (found["mean"], found["n"], found["subjects"]) == (2.0, 3, [1.0, 2.0, 3.0])
    assert found["sem"] == pytest.approx(1 / np.sqrt(3))
    assert "criterion" not in found


def test_a_subject_without_a_value_reaches_no_criterion():
    found = row(
        Headline(label="w", measure="lags", variable="weight", at={"lag": 1}, criterion=(1.5, None)),
        results([1.0, 2.0, np.nan]),
    )
    assert (found["reached"], found["subjects"]) == (1, [1.0, 2.0, None])


@pytest.mark.parametrize(("low", "high", "n"), [(None, None, 3), (0.5, None, 2), (None, 0.5, 1), (1.0, 1.0, 1)])
def test_bounds_belong_to_the_criterion(low, high, n):
    assert reached(xr.DataArray([0.0, 1.0, 2.0]), low, high) == n


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"measure": "regret"}, "measure = 'regret': not there; there are lags"),
        ({"variable": "regret"}, "variable = 'regret': not there; there are weight"),
        ({"at": {"lag": 9}}, "at lag = 9: not there; there are 1, 2"),
        ({"at": {}}, "expected subject alone"),
    ],
)
def test_a_number_that_is_not_there_is_refused(wrong, sentence):
    headline = Headline(**({"label": "w", "measure": "lags", "variable": "weight", "at": {"lag": 1}} | wrong))
    with pytest.raises(BadInput, match=sentence):
        headline.values(results([1.0, 2.0]))


@pytest.mark.parametrize("criterion", [0.6, (0.6,), "high"])
def test_a_criterion_that_is_no_pair_is_refused_with_an_example(criterion):
    with pytest.raises(BadInput, match=r"should be the lowest and the highest value, such as \(0\.6, None\)\.$"):
        Headline(label="w", measure="lags", variable="weight", criterion=criterion)
