"""One process at a time in a folder, on file systems with locks and without."""

import contextlib
import errno
import fcntl
import os
import subprocess
import sys

import pytest

from pfc_metarl.runs.lock import LOCK_FILE, locked
from pfc_metarl.settings import BadInput, Caution


@pytest.fixture(params=["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])
def without_locks(request, monkeypatch):
    number = getattr(errno, request.param)

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)


def enter(folder):
    with locked(folder):
        pass


def test_a_second_one_is_refused_and_a_third_after_the_first_is_not(tmp_path):
    with locked(tmp_path), pytest.raises(BadInput, match="another process is at work there"):
        enter(tmp_path)
    enter(tmp_path)


def test_without_locks_a_file_names_the_process_and_it_is_said(tmp_path, without_locks):
    with contextlib.ExitStack() as stack:
        with pytest.warns(Caution, match="its file system has no locks"):
            stack.enter_context(locked(tmp_path))
        assert (tmp_path / LOCK_FILE).read_text().split()[0] == str(os.getpid())
        with pytest.raises(BadInput, match=rf"process {os.getpid()} on .*remove the file .*{LOCK_FILE}"):
            enter(tmp_path)
    assert not (tmp_path / LOCK_FILE).exists()


def test_the_lock_file_of_a_killed_process_has_no_effect(tmp_path, without_locks):
    path = str(tmp_path / LOCK_FILE)
    code = f"import filelock, os; lock = filelock.SoftFileLock({path!r}); lock.acquire(); os._exit(1)"
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (tmp_path / LOCK_FILE).exists()
    with pytest.warns(Caution, match="no locks"):
        enter(tmp_path)


def test_the_file_of_a_process_on_another_host_is_left_alone(tmp_path, without_locks):
    (tmp_path / LOCK_FILE).write_text("12345\nelsewhere\n")
    with pytest.raises(BadInput, match="process 12345 on elsewhere"):
        enter(tmp_path)
    assert (tmp_path / LOCK_FILE).exists()


def test_another_disk_failure_is_distinguished_from_missing_locks(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        enter(tmp_path)
