import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.building import axes_of, terms_of
from tests.sweeps.conftest import tiny


def test_designs_are_combined():
    designs = {"grid": {"network.units": [2, 4]}, "latin": {"learner.discount": "0.1:0.9"}}
    assert [(axis.dim, len(axis)) for axis in axes_of(designs, 3, 0)] == [("units", 2), ("draw", 3)]


@pytest.mark.parametrize(
    ("designs", "draws", "said"),
    [
        ({"random": {"learner.discount": "0:1"}}, None, "give the number of draws"),
        ({"grid": {"learner.discount": [1]}}, 3, "nothing is drawn"),
        ({"random": {"a.b": "0:1"}, "latin": {"a.c": "0:1"}}, 3, "draws of one kind"),
        ({"latin": {"learner.discount": "0:1"}}, 0, "draws = 0"),
    ],
)
def test_draws_and_their_number_belong_together(designs, draws, said):
    with pytest.raises(BadInput, match=said):
        axes_of(designs, draws, 0)


def test_terms_are_checked():
    with pytest.raises(BadInput, match="keep = 'everything': choose measures, weights, all"):
        terms_of(keep="everything")
    with pytest.raises(BadInput, match="shards = 0"):
        terms_of(shards=0)


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"learner.discont": [0.7]}, "did you mean 'discount'"),
        ({"learner.discount": [0.7, 1.5]}, "learner.discount = 1.5"),
        ({"network.units": [4, "many"]}, "network.units = 'many'"),
        ({"probes.tst.episodes": [4]}, "probes.tst"),
    ],
)
def test_every_value_is_checked_before_anything_is_simulated(sweep, grid, said):
    with pytest.raises(BadInput, match=said):
        sweep({"grid": grid})


def test_values_that_cannot_be_combined_are_found(sweep):
    with pytest.raises(BadInput, match=r"checkpoint_every = 0"):
        sweep(checkpoint_every=0)


def test_experiments_are_named(sweep):
    made = sweep(experiments={"a": tiny(), "b": tiny(networks=3)})
    assert made.n_cells == 8
    assert {cell.name.partition("/")[0] for cell in made.cells()} == {"a", "b"}
    assert next(sweep().cells()).name == "discount=0.5,units=2"
