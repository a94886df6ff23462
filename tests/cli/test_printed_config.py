import json
import tomllib
from collections.abc import Mapping

import pytest

from pfc_metarl import experiments
from pfc_metarl.cli.printed_config import WIDTH, bounds, meaning, printed_config
from pfc_metarl.settings import changed, settings


def known(part):
    """Settings without those that TOML cannot express: None, and groups without settings."""
    nested = {name: known(value) if isinstance(value, Mapping) else value for name, value in part.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}


@pytest.mark.parametrize("name", experiments.names())
def test_what_is_printed_is_read_back_to_the_same_settings(name):
    experiment = experiments.load(name)
    read = tomllib.loads(printed_config(experiment))
    assert read == json.loads(json.dumps(known(experiment.numbers())))
    assert changed(experiment, read).numbers() == experiment.numbers()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_comments_fit_the_terminal_and_are_read_back(width):
    experiment = experiments.load("two_step")
    text = printed_config(experiment, width)
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= min(width, WIDTH)
    assert tomllib.loads(text) == tomllib.loads(printed_config(experiment))


@pytest.mark.parametrize("name", experiments.main_names())
def test_no_setting_is_hidden_and_each_has_its_meaning(name):
    experiment = experiments.load(name)
    lines = printed_config(experiment).splitlines()
    for part in ("task", "network", "learner"):
        for field in experiment.numbers()[part]:
            (at,) = [
                n
                for n, line in enumerate(lines)
                if (line.startswith((f"{field} = ", f"# {field} is not set")) and table_of(lines, n) == part)
                or line == f"[{part}.{field}]"
            ]
            assert lines[at].startswith("[") or lines[at - 1].startswith("# "), f"{part}.{field} has no meaning"


def table_of(lines, n):
    return next(line.strip("[]") for line in reversed(lines[:n]) if line.startswith("["))


def test_a_class_without_a_docstring_has_no_meanings_and_is_printed():
    @settings
    class Own:
        size: int = 3

    assert meaning(Own, "size") == ""
    assert bounds(Own, "size") == ""
