import itertools

import numpy as np
import pytest

from pfc_metarl.measures.population.parallelism import parallelism_score

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
FIRST, PARITY = (4, 5, 6, 7), (1, 2, 4, 7)


def test_on_a_cube_the_split_by_an_axis_is_parallel():
    turned = CUBE @ np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0] + 5
    assert parallelism_score(CUBE, FIRST) == pytest.approx(1)
    assert parallelism_score(turned, FIRST) == pytest.approx(1)
    assert parallelism_score(3 * turned, FIRST) == pytest.approx(1)


def test_on_a_cube_parity_is_not():
    # Conditions of unequal parity are joined by an edge or by a diagonal, which is longer by √3. The four vectors of a
    # pairing add to 0. Normalised, d diagonals leave 1 − 1/√3 of their sum, whose square is 3, 4 and 3 for d = 1, 2, 3.
    longest = 4 * (1 - 1 / np.sqrt(3)) ** 2
    assert parallelism_score(CUBE, PARITY) == pytest.approx((longest - 4) / 12)


def test_orthogonal_conditions_have_no_parallel_vectors():
    assert parallelism_score(np.eye(8), FIRST) == pytest.approx(0)


def test_two_vectors_have_the_cosine_of_their_angle_in_the_better_pairing():
    angle = np.deg2rad(30)
    means = np.array([[0.0, 0.0], [0.0, 10.0], [1.0, 0.0], [np.cos(angle), 10 + np.sin(angle)]])
    assert parallelism_score(means, (2, 3)) == pytest.approx(np.cos(angle))
    assert parallelism_score(means, (0, 1)) == pytest.approx(np.cos(angle))


def test_the_same_means_have_no_direction():
    assert parallelism_score(np.ones((4, 3)), (0, 1)) == 0
