import pytest

from pfc_metarl.cli.search_options import search_parser, search_wanted
from pfc_metarl.settings import BadInput


def wanted(*words):
    return search_wanted(search_parser().parse_args(words))


def test_a_command_line_has_the_usual_numbers():
    found = wanted("two_step", "--draws", "16", "--random", "learner.discount=0.3:0.9")
    numbers = {"draws": 16, "networks": 2, "updates": 600, "rungs": 1, "seed": 1100}
    assert {name: found[name] for name in numbers} == numbers
    assert found["ranges"] == {"learner.discount": "0.3:0.9"}
    assert found["rows"] == ()


def test_a_file_is_read_and_the_command_line_wins(tmp_path):
    path = tmp_path / "rates.toml"
    path.write_text(
        'experiment = "two_step"\nnetworks = 4\nseed = 1001\n[set.learner]\nepisodes = 8\n'
        "[[candidates]]\nlearner.discount = 0.5\n[[candidates]]\n[candidates.network]\nunits = 8\n"
    )
    found = wanted("--config", str(path), "--networks", "1")
    assert (found["experiment"], found["networks"], found["seed"], found["name"]) == ("two_step", 1, 1001, "rates")
    assert found["rows"] == ({"learner.discount": 0.5}, {"network.units": 8})
    assert found["changes"] == {"learner": {"episodes": 8}}


def test_an_experiment_is_needed():
    with pytest.raises(BadInput, match="experiment: name one"):
        wanted()
