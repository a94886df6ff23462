"""Where compiled code is kept, and when it is not needed at all."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np

from pfc_metarl import compiler

REPOSITORY = Path(compiler.__file__).parents[1]


def half(x):
    return x / 2


def run(code, **environment):
    options = {"capture_output": True, "text": True, "cwd": REPOSITORY, "env": os.environ | environment}
    return subprocess.run([sys.executable, "-c", code], check=True, **options).stdout.strip()


def test_no_command_loads_the_compiler_before_a_network_acts():
    modules = ["simulate", "verify", "export", "causality", "experiments", "learning.a2c"]
    lines = "; ".join(f"import pfc_metarl.{module}; print('{module}', 'numba' in sys.modules)" for module in modules)
    assert run(f"import sys; {lines}").splitlines() == [f"{module} False" for module in modules]


def test_the_setting_of_other_code_is_left_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert compiler.compiled(half)(np.float32(3)) == 1.5
    assert str(tmp_path) == numba.config.CACHE_DIR
    assert list(tmp_path.glob("pfc_metarl-*/*/*.nbi")), "kept where the user wants it"


def test_without_a_folder_to_write_to_all_is_compiled_in_memory(monkeypatch):
    def nowhere(function=None, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda its: its

    monkeypatch.setattr(numba, "njit", nowhere)
    assert compiler.compiled(half)(3) == 1.5


def test_the_folder_follows_the_text_of_the_compiled_files(monkeypatch, tmp_path):
    before = compiler._folder("")
    package = Path(compiler.__file__).parent
    for path in (package / "compiler.py", package / "dopamine.py", *package.glob("*/compile*.py")):
        own = tmp_path / path.relative_to(package)
        own.parent.mkdir(exist_ok=True)
        own.write_bytes(path.read_bytes())
    monkeypatch.setattr(compiler, "__file__", str(tmp_path / "compiler.py"))
    assert compiler._folder("").name == before.name
    (tmp_path / "networks" / "compiled_cores.py").write_text("changed", encoding="utf-8")
    assert compiler._folder("").name != before.name


TRAIN = """
import hashlib
from pfc_metarl import experiments
from pfc_metarl.settings import changed
from pfc_metarl.simulation import acting
acting.TRANSLATED_FROM = 1
two_step = experiments.load("two_step")
learner = changed(two_step.learner, {"updates": 3, "episodes": 4})
training = learner.begin(changed(two_step.task, {"n_trials": 20}), two_step.network, seed=0, networks=range(2))
while not training.complete:
    training.update()
import sys
assert not {"sympy", "torch.distributed.tensor"} & set(sys.modules), "they take a process a second"
print(hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in training.weights.values())).hexdigest())
"""


def test_code_just_compiled_and_code_from_the_cache_give_the_same_bytes(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", TRAIN]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout for _ in range(2)
    )
    assert first == second
    assert list(tmp_path.rglob("*.nbc"))
