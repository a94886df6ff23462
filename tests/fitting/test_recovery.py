from functools import partial

import numpy as np
import pytest

from pfc_metarl.fitting import maximum_likelihood, model_recovery, parameter_recovery
from pfc_metarl.models import RescorlaWagner, WinStayLoseShift
from pfc_metarl.settings import BadInput
from tests.fitting.test_hierarchical import group

FREE = ["learning_rate", "inverse_temperature"]
RATES, TEMPERATURES = np.linspace(0.1, 0.8, 10), np.linspace(3, 7, 10)


def simulate(model):
    return group(model.learning_rate.tolist(), model.inverse_temperature.tolist(), n_trials=300)


def fit(model, table):
    return maximum_likelihood(RescorlaWagner(), table, FREE, n_starts=3)


def test_planted_parameters_are_recovered():
    planted = {"learning_rate": RATES, "inverse_temperature": TEMPERATURES}
    found = parameter_recovery(RescorlaWagner(), planted, simulate, fit)
    assert (found["correlation"] > [0.85, 0.5]).all()
    np.testing.assert_allclose(found["planted"].sel(parameter="learning_rate"), RATES)
    difference = found["estimate"] - found["planted"]
    np.testing.assert_allclose(found["error"], np.sqrt((difference**2).mean("subject")))
    assert (abs(found["bias"]) <= found["error"]).all()


def test_a_fit_that_shuffles_subjects_is_found_out():
    def shuffled(model, table):
        right = fit(model, table)
        return right.assign(estimate=right["estimate"][::-1].assign_coords(subject=right["subject"]))

    planted = {"learning_rate": RATES, "inverse_temperature": TEMPERATURES}
    assert (parameter_recovery(RescorlaWagner(), planted, simulate, shuffled)["correlation"] < 0).all()


def test_each_model_is_taken_for_itself():
    learner, last = RescorlaWagner(learning_rate=0.15), WinStayLoseShift()
    fits = {
        "learner": partial(maximum_likelihood, learner, free=["inverse_temperature"]),
        "last": partial(maximum_likelihood, last, free=["inverse_temperature"]),
    }
    fits = {name: (lambda table, one=one: one(data=table)) for name, one in fits.items()}
    simulated = {"learner": group([0.15] * 6, [6.0] * 6, 200), "last": group([1.0] * 6, [3.0] * 6, 200)}
    found = model_recovery(simulated, fits)
    np.testing.assert_array_equal(found["confusion"].sum("fitted"), 1)
    assert (np.diag(found["confusion"]) >= 5 / 6).all()


def test_wrong_arguments_are_refused():
    with pytest.raises(BadInput, match="three subjects or more"):
        parameter_recovery(RescorlaWagner(), {"learning_rate": np.ones(2)}, simulate, fit)
    with pytest.raises(BadInput, match="by = 'r2'"):
        model_recovery({}, {}, by="r2")
    with pytest.raises(BadInput, match="the same models in both"):
        model_recovery({"a": group([0.1], [1.0])}, {})
