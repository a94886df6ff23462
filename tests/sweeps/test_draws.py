import numpy as np
import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.draws import Range, drawn, read_range


def test_a_latin_hypercube_has_one_draw_in_each_part_of_every_range():
    (axis,) = drawn({"a.x": "0.0:1.0", "a.y": "0.01:100.0:log"}, 20, seed=3, latin=True)
    assert axis.dim == "draw"
    assert sorted(int(20 * value) for value in axis.values["a.x"]) == list(range(20))
    logs = (np.log10(axis.values["a.y"]) + 2) / 4
    assert sorted(np.floor(20 * logs).astype(int)) == list(range(20))


def test_random_draws_are_uniform_and_the_same_twice():
    (axis,) = drawn({"a.x": "2.0:4.0"}, 2000, seed=1, latin=False)
    values = np.array(axis.values["a.x"])
    assert axis == drawn({"a.x": "2.0:4.0"}, 2000, seed=1, latin=False)[0]
    assert abs(values.mean() - 3) < 4 * 2 / 12**0.5 / 2000**0.5
    assert 2 <= values.min() < values.max() <= 4


def test_whole_numbers_and_choices_are_drawn_as_often_each():
    (axis,) = drawn({"a.n": "1:3", "a.core": ["lstm", "gru"]}, 3000, seed=0, latin=False)
    for name, n in (("a.n", 3), ("a.core", 2)):
        _, counts = np.unique(axis.values[name], return_counts=True)
        assert len(counts) == n
        assert np.abs(counts - 3000 / n).max() < 5 * (3000 / n) ** 0.5


def test_a_value_may_be_a_fraction_of_another():
    ranges = {"learner.final": "0.01:0.1:log*learner.initial", "learner.initial": "0.5:2.0"}
    (axis,) = drawn(ranges, 50, seed=0, latin=False)
    fractions = np.array(axis.values["learner.final"]) / axis.values["learner.initial"]
    assert 0.0099 < fractions.min() < fractions.max() < 0.101
    assert np.corrcoef(axis.values["learner.final"], axis.values["learner.initial"])[0, 1] < 0.9


def test_the_largest_whole_number_is_drawn_and_not_passed():
    assert Range(1, 4).value(0.999999) == 4
    assert Range(1, 4).value(0.0) == 1
    assert Range(1, 100, log=True).value(0.999999) == 100


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0.3", "give a range"),
        ("0.3:x", "give a range"),
        ("1:2:3", "give a range"),
        ("0.9:0.3", "must be below the second"),
        ("0:1:log", "above 0"),
        ("nan:1", "must be below"),
        ("0.1:1*nothing", "nothing: there is no such setting"),
        ("0.1:1*learner.x", "learner.x, which is not drawn"),
    ],
)
def test_what_is_no_range_is_refused(given, said):
    with pytest.raises(BadInput, match=said):
        drawn({"learner.discount": given}, 2, 0, latin=False)


def test_a_range_is_read_with_its_kind():
    assert read_range("x", "1:5") == Range(1, 5)
    assert isinstance(read_range("x", "1:5").low, int)
    assert read_range("x", "1.0:5:log") == Range(1.0, 5, log=True)
