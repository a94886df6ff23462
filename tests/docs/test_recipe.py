"""The page of recipes: every table can be repeated, and every file of a search is a search of today's experiments."""

import re
from pathlib import Path

import pytest

from pfc_metarl.cli.options import simulate_parser
from pfc_metarl.cli.search_options import search_parser, search_wanted
from pfc_metarl.sweeps.search import Search, candidates, require_possible_search, sweep_of_rung

HOME = Path(__file__).parents[2]
PAGE = (HOME / "benchmarks" / "recipe.md").read_text(encoding="utf-8")
FILES = sorted((HOME / "benchmarks" / "searches").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_lists_settings_that_can_be_trained(path, tmp_path):
    search = Search(**search_wanted(search_parser().parse_args(["--config", str(path)])))
    require_possible_search(search)
    listed = candidates(search)
    assert len(listed) == len(search.rows) + 1, "a row repeats the settings of all"
    assert sweep_of_rung(search, 0, listed, tmp_path).n_cells == len(listed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_short_version_of_the_page_can_be_trained(path, tmp_path):
    (options,) = re.findall(r"`(--networks \d+ --updates \d+)` gives a\s+short version", PAGE)
    words = ["--config", str(path), *options.split()]
    search = Search(**search_wanted(search_parser().parse_args(words)))
    listed = candidates(search)
    assert 1 < len(listed) <= len(search.rows) + 1
    assert sweep_of_rung(search, 0, listed, tmp_path).n_cells == len(listed)


def test_files_and_page_name_each_other():
    named = set(re.findall(r"benchmarks/searches/(\w+)\.toml", PAGE))
    assert named == {path.stem for path in FILES}
    for path in FILES:
        assert f"benchmarks/searches/{path.name}" in path.read_text(encoding="utf-8")


def test_every_part_with_a_table_has_a_command_or_a_reason():
    parts = re.split(r"^#+ ", PAGE, flags=re.MULTILINE)[1:]
    without = [
        part.splitlines()[0] for part in parts if "\n|---" in part and not re.search("Repeat: `|No search", part)
    ]
    assert not without


def test_commands_of_other_trainings_are_understood():
    for words in re.findall(r"`python -m pfc_metarl\.simulate (\w+ --seed [^`]*)`", PAGE):
        simulate_parser().parse_args(words.split())
