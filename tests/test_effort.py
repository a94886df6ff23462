import numpy as np
import pytest
import xarray as xr
from scipy import optimize

from pfc_metarl import measures
from pfc_metarl.data.example import example_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.effort import rehearsing, repeats
from pfc_metarl.fitting.optimise import minimise


def minimised():
    """Minimise a curved valley; whether it converged, and after how many evaluations."""
    evaluated = []

    def valley(x, problems):
        evaluated.append(len(problems))
        return np.array([optimize.rosen(row) for row in x]), np.array([optimize.rosen_der(row) for row in x])

    found = minimise(valley, np.array([[-1.2, 1.0]]), np.array([-2.0, -2.0]), np.array([2.0, 2.0]))
    return bool(found.converged[0]), len(evaluated)


def test_fits_take_a_few_steps_in_a_rehearsal():
    converged, needed = minimised()
    assert converged
    assert needed > 4
    with rehearsing():
        assert minimised() == (False, 4)
    assert minimised() == (converged, needed)


def test_a_rehearsal_ends_after_an_error():
    with pytest.raises(ZeroDivisionError), rehearsing():
        _ = 1 / 0
    assert repeats(20, in_rehearsal=1) == 20


def test_a_decoder_gives_results_of_the_same_form_in_a_rehearsal():
    recording = example_recording()
    target = trial_view(recording, "action", "choice")
    made = measures.population_decoding(recording, target, "classes", phase="choice", n_shuffles=3)
    with rehearsing():
        quick = measures.population_decoding(recording, target, "classes", phase="choice", n_shuffles=3)
    xr.testing.assert_equal(made["score"], quick["score"])
    assert {name: (made[name].dims, made[name].shape) for name in made} == {
        name: (quick[name].dims, quick[name].shape) for name in quick
    }
