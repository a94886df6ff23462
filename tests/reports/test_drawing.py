import re
from xml.etree import ElementTree

import numpy as np

from pfc_metarl.reports.drawing import HEIGHT, LEFT, MOST_LINES, MOST_POINTS, WIDTH, curves, key, strip


def points(line):
    return np.array([[float(part) for part in pair.split(",")] for pair in line.get("points").split()])


def lines(drawn):
    return [each for each in ElementTree.fromstring(drawn) if each.tag == "polyline"]


def test_a_curve_that_rises_rises_within_the_picture():
    values = np.linspace(0.5, 0.7, 1000)[:, None] + np.zeros(3)
    *single, mean = lines(curves({"a": values}, "reward"))
    assert len(single) == 3
    found = points(mean)
    assert len(found) <= MOST_POINTS
    assert (np.diff(found[:, 0]) > 0).all()
    assert (np.diff(found[:, 1]) <= 0).all()  # downwards in the picture is less
    assert (found >= 0).all()
    assert (found <= (WIDTH, HEIGHT)).all()


def test_networks_that_were_stopped_leave_a_gap_and_no_mark():
    values = np.array([[0.5, 0.5], [0.6, np.nan], [0.7, np.nan]])
    first, second, mean = lines(curves({"a": values}, "reward"))
    assert [len(points(each)) for each in (first, second, mean)] == [3, 1, 3]
    np.testing.assert_array_equal(points(first), points(mean))


def test_of_many_networks_some_are_drawn_and_all_are_averaged():
    values = np.concatenate([np.zeros((2, MOST_LINES)), np.ones((2, MOST_LINES))], axis=1)
    drawn = curves({"a": values}, "reward")
    assert len(lines(drawn)) == MOST_LINES + 1
    assert "reward from 0.500 at the beginning to 0.500" in drawn


def test_runs_differ_in_their_dashes_as_in_the_legend():
    drawn = lines(curves({"a": np.zeros((2, 1)), "b": np.ones((2, 1))}, "reward", single=False))
    dashes = [each.get("stroke-dasharray") for each in drawn]
    assert len(set(dashes)) == 2
    assert dashes == [re.search(r'dasharray="([^"]*)"', key(number))[1] for number in (0, 1)]


def test_a_short_training_is_seen_beside_a_long_one():
    drawn = curves({"short": np.zeros((100, 1)), "long": np.ones((10_000, 1))}, "reward", single=False)
    short, long = (points(each)[:, 0].max() for each in lines(drawn))
    assert (short - LEFT) / (long - LEFT) > 0.45  # 100 is half of 10,000 in logarithms
    assert "update, logarithmic" in drawn
    assert "logarithmic" not in curves({"a": np.zeros((9, 1)), "b": np.zeros((30, 1))}, "reward", single=False)


def test_lines_of_eighteen_runs_differ():
    assert len({key(number) for number in range(18)}) == 18


def test_dots_stand_in_the_shaded_range_if_they_reach_the_criterion():
    for criterion, inside in (((0.5, None), [False, True, True]), ((0.5, 0.65), [False, True, False])):
        drawn = ElementTree.fromstring(strip([0.4, 0.6, 0.7], criterion, "reward"))
        (band,) = [each for each in drawn if each.tag == "rect"]
        begin, end = float(band.get("x")), float(band.get("x")) + float(band.get("width"))
        dots = [float(each.get("cx")) for each in drawn if each.tag == "circle"]
        assert [begin <= dot <= end for dot in dots] == inside


def test_a_label_is_escaped():
    assert "<b>" not in strip([0.4], (None, None), "<b>")
    assert strip([float("nan")], (None, None), "a") == ""
