import numpy as np
import xarray as xr

from analyses import fig6_harlow


def second(values):
    """Return correct second trials of one network after a correct and after a wrong first choice, by kind."""
    coords = {"who": ["networks", "win-stay only"], "first_choice": ["correct", "wrong"], "subject": [0]}
    return xr.DataArray(np.array(values, float)[..., None], coords, ("who", "first_choice", "subject"))


def test_bars_are_the_second_trial_by_the_outcome_of_the_first(ax):
    fig6_harlow.draw_second(second([[0.9, 0.8], [1.0, 0.5]]), ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [90, 80, 100, 50])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["networks", "win-stay\nonly"]


def test_claims_are_about_wrong_first_choices():
    tables = {"second": second([[0.9, 0.8], [1.0, 0.5]]).to_dataset(name="p_correct")}
    against_win_stay, against_correct = (claim.effect(tables) for claim in fig6_harlow.CLAIMS[2:])
    np.testing.assert_allclose(against_win_stay, [0.3])
    np.testing.assert_allclose(against_correct, [-0.1])
