import shlex

import pytest

from pfc_metarl.cli.commandline import Parser
from pfc_metarl.cli.help_text import laid_out

COMMAND = "  python -m pfc_metarl.simulate two_step --set task.p_common=0.7 --quiet --seed 0 --out runs/two_step"
TEXT = f"Examples:\n{COMMAND}\n\nThe same command continues a run\nthat was interrupted.\n"


@pytest.mark.parametrize("width", [30, 40, 60, 76, 200])
def test_a_command_in_several_lines_is_the_same_command_for_a_shell(width):
    lines = laid_out(COMMAND, width).split("\n")
    assert all(line.endswith(" \\") for line in lines[:-1])
    joined = " ".join(line.removesuffix(" \\").strip() for line in lines)
    assert shlex.split(joined) == shlex.split(COMMAND)


@pytest.mark.parametrize("width", [36, 40, 60, 76])
def test_no_line_is_longer_than_the_width(width):
    assert max(map(len, laid_out(TEXT, width).split("\n"))) <= width


def test_options_stay_with_their_values():
    assert not [line for line in laid_out(COMMAND, 40).split("\n") if line.rstrip(" \\").endswith("--set")]


def test_sentences_are_filled_and_empty_lines_stay():
    assert laid_out(TEXT, 200) == (f"Examples:\n{COMMAND}\n\nThe same command continues a run that was interrupted.")


def test_parsers_lay_out_what_is_above_and_below_their_options(monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    text = Parser(prog="x", description="One long sentence about " + "many words " * 9, epilog=TEXT).format_help()
    assert max(map(len, text.split("\n"))) <= 50
    assert "two_step \\\n" in text
