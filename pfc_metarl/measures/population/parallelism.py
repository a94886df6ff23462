"""Parallelism of coding: whether one split of the conditions is coded along the same direction in all of them."""

import itertools

import numpy as np


def parallelism_score(means: np.ndarray, side: tuple[int, ...]) -> float:
    """Return the parallelism score of a balanced split of conditions.

    Each condition of one side is paired with a condition of the other side. The vectors from one to the other are
    compared by the cosine of their angle, averaged over all pairs of vectors. The score is that of the pairing in which
    they are most parallel.

    Parameters
    ----------
    means : array of float, shape (condition, unit)
        Mean activity.
    side : tuple of int
        The conditions on one side, half of them.

    Returns
    -------
    float
        1 if all vectors are parallel, -1 if two are opposite. It is a maximum over pairings, so compare it with
        conditions at random positions.

    Notes
    -----
    Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031.

    Examples
    --------
    On a square, both splits by a side are parallel; the vectors of the split by the diagonals point in opposite
    directions.

    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> [round(parallelism_score(square, side), 6) + 0.0 for side in ((2, 3), (1, 3), (0, 3))]
    [1.0, 1.0, -1.0]
    """
    others = [code for code in range(len(means)) if code not in side]
    vectors = means[list(side)][:, None] - means[others]
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit_vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    rows, n, scores = np.arange(len(side)), len(side), []
    for pairing in itertools.permutations(range(n)):
        paired = unit_vectors[rows, list(pairing)]
        cosines = paired @ paired.T
        scores.append((cosines.sum() - np.trace(cosines)) / (n * (n - 1)))
    return float(max(scores))
