"""Bad input is reported in one sentence, and nothing is written."""

import shlex
from pathlib import Path

import pytest

from analyses import __main__ as analyses
from pfc_metarl import export
from pfc_metarl.simulate import main as simulate_main
from tests.test_simulate import OUTSIDE

FILES = {
    "syntax.py": "x = (\n",
    "raises.py": "\nx = 1 / 0\n",
    "exits.py": "raise SystemExit(0)\n",
    "empty.py": "x = 1\n",
    "other.py": "EXPERIMENT = 3\n",
    "int_reward.py": OUTSIDE.replace("(action == state.good_arm).float()", "action"),
    "typo.py": OUTSIDE.replace("action == state.good_arm", "action == state.god_arm"),
    "no_observe.py": OUTSIDE.replace("def observe", "def see"),
    "plain.py": OUTSIDE.replace("@settings\n", ""),
    "bad_value.py": OUTSIDE.replace("task=Bandit()", 'task=Bandit(n_trials="many")'),
    "bad.toml": "networks = = 3\n",
    "unknown.toml": "[task]\np_comon = 0.5\n",
    "full/notes.txt": "mine\n",
    "file": "mine\n",
}
TYPO_LINE = 1 + FILES["typo.py"][: FILES["typo.py"].index("god_arm")].count("\n")

SIMULATE = [
    ("", ["experiment", "--list"]),
    ("two_stp", ["experiment", "two_stp", "two_step"]),
    ("missing.py", ["experiment", "missing.py"]),
    ("two_step --networks 0", ["networks = 0"]),
    ("two_step --networks x", ["--networks", "'x'"]),
    ("two_step --updates 0", ["updates = 0"]),
    ("two_step --workers 0", ["--workers 0"]),
    ("two_step --seed -1", ["--seed -1"]),
    ("two_step --seed 9223372036854775808", ["--seed 9223372036854775808"]),
    ("two_step --nonsense", ["--nonsense"]),
    ("two_step --device nonsense", ["--device nonsense"]),
    ("two_step --device meta", ["--device meta"]),
    ("two_step --device hpu", ["--device hpu"]),
    ("two_step --device mkldnn", ["--device mkldnn"]),
    ("two_step --set task.p_common=1.4", ["task.p_common = 1.4"]),
    ("two_step --set task.p_comon=0.5", ["task.p_comon = 0.5", "p_common"]),
    ("two_step --set task=3", ["task = 3"]),
    ("two_step --set nonsense", ["--set nonsense"]),
    ("two_step --set nonsense=3", ["nonsense", "task, network, learner"]),
    ("two_step --set probes.test.episodes=0", ["probes.test.episodes = 0"]),
    ("two_step --set probes.nope.episodes=3", ["probes.nope", "test"]),
    ("two_step --set probes.test.changes.p_common=2", ["probes.test.changes.p_common = 2"]),
    ("two_step --set network.core=transformer", ["network.core = 'transformer'", "lstm"]),
    ("two_step --config missing.toml", ["--config missing.toml", "No such file"]),
    ("two_step --config bad.toml", ["--config bad.toml", "line 1"]),
    ("two_step --config unknown.toml", ["task.p_comon = 0.5"]),
    ("two_step --out full", ["--out full", "not empty"]),
    ("two_step --out full --force", ["--out full", "not empty"]),
    ("two_step --out file", ["--out file"]),
    ("two_step --out file/below", ["--out file/below"]),
    ("syntax.py", ["syntax.py, line 1: SyntaxError"]),
    ("raises.py", ["raises.py, line 2: ZeroDivisionError: division by zero"]),
    ("exits.py", ["exits.py, line 1: SystemExit"]),
    ("empty.py", ["empty.py", "EXPERIMENT"]),
    ("other.py", ["other.py", "EXPERIMENT"]),
    ("int_reward.py", ["int_reward.py", "Task Bandit breaks the contract: reward"]),
    ("typo.py", [f"typo.py, line {TYPO_LINE}: AttributeError", "god_arm"]),
    ("no_observe.py", ["no_observe.py", "observe"]),
    ("plain.py", ["plain.py", "Bandit", "dataclass"]),
    ("bad_value.py", ["bad_value.py", "n_trials = 'many'"]),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    return tmp_path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def refused(capsys, main, words, folder):
    """Return whether a command line is refused in a sentence that holds some words, and leaves a folder as it was."""
    before = contents(folder)
    code = main()
    out, err = capsys.readouterr()
    one_sentence = err.startswith("error: ") and err.endswith("\n") and err.count("\n") == 1
    refused = one_sentence and all(word in err for word in words)
    return (code, out, refused, contents(folder) == before) == (2, "", True, True)


@pytest.mark.parametrize(("line", "words"), SIMULATE, ids=[line or "nothing" for line, _ in SIMULATE])
def test_simulate_refuses(here, capsys, line, words):
    assert refused(capsys, lambda: simulate_main(shlex.split(line)), words, here)


def test_a_run_is_replaced_only_by_force(tiny_run, capsys):
    words = [f"--out {tiny_run}", "--force"]
    assert refused(capsys, lambda: simulate_main(["two_step", "--out", str(tiny_run)]), words, tiny_run)


def test_export_refuses(tiny_run, here, capsys):
    assert refused(capsys, lambda: export.main(["nowhere"]), ["nowhere"], here)
    assert refused(capsys, lambda: export.main([str(tiny_run), "--probe", "nope"]), ["no recording 'nope'"], tiny_run)
    assert refused(capsys, lambda: export.main([str(tiny_run), "--out", "file/x.csv"]), ["--out file/x.csv"], here)


def test_export_refuses_a_truncated_recording(tiny_run, here, capsys):
    for name in ("run.json", "test.nc"):
        content = (tiny_run / name).read_bytes()
        (here / name).write_bytes(content[: len(content) // 2] if name == "test.nc" else content)
    assert refused(capsys, lambda: export.main([str(here)]), ["test.nc"], here)


def test_analyses_refuse(here, capsys):
    assert refused(capsys, lambda: analyses.main(["fig5_two_step", "--run", "nowhere"]), ["nowhere"], here)
    assert refused(capsys, lambda: analyses.main(["fig55"]), ["figure = 'fig55'", "fig5_two_step"], here)
