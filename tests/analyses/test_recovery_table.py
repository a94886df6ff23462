import numpy as np

from analyses import derived, recovery_table
from pfc_metarl.tasks import TwoStep


def test_parameters_lie_between_their_bounds_and_are_independent():
    found = recovery_table.drawn({"a": (0.0, 1.0), "b": (2.0, 4.0)}, 500, seed=0)
    assert ((found["b"] >= 2) & (found["b"] <= 4)).all()
    assert abs(np.corrcoef(found["a"], found["b"])[0, 1]) < 0.15


def test_a_planner_is_taken_for_one(tmp_path):
    task = TwoStep(n_trials=200)
    named = {name: recovery_table.TWO_STEP[name] for name in ("mb", "mf")}
    found = recovery_table.models(task, named, n_sessions=2, n_subjects=3)
    np.testing.assert_array_equal(found["confusion"], np.eye(2))
    derived.save({"x": found}, {}, tmp_path / "x.nc")


def test_subjects_differ_in_their_parameters():
    task = TwoStep(n_trials=60, second_stage_choice=True, p_common=0.7, drift_sd=0.025)
    found = recovery_table.parameters(n_subjects=3, task=task)
    assert found["estimate"].dims == ("fit", "subject", "parameter")
    assert found["planted"].sel(fit="em", parameter="trace").to_numpy().std() > 0
