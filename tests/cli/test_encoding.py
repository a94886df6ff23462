import io
import os
import subprocess
import sys
import tomllib

import pytest

from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.encoding import SUBSTITUTES, encodable
from pfc_metarl.cli.terminal import show_summary

ROW = {"measure": "r² of δ", "mean": 0.7, "sem": 0.1, "n": 2, "expected": "−0.64 … 1", "subjects": [0.7, 0.8]}
CLAIM = {"text": "It plans – always.", "networks": 2, "reached": 2, "changed": ["task.é"]}
SUMMARY = {"claim": CLAIM, "measures": [ROW | {"criterion": [0.5, None], "reached": 2}], "stopped": {}}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
def test_the_summary_is_shown_in_every_encoding(monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))

    def command():
        show_summary(SUMMARY)
        return 0

    assert exit_code(command) == 0
    sys.stdout.flush()
    lines = raw.getvalue().decode(encoding).splitlines()
    table = [line for line in lines if line[0] not in "Ct "]
    assert len({len(line) for line in table}) == 1  # columns stand below each other
    assert lines[0].startswith(encodable("Claim: It plans – always.", encoding))
    assert lines[-1].startswith(encodable("task.é: changed", encoding))
    (row,) = (line for line in lines if "0.700" in line)
    words = ["r² of δ", "0.700 ± 0.100", "≥ 0.5", "−0.64 … 1"]
    assert all(encodable(word, encoding) in row for word in words)


def test_substitutes_are_plain_and_other_characters_are_escaped_as_in_toml():
    assert all(text.isascii() for text in SUBSTITUTES.values())
    assert encodable("a ± b", "ascii") == "a +- b"
    for text in ("é", "猫", "🐈"):
        assert tomllib.loads(f'x = "{encodable(text, "ascii")}"')["x"] == text


def test_a_stream_is_left_as_it_was():
    before = sys.stdout.errors
    assert exit_code(lambda: 0) == 0
    assert sys.stdout.errors == before


@pytest.mark.parametrize(
    "variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_commands_print_what_they_have_to_say(variables):
    code = "import sys; from pfc_metarl.simulate import main; sys.exit(main(['--list']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "two_step_gru" in done.stdout


def test_a_stream_without_an_encoding_takes_every_character():
    assert encodable("0.70 ± 0.01", io.StringIO().encoding) == "0.70 ± 0.01"
