"""Files of a complete run are changed by a byte, cut, lengthened, deleted or replaced by links; all must be noticed.

Noticed by the check of the whole run, refused by whoever reads the file, and made again, byte for byte, by the command
that made the run.
"""

import contextlib
import io
import os
import shutil
from pathlib import Path
from unittest import mock

from pfc_metarl import verify
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate_main
from tests.torture.harness import NO_GIT, SMALL, Count, flipped, hashes, reference, refused, rng

WAYS = ("flip", "flip", "flip", "flip", "flip", "flip", "truncate", "append", "delete", "link")


def attack(flips, seed, folder, repairs=None, inside=False):
    count, generator = Count("changed, cut, lengthened, deleted, linked files of a run"), rng(seed, "flips")
    run = folder / "run"
    expected, _ = reference(run, inside=inside)
    shutil.copytree(run, folder / "whole")
    every = max(1, flips // (repairs or max(1, flips // 25)))
    names = sorted(path.name for path in run.iterdir() if path.name != ".lock")
    mended = 0
    for number in range(flips):
        name, way = names[number % len(names)], generator.choice(WAYS)
        _damage(run / name, way, generator, folder / "elsewhere")
        count.cases += 1
        _detected(run, name, f"{way} {name}", count)
        if number % every == 0:
            mended += 1
            _mended(run, name, expected, f"{way} {name}", count)
            shutil.rmtree(run)
            shutil.copytree(folder / "whole", run)
        else:
            (run / name).unlink(missing_ok=True)
            shutil.copy(folder / "whole" / name, run / name)
    count.require(hashes(run) == expected, "the folder was changed by the attack itself")
    return count.tally(f"{mended} made again by the same command, all bytes equal")


def _damage(path, way, generator, elsewhere):
    content = path.read_bytes()
    path.unlink()
    if way == "link":
        elsewhere.write_bytes(content)
        path.symlink_to(elsewhere)
    elif way != "delete":
        new = {
            "flip": flipped(content, generator),
            "truncate": content[: generator.randrange(len(content))],
            "append": content + generator.randbytes(generator.randrange(1, 9)),
        }
        path.write_bytes(new[way])


def _detected(run, name, what, count):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = verify.main([str(run)])
    if name == "run.json":
        wrong = refused(lambda: open_run(run))
        count.require(wrong is None and code == 2, f"{what}: {wrong}, verify {code}")
        return
    count.require(code == 1, f"{what}: verify says {code}")
    opened = open_run(run)
    count.require(list(opened.damage()) == [name], f"{what}: found {opened.damage()}")
    wrong = refused(_reader(opened, name))
    count.require(wrong is None, f"{what}: read, {wrong}")


def _reader(run, name):
    special = {"weights.safetensors": run.weights, "history.nc": run.history, "summary.json": run.summary}
    return special.get(name, lambda: run.recording(Path(name).stem))


def _mended(run, name, expected, what, count):
    words = ["two_step", *SMALL, "--workers", "1", "--out", str(run)]
    with contextlib.redirect_stderr(io.StringIO()) as err, mock.patch.dict(os.environ, NO_GIT):
        code = simulate_main(words)
        if name == "run.json":
            deleted = not (run / name).exists()
            count.require(code == 2, f"{what}: the same command says {code}")
            if deleted:
                shutil.rmtree(run)
            code = simulate_main([*words, "--force"])
    count.require(code == 0, f"{what}: to make it again ends with {code}, {err.getvalue()[-300:]}")
    count.require(hashes(run) == expected, f"{what}: made again with other bytes")
    try:
        count.require(not open_run(run).damage(), f"{what}: made again, and damaged")
    except BadInput as error:
        count.require(False, f"{what}: {error}")


def test_every_change_of_a_file_is_detected_and_repaired(tmp_path):
    assert not attack(110, 0, tmp_path, repairs=3, inside=True).lost
