import json
import os
import stat

import pytest

from pfc_metarl.data.files import PARTIAL, replacing, write_json


def test_a_file_appears_whole_in_a_new_folder(tmp_path):
    path = tmp_path / "new" / "folder" / "file.txt"
    with replacing(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
        assert temporary.parent == path.parent
        assert temporary.name.startswith(".")
        assert temporary.suffix == PARTIAL
    assert path.read_text() == "all of it"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("half of")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    ordinary, replaced = tmp_path / "ordinary", tmp_path / "replaced"
    before = os.umask(0o027)
    try:
        ordinary.touch()
        write_json(replaced, 1)
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE(replaced.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode) == 0o640


def test_json_keeps_the_order_of_keys(tmp_path):
    path = tmp_path / "run.json"
    write_json(path, {"b": [1, 2.5], "a": {"ü": None}})
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert list(json.loads(path.read_text(encoding="utf-8"))) == ["b", "a"]
    assert json.loads(path.read_text(encoding="utf-8")) == {"b": [1, 2.5], "a": {"ü": None}}
