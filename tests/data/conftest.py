import numpy as np
import pytest

from tests.handmade import recording


@pytest.fixture
def uneven():
    """Two episodes: trials of unequal length, a phase met twice, and one that is not reached."""
    return recording(
        ["look", "choose", "outcome"],
        ("choice1 = action at choose", "reward = reward at outcome"),
        extra_dims={"p_reward": ("arm",)},
        trial=[[0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 0, 0, 1, 1]],
        phase=[[0, 1, 2, 0, 1, 2, 0], [0, 1, 1, 2, 2, 1, 0]],
        action=[[5, 1, 5, 5, 0, 5, 5], [5, 0, 1, 5, 5, 1, 5]],
        reward=[[9, 9, 1, 9, 9, 0, 9], [9, 9, 9, 1, 0, 9, 9]],
        p_reward=np.arange(28).reshape(2, 7, 2),
    )
