import os
import time

import pytest

from pfc_metarl.cli import configuration
from pfc_metarl.cli.configuration import assignment, read_configuration
from pfc_metarl.settings import BadInput


def test_a_file_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("networks = 2\n[task]\nfolder = 'ä'\n", encoding="utf-8")
    assert read_configuration(path) == {"networks": 2, "task": {"folder": "ä"}}


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_an_endless_device_is_refused(device):
    if not os.path.exists(device):
        pytest.skip("no such device")
    with pytest.raises(BadInput, match=rf"--config {device}: with more than 100,000 bytes"):
        read_configuration(configuration.Path(device))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a." * 40_000 + "b = 1", "more than 100 dots"),
        ("[" + "a." * 40_000 + "b]", "more than 100 dots"),
        ("a." * 50 + "b = 1", "nested more than 20 times"),
        ("x = " + "[" * 40_000, "not valid TOML"),
        ("x = " + "{a=" * 300 + "1" + "}" * 300, "nested more than 20 times"),
        ("x = " + "9" * 50_000, "not valid TOML"),
        ("x = 1\n" * 16_000, "not valid TOML"),
        ("x = '" + "y" * 100_000 + "'", "more than 100,000 bytes"),
    ],
    ids=range(8),
)
def test_huge_and_deep_files_are_refused_at_once(tmp_path, text, message):
    path = tmp_path / "huge.toml"
    path.write_text(text)
    begun = time.process_time()
    with pytest.raises(BadInput, match=message) as caught:
        read_configuration(path)
    assert time.process_time() - begun < 10
    assert len(str(caught.value)) < 500


def test_a_list_of_many_numbers_is_no_name(tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(f"x = [{', '.join(['0.5'] * 500)}]")
    assert read_configuration(path) == {"x": [0.5] * 500}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ('"3"', "3"),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5e1", -5.0),
        ("[.5, 1.]", [0.5, 1.0]),
        ("v.5", "v.5"),
        ("images.2024", "images.2024"),
        ("gru", "gru"),
        ("[1, 2]", [1, 2]),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_assignment_reads_toml_else_text(text, value):
    assert assignment(f"network.core={text}") == {"network": {"core": value}}


@pytest.mark.parametrize("text", ["network.core", "=3", "network.=3", "net work=3", "2nd=3"])
def test_assignment_refuses_what_names_nothing(text):
    with pytest.raises(BadInput, match="NAME=VALUE"):
        assignment(text)


@pytest.mark.parametrize("text", ["a." * 5000 + "b=1", "x" * 100_000])
def test_a_name_that_is_too_deep_or_too_long_is_refused_in_a_short_sentence(text):
    with pytest.raises(BadInput, match="expected NAME=VALUE") as caught:
        assignment(text)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000])
def test_a_value_that_toml_cannot_hold_is_text(value):
    assert assignment(f"task.x={value}") == {"task": {"x": value}}
