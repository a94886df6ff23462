"""Random and nearly right configurations and command lines: exit code 0 or 2, one sentence, and no file touched.

Everything is carried out but the simulation itself.
"""

import contextlib
import io
import os
import shutil
import sys
from pathlib import Path
from unittest import mock

import tomli_w
from hypothesis import strategies as st

from pfc_metarl import export, verify
from pfc_metarl.execution import simulation
from pfc_metarl.execution.pipeline import Done
from pfc_metarl.experiments import load
from pfc_metarl.simulate import main as simulate_main
from tests.torture.harness import fuzz, one_sentence

GROUPS = load("two_step").numbers()
NAMES = sorted({name for group in ("task", "network", "learner") for name in GROUPS[group]})
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-3, 40), st.floats(), st.floats(0, 1), st.text(max_size=8),
    st.sampled_from(["lstm", "gru", "adam", "rmsprop", "observation", "\n", "\0", "é", 10**30, -(10**30), 1e308]),
    st.lists(st.integers() | st.text(max_size=3), max_size=3), st.dates(), st.times(),
)  # fmt: skip
GROUP = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), ODD, max_size=4)
PROBES = st.dictionaries(
    st.sampled_from(["test", "x"]),
    st.fixed_dictionaries({}, optional={"episodes": ODD, "changes": GROUP, "only": ODD, "animals": ODD}) | ODD,
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={"task": GROUP | ODD, "network": GROUP | ODD, "learner": GROUP | ODD, "networks": ODD, "probes": PROBES},
) | st.dictionaries(st.text(max_size=5), ODD, max_size=3)

WORDS = st.text(max_size=10) | st.sampled_from(["", "-1", "0", "1", "2", "1e9", "nan", "inf", "x", "--", "-", "9" * 30])
PATHS = st.sampled_from(
    [
        "new",
        "new/below",
        "file",
        "file/below",
        "full",
        "\0",
        "a" * 300,
        "/proc/x",
        "/dev/null",
        ".",
        "",
        "odd.py",
        "é\n",
    ]
)
VALUED = ("--networks", "--seed", "--updates", "--workers", "--checkpoint-every")
DEVICES = (
    st.sampled_from(["cpu", "cuda", "cuda:7", "cpu:1", "meta", "mps", "xpu", "xla", "hpu", "lazy", "no", ""]) | WORDS
)
PLACES = st.sampled_from([f"{g}.{n}" for g in ("task", "network", "learner") for n in GROUPS[g]] + ["networks", "task"])
SETTINGS = st.builds("{}={}".format, PLACES | WORDS, WORDS | st.integers() | st.floats()) | WORDS
OPTIONS = st.one_of(
    st.tuples(st.sampled_from(VALUED), WORDS),
    st.tuples(st.just("--set"), SETTINGS),
    st.tuples(st.just("--device"), DEVICES),
    st.tuples(st.just("--config"), PATHS),
    st.tuples(st.just("--out"), PATHS),
    st.tuples(st.sampled_from(["--quiet", "--json", "--force", "--list", "--print-config", "--help", "--nope", "-x"])),
    st.tuples(WORDS),
)
EXPERIMENT = st.sampled_from(["two_step", "two_step", "two_step", "two_step_wang2018", "odd.py", "file", "full.py", ""])
LINES = st.tuples(EXPERIMENT | WORDS, st.lists(OPTIONS, max_size=5)).map(
    lambda t: [t[0], *(w for o in t[1] for w in o)]
)
OTHER = st.tuples(
    st.sampled_from([export.main, verify.main]),
    st.lists(PATHS | WORDS | st.sampled_from(["--to", "csv", "--probe", "test", "--out", "--help"]), max_size=4),
)


def attack_configurations(cases, seed, folder):
    def check(config):
        path = Path("config.toml")
        if isinstance(config, bytes):
            path.write_bytes(config)
        else:
            path.write_text(tomli_w.dumps(_without_none(config)), encoding="utf-8", errors="surrogatepass")
        return _outcome(simulate_main, ["two_step", "--config", str(path), "--print-config"], {"config.toml"})

    with _here(folder):
        return fuzz("fuzzed configurations", CONFIGS | st.binary(max_size=40), check, cases, seed)


def attack_command_lines(cases, seed, folder):
    def check(case):
        if isinstance(case, tuple):
            return _outcome(*case, set())
        return _outcome(simulate_main, case, {"new", "runs", "é\n", "1", "2", "0"})

    def nothing(experiment, run, plan):
        claim = {"text": "", "networks": 1, "reached": None, "changed": []}
        run.finish({"claim": claim, "measures": [], "stopped": {}})
        return Done([], [], {})

    with _here(folder), mock.patch.object(simulation, "carry_out", nothing):
        return fuzz("fuzzed command lines", LINES | LINES | LINES | OTHER, check, cases, seed)


@contextlib.contextmanager
def _here(folder):
    """An empty working directory with files that must not change."""
    (folder / "full.py").mkdir(parents=True)
    (folder / "full").mkdir()
    (folder / "full" / "notes.txt").write_text("mine")
    (folder / "file").write_text("mine")
    (folder / "odd.py").write_bytes(b"\xff\x00")
    before, bytecode = Path.cwd(), sys.dont_write_bytecode
    os.chdir(folder)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        os.chdir(before)
        sys.dont_write_bytecode = bytecode


def _outcome(main, words, asked_for):
    """What is wrong with how a command line ended; None if nothing."""
    out, err, before = io.StringIO(), io.StringIO(), _contents(asked_for)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(words))
        except SystemExit as error:
            code = error.code
    errors, after = err.getvalue(), _contents(asked_for)
    written = set(os.listdir()) - {path.parts[0] for path in before}
    for name in written - {"config.toml"}:
        shutil.rmtree(name, ignore_errors=True)
    if code not in (0, 2):
        return f"exit code {code}: {errors[-300:]}"
    if code == 2 and not (one_sentence(errors) and out.getvalue() == ""):
        return f"not one sentence: {errors[-300:]!r} {out.getvalue()[:80]!r}"
    if code == 0 and errors:
        return f"complains and continues: {errors[-300:]!r}"
    return None if before == after else f"files changed: {set(before.items()) ^ set(after.items())}"


def _contents(asked_for):
    paths = [path for path in Path().rglob("*") if path.is_file() and path.parts[0] not in asked_for]
    return {path: path.read_bytes() for path in paths}


def _without_none(value):
    if isinstance(value, dict):
        return {name: _without_none(entry) for name, entry in value.items() if entry is not None}
    return value


def test_any_configuration_is_taken_or_refused_in_a_sentence(tmp_path):
    assert not attack_configurations(150, 0, tmp_path).lost


def test_any_command_line_is_taken_or_refused_in_a_sentence(tmp_path):
    assert not attack_command_lines(150, 0, tmp_path).lost
