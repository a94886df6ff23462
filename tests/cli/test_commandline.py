import errno
import os
import subprocess
import sys
import warnings

import pytest

from pfc_metarl.cli.commandline import THREADS, Parser, exit_code
from pfc_metarl.settings import BadInput, Caution, Failure


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (BadInput("seed = -1: must be at least 0."), 2, "error: seed = -1: must be at least 0."),
        (Failure("workers died."), 1, "error: workers died."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "no space left"),
        (OSError("Unable to write (errno = 28, error message = ...)"), 1, "no space left"),
        (OSError("Can't synchronously read data (file read failed: errno = 5, ...)"), 1, "disk: Input/output error"),
        (PermissionError(errno.EACCES, "Permission denied", "runs/x"), 1, "runs/x: Permission denied"),
        (
            IsADirectoryError(errno.EISDIR, "Is a directory", "x"),
            1,
            "x: Is a directory; complete results are kept; move it",
        ),
        (MemoryError(), 1, "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), 1, "not enough memory"),
    ],
)
def test_what_stops_a_command_is_one_sentence_and_a_code(capsys, error, code, sentence):
    assert exit_code(raising(error)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1


def test_an_internal_error_is_not_hidden():
    with pytest.raises(RuntimeError, match="a fault"):
        exit_code(raising(RuntimeError("a fault")))


def test_a_caution_is_one_sentence_without_a_line_of_code(capsys):
    place = ("file.py", 7)

    def command():
        print(warnings.formatwarning(Caution("The disk is slow."), Caution, *place), end="")
        print(warnings.formatwarning("Else.", UserWarning, *place, line="x"), end="")
        return 0

    before = warnings.formatwarning
    assert exit_code(command) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "warning: The disk is slow."
    assert rest == ["file.py:7: UserWarning: Else.", "  x"]
    assert warnings.formatwarning is before


def test_success_has_exit_code_0():
    assert exit_code(lambda: 0) == 0


def test_a_refused_command_line_is_bad_input():
    with pytest.raises(BadInput, match="unrecognized arguments: --nope; see --help"):
        Parser(prog="x").parse_args(["--nope"])


@pytest.mark.parametrize(("given", "used"), [(None, 1), ("2", 2)])
@pytest.mark.parametrize("module", ["pfc_metarl.simulate", "pfc_metarl.causality", "analyses.__main__"])
def test_commands_do_linear_algebra_in_one_thread_by_default(module, given, used):
    code = (
        f"import {module}, sys; assert 'numpy' not in sys.modules\n"
        "from pfc_metarl.cli.commandline import exit_code; exit_code(lambda: 0)\n"
        "import numpy, threadpoolctl; print(*{pool['num_threads'] for pool in threadpoolctl.threadpool_info()})"
    )
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    environment |= {} if given is None else dict.fromkeys(THREADS, given)
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(used)]


def test_nothing_is_searched_for_garbage_when_a_command_ends():
    script = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from pfc_metarl.cli.commandline import exit_code\n"
        "exit_code(lambda: 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]
