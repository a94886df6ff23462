import errno
import fcntl
import json
import os
import stat

import pytest

from pfc_metarl.data import files
from pfc_metarl.data.files import PARTIAL, replacing, write_json
from pfc_metarl.settings import BadInput, Caution


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


def refusing_folders(monkeypatch, number):
    """Let flushing a folder, and nothing else, fail."""
    real = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("name", ["EINVAL", "EPERM", "ENOTSUP", "EBADF"])
def test_a_file_system_that_cannot_flush_folders_is_said_once(tmp_path, monkeypatch, name):
    refusing_folders(monkeypatch, getattr(errno, name))
    monkeypatch.setattr(files, "_warned", False)
    with pytest.warns(Caution, match="cannot flush a folder"):
        write_json(tmp_path / "file", 1)
    write_json(tmp_path / "file", 2)  # a second warning would be an error
    assert (tmp_path / "file").read_text() == "2\n"


@pytest.mark.parametrize("name", ["EIO", "ENOSPC"])
def test_a_failing_disk_is_reported(tmp_path, monkeypatch, name):
    refusing_folders(monkeypatch, getattr(errno, name))
    with pytest.raises(OSError, match=os.strerror(getattr(errno, name))):
        write_json(tmp_path / "file", 1)


def test_a_file_system_without_permissions_is_written_to(tmp_path, monkeypatch):
    def chmod(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", chmod)
    write_json(tmp_path / "file", 1)
    assert (tmp_path / "file").read_text() == "1\n"


def as_windows(monkeypatch, refusals):
    """Emulate Windows: no folder can be opened, only writable files are flushed, and open files are not replaced."""
    real_open, real_fsync, real_replace = os.open, os.fsync, os.replace
    left = [PermissionError(errno.EACCES, "Access is denied")] * refusals

    def open_file(path, flags, *rest, **named):
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real_open(path, flags, *rest, **named)

    def fsync(handle):
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        real_fsync(handle)

    def replace(source, target):
        if left:
            raise left.pop()
        real_replace(source, target)

    monkeypatch.setattr(files, "WINDOWS", True)
    monkeypatch.setattr(files, "SECONDS_TO_REPLACE", 0.3)
    for name, function in {"open": open_file, "fsync": fsync, "replace": replace}.items():
        monkeypatch.setattr(os, name, function)


def test_on_windows_a_file_is_replaced_once_its_reader_has_closed_it(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("old")
    as_windows(monkeypatch, refusals=3)
    write_json(tmp_path / "file", 1)
    assert (tmp_path / "file").read_text() == "1\n"


def test_on_windows_a_file_that_stays_open_is_unchanged(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("old")
    as_windows(monkeypatch, refusals=1000)
    with pytest.raises(PermissionError, match="Access is denied"):
        write_json(tmp_path / "file", 1)
    assert (tmp_path / "file").read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_of_the_name_is_refused_and_stays(tmp_path):
    (tmp_path / "summary.json").mkdir()
    with pytest.raises(BadInput, match=r"summary\.json: a folder has the name of this file; move it elsewhere\.$"):
        write_json(tmp_path / "summary.json", 1)
    assert os.listdir(tmp_path) == ["summary.json"]
