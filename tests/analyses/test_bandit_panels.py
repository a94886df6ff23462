import numpy as np
import xarray as xr

from analyses import bandit_panels
from tests.handmade import bandit_recording

P_LEFT = np.array([0.7, 0.1, 0.4])


def choosing(actions):
    made = bandit_recording(P_LEFT, np.zeros((3, 2, 4)))
    made["action"].values[0] = actions
    return made


def test_choices_are_sorted_by_the_payoff_of_the_left_arm(ax):
    test = choosing([[0, 1], [1, 1], [0, 0]])
    bandit_panels.draw_choices(bandit_panels.choices(test), ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), [[1, 1], [0, 0], [0, 1]])


def test_examples_show_whether_the_better_arm_was_chosen(ax):
    found = bandit_panels.examples(choosing([[0, 1], [0, 1], [0, 1]]))["better"]
    np.testing.assert_array_equal(found, [[1, 0], [0, 1], [0, 1]])
    both = xr.concat([found, 0 * found], xr.IndexVariable("kind", [".25/.75", ".6/.4"]))
    bandit_panels.draw_examples(both, ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), found)
    above, below = (image.get_extent() for image in ax.images)
    assert above[2] > below[3]
    assert [text.get_text() for text in ax.get_yticklabels()] == [".25/.75\n(3 problems)", ".6/.4\n(3 problems)"]


def test_the_schematics_name_the_sizes_of_the_run(ax):
    bandit_panels.draw_task(100, ax=ax)
    bandit_panels.draw_network(48, "gru", ax=ax)
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "100 choices" in texts
    assert "48 GRU" in texts
