import errno

import pytest

from pfc_metarl.commandline import Parser, exit_code
from pfc_metarl.settings import BadInput, Failure


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (BadInput("seed = -1: must be at least 0."), 2, "error: seed = -1: must be at least 0."),
        (Failure("workers died."), 1, "error: workers died."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "no space left"),
        (OSError("Unable to write (errno = 28, error message = ...)"), 1, "no space left"),
        (PermissionError(errno.EACCES, "Permission denied", "runs/x"), 1, "runs/x: Permission denied"),
        (MemoryError(), 1, "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), 1, "not enough memory"),
    ],
)
def test_what_stops_a_command_is_one_sentence_and_a_code(capsys, error, code, told):
    assert exit_code(raising(error)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1


def test_a_fault_of_ours_is_not_hidden():
    with pytest.raises(RuntimeError, match="a fault"):
        exit_code(raising(RuntimeError("a fault")))


def test_all_well():
    assert exit_code(lambda: 0) == 0


def test_a_refused_command_line_is_bad_input():
    with pytest.raises(BadInput, match="unrecognized arguments: --nope; see --help"):
        Parser(prog="x").parse_args(["--nope"])
