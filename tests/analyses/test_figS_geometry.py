import numpy as np

from analyses import figS_geometry
from tests.handmade import recording


def test_conditions_are_defined_by_the_last_trial():
    steps = {"trial": [[0, 0, 1, 1]], "phase": [[0, 1, 0, 1]], "choice1": [[-1, 0, -1, 1]], "state2": [[-1, 1, -1, 0]]}
    made = recording(["first_stage", "second_stage"], **steps, reward=[[0, 1.0, 0, 0]])
    got = figS_geometry.last_trial(made)
    found = {name: factor.values.ravel().tolist() for name, factor in got.items()}
    assert {name: values[1] for name, values in found.items()} == {"choice": 0, "state": 1, "reward": 1}
    assert all(np.isnan(values[0]) for values in found.values())
