import numpy as np
import pytest
import xarray as xr

from analyses import figW7_harlow as figure

WHO = list(figure.WHO)


def test_the_reward_of_ceiling_is_that_of_nine_correct_in_ten_after_the_first():
    first, later = 0.5, 0.9
    per_trial = 0.2 + ((2 * first - 1) + 9 * (2 * later - 1)) / 10
    assert pytest.approx(per_trial) == figure.CEILING_REWARD


def test_networks_at_ceiling_are_counted_and_layers_compared(ax):
    later = xr.DataArray(np.full((3, 4), 0.95), {"who": WHO}, ("who", "subject"))
    later[0] = 0.5
    figure.draw_ceiling(later, ax=ax)
    texts = [text.get_text() for text in ax.texts]
    assert texts[:3] == ["0 of 4", "4 of 4", "4 of 4"]
    assert texts[3] == "layers: p = 0.029", "2 of the 70 ways to place four of eight"


def test_the_first_problem_at_ceiling_is_found_and_never_is_infinite():
    reward = [[0.1, 0.95, 0.5, 1.0], [0.1, 0.2, 0.3, 0.4], [np.nan] * 4]
    history = xr.Dataset(
        {"reward_per_trial": (("who", "subject", "update"), np.array([reward] * 3))},
        {"who": WHO, "problems": ("update", [1000, 2000, 3000, 4000])},
    )
    assert figure.problems_to_ceiling(history).sel(who="single").values.tolist()[:2] == [2, np.inf]
    assert np.isnan(figure.problems_to_ceiling(history).sel(who="single").values[2])


def test_the_fraction_at_ceiling_rises_where_networks_come_there(ax):
    first = xr.DataArray([[1.0, 3.0, np.inf, np.inf]] * 3, {"who": WHO}, ("who", "subject"))
    figure.draw_training(first, ax=ax)
    line = ax.lines[0]
    assert line.get_xdata()[:3].tolist() == [0, 1, 3]
    assert line.get_ydata().tolist() == [0, 0.25, 0.5, 0.5]
    assert "p = 1" in ax.texts[0].get_text()


def test_the_second_trial_is_filled_after_a_correct_first_choice(ax):
    p = xr.DataArray(
        np.zeros((3, 2, 2)), {"who": WHO, "first_choice": ["correct", "wrong"]}, ("who", "subject", "first_choice")
    )
    p.loc[{"first_choice": "correct"}] = 0.9
    p.loc[{"who": "one"}] = [[0.9, 0.8], [0.84, 0.8]]  # one of two subjects reaches 0.85 after a correct first choice
    figure.draw_second(p, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["2, 0\nof 2", "2, 0\nof 2", "1, 0\nof 2"]
    filled, empty = ax.lines[:2]
    assert filled.get_ydata().tolist() == [90, 90]
    assert empty.get_ydata().tolist() == [0, 0]
    assert empty.get_markerfacecolor() == "white"
