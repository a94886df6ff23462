"""File systems that refuse some calls: the whole command works, warns once, and writes the same bytes.

A small library in C, put in front of the system's, gives the answers of network file systems. Skipped where there is no
compiler.
"""

import errno
import os
import shutil
import subprocess

import pytest

from tests.torture.harness import HOME, command, environment, hashes

SOURCE = """
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int answer(const char *name) { const char *text = getenv(name); return text ? atoi(text) : 0; }

int flock(int file, int operation) {
    if ((errno = answer("FLOCK_ANSWERS"))) return -1;
    return syscall(SYS_flock, file, operation);
}

int fsync(int file) {
    struct stat found;
    if (fstat(file, &found) == 0 && S_ISDIR(found.st_mode) && (errno = answer("FSYNC_ANSWERS"))) return -1;
    return syscall(SYS_fsync, file);
}
"""
LOCKS, FOLDERS = "its file system has no locks", "its file system cannot flush a folder"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    compiler = shutil.which("cc")
    if compiler is None or os.name != "posix":
        pytest.skip("no compiler of C")
    folder = tmp_path_factory.mktemp("library")
    (folder / "answers.c").write_text(SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "answers.so", folder / "answers.c"], check=True)
    return folder / "answers.so"


def run(folder, **answers):
    """Simulate with a system that returns given errors; return the output of the command."""
    given = {name: str(number) for name, number in answers.items()}
    done = subprocess.run(
        command(folder), env={**environment(), **given}, cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def usual(library, tmp_path_factory):
    """Hashes of the run where the system refuses nothing."""
    folder = tmp_path_factory.mktemp("usual") / "run"
    assert run(folder, LD_PRELOAD=library) == ""
    return hashes(folder)


@pytest.mark.parametrize("lock", ["ENOLCK", "EOPNOTSUPP"])
def test_a_run_is_the_same_where_locks_and_flushed_folders_are_missing(library, usual, tmp_path, lock):
    answers = {"FLOCK_ANSWERS": getattr(errno, lock), "FSYNC_ANSWERS": errno.EINVAL}
    errors = run(tmp_path / "refusing", LD_PRELOAD=library, **answers)
    assert sorted(line.partition(": ")[0] for line in errors.splitlines()) == ["warning", "warning"]
    assert errors.count(LOCKS) == errors.count(FOLDERS) == 1
    assert hashes(tmp_path / "refusing") == usual
