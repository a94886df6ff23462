import numpy as np
import xarray as xr

from analyses import geometry_panels


def test_similarity_shows_each_pair_once(ax):
    values = np.array([[1.0, 0.8, 0.6], [0.8, 1, 0.7], [0.6, 0.7, 1]])
    cka = xr.DataArray([values, values / 2], {"who": ["trained", "untrained"]}, ("who", "subject", "other"))
    geometry_panels.draw_similarity(cka, "CKA", ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.8, 0.6, 0.7])
    np.testing.assert_allclose(ax.lines[3].get_ydata(), [0.35, 0.35])


def scores():
    """Generalisation and parallelism of two networks, trained and untrained."""
    coords = {"subject": [0, 1], "dichotomy": ["choice", "reward", "richer arm", "x", "other"], "draw": [0, 1]}
    dims = ("subject", "dichotomy")
    data = {
        "decoding": (dims, np.full((2, 5), 0.9)),
        "generalisation": (dims, [[0.5, 0.6, 0.8, 0.5, 0.1], [0.5, 0.6, 0.9, 0.5, 0.1]]),
        "generalisation_neighbours": (dims, np.full((2, 5), 0.7)),
        "parallelism": (dims, [[0.1, 0.2, 0.6, 0.0, 0.0], [0.1, 0.2, 0.7, 0.0, 0.0]]),
        "null": (("subject", "draw"), [[0.4, 0.6], [0.5, 0.7]]),
        "parallelism_null": (("subject", "draw"), [[0.0, 0.2], [0.1, 0.3]]),
    }
    return xr.Dataset(data, coords)


NAMED = {name: name for name in ("choice", "reward", "richer arm", "x")}


def test_a_named_dichotomy_is_drawn_at_its_mean(ax):
    geometry_panels.draw_parallelism(scores(), ax, NAMED)
    drawn = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(drawn["richer arm"].get_xdata(), 0.85)
    np.testing.assert_allclose(drawn["richer arm"].get_ydata(), 0.65)


def test_claims_are_about_what_exceeds_random_positions():
    claims = geometry_panels.claims("It generalises.", "foraging_", "richer arm", "the richer arm")
    tables = {"foraging_dichotomies": scores(), "foraging_dichotomies_untrained": scores() * 0 + 0.3}
    found = [claim.effect(tables) for claim in claims]
    np.testing.assert_allclose(found[0], [0.8 - 0.3, 0.9 - 0.3])
    np.testing.assert_allclose(found[1], [0.8 - 0.5, 0.9 - 0.6])
    np.testing.assert_allclose(found[2], [0.6 - 0.1, 0.7 - 0.2])


def test_generalisation_is_drawn_before_and_after_training(ax):
    tables = {"dichotomies": scores(), "dichotomies_untrained": scores() * 0 + 0.5}
    geometry_panels.draw_named(tables, {"richer arm": "richer arm", "other": "another"}, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.85, 0.1, 0.5, 0.5])
    neighbours = next(line for line in ax.lines if line.get_label() == "neighbours")
    np.testing.assert_allclose(neighbours.get_ydata(), 0.7)
