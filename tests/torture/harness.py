"""Parts of the attacks: a small run, its hashes, a count of failures, a fuzzer that continues after failures."""

import contextlib
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import hypothesis

from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate_main

HOME = Path(__file__).parents[2]
SMALL = (
    "informative_arm",
    *("--networks", "2", "--updates", "40", "--checkpoint-every", "0.05", "--quiet"),
    *("--set", "task.n_trials=10", "--set", "network.units=6", "--set", "probes.test.episodes=20"),
)
"""A run that takes as long as Python takes to start: its experiment has few recordings."""
NO_GIT = {"GIT_DIR": os.devnull}
"""A commit during an attack would change the provenance of later files, and so their bytes."""
SECONDS_PER_CASE = 60.0
"""A case that does not hang takes milliseconds; the first may compile for many seconds on a busy machine."""


class Tally(NamedTuple):
    """How an attack went; nothing may be lost."""

    attack: str
    cases: int
    lost: tuple[str, ...]
    seconds: float
    note: str = ""


class Count:
    """Counts cases, and keeps what was lost in words."""

    def __init__(self, attack):
        self.attack, self.cases, self.lost, self.start = attack, 0, [], time.monotonic()

    def require(self, holds, wrong):
        if not holds:
            self.lost.append(f"{self.attack}: {wrong}")

    def tally(self, note=""):
        return Tally(self.attack, self.cases, tuple(self.lost), time.monotonic() - self.start, note)


class Hang(BaseException):
    """A case took too long; nothing catches it."""


@contextlib.contextmanager
def time_limit(seconds=SECONDS_PER_CASE):
    def stop(*_):
        raise Hang(f"more than {seconds} s")

    handler, timer = signal.signal(signal.SIGALRM, stop), signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


def command(folder, *options, workers=1):
    words = (*SMALL, "--workers", str(workers), "--out", str(folder), *options)
    return [sys.executable, "-m", "pfc_metarl.simulate", *words]


def environment():
    return {**os.environ, **NO_GIT, "PYTHONPATH": str(HOME)}


def start(words):
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, env=environment(), cwd=HOME)


def finish(words, inside=False, timeout=300):
    """Run a command to its end, in this process if `inside`; exit code and stderr."""
    if inside:
        with contextlib.redirect_stderr(io.StringIO()) as err, mock.patch.dict(os.environ, NO_GIT):
            return simulate_main(words[3:]), err.getvalue()
    process = start(words)
    try:
        _, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, f"hangs for {timeout} s"
    return process.returncode, err


def reference(folder, workers=1, inside=False):
    """Make an uninterrupted run; its hashes, and the seconds it took."""
    begun = time.monotonic()
    code, err = finish(command(folder, workers=workers), inside)
    assert code == 0, err
    return hashes(folder), time.monotonic() - begun


def hashes(folder):
    """SHA-256 of every result of a run; run.json and report.html name seconds and folder and are no results."""
    no_results = ("run.json", "report.html", ".lock")
    paths = sorted(path for path in Path(folder).iterdir() if path.name not in no_results)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder" for path in paths}


def named_and_broken(folder):
    """What run.json names although it is not whole: hashes recomputed here, not by the package."""
    path = Path(folder) / "run.json"
    if not path.exists():
        return []
    files = json.loads(path.read_text())["files"]
    found = hashes(folder)
    return [name for name, entry in files.items() if found.get(name) != entry["sha256"]]


def one_sentence(err):
    return err.count("\n") == 1 and err.endswith("\n") and "Traceback" not in err and len(err) > 10


def refused(act):
    """None if an act is refused by BadInput in one line, else what happened instead."""
    try:
        with time_limit():
            act()
    except BadInput as error:
        return None if str(error) and "\n" not in str(error) else f"not one line: {error!r}"
    except (Exception, Hang) as error:
        return where(error)
    return "nobody noticed"


def where(error):
    """An exception and the innermost frame of the package, which together make it one finding."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "pfc_metarl" in f.filename or "analyses" in f.filename
    ]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}: {str(error).splitlines()[0][:160] if str(error) else ''}"


def fuzz(attack, strategy, check, cases, seed):
    """Try cases of a hypothesis strategy; `check` returns what is wrong in words, or None."""
    count, seen = Count(attack), set()

    def case(given):
        count.cases += 1
        try:
            with time_limit():
                wrong = check(given)
        except (Exception, Hang) as error:
            wrong = where(error)
        if wrong is not None and wrong.split(": ")[0] not in seen:
            seen.add(wrong.split(": ")[0])
            count.lost.append(f"{attack}: {wrong} <- {' '.join(repr(given).split())[:600]}")

    options = hypothesis.settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    wrapped = options(hypothesis.given(strategy)(case))
    (wrapped if seed is None else hypothesis.seed(seed)(wrapped))()
    return count.tally()


def flipped(content, rng):
    """One bit-pattern of one byte changed."""
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ rng.randrange(1, 256)]) + content[at + 1 :]


def rng(seed, *names):
    return random.Random(f"{seed} {' '.join(map(str, names))}")
