"""Simulations begun from Python: scripts, standard input, notebooks, threads, pools."""

import os
import pickle
import subprocess
import sys
import textwrap
import threading

import cloudpickle
import pytest

import pfc_metarl
from pfc_metarl import BadInput, experiments, open_run, simulate
from pfc_metarl.settings import changed
from tests.handmade import BANDIT

TASK = (
    BANDIT
    + """
from pfc_metarl import A2C, Experiment, Network, simulate

learner, network = A2C(updates=2, episodes=2), Network(units=4)
experiment = Experiment(claim="", task=Bandit(), network=network, learner=learner, networks=2)
"""
)
RUN = (
    'run = simulate(experiment, workers=2, out="run", progress=False)\nprint(run.recording("test").sizes["network"])\n'
)


def python(arguments, text="", **environment):
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_script_without_a_guard_with_a_task_of_its_own(here):
    (here / "script.py").write_text(TASK + RUN)
    assert python(["script.py"]) == ("2\n", "")
    assert "class Bandit" in (here / "run" / "source" / "script.py").read_text()


def test_standard_input(here):
    assert python(["-"], TASK + RUN) == ("2\n", "")


def test_a_thread(here):
    found = []
    tiny = changed(experiments.load("informative_arm"), {"probes": {"test": {"episodes": 2}}})

    def work():
        try:
            found.append(simulate(tiny, networks=2, updates=1, workers=2, progress=False))
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0].recording("test").sizes["network"] == 2


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_worker_of_a_pool_trains_by_itself_and_says_so(here, start):
    text = TASK + textwrap.dedent(
        f"""
        import multiprocessing

        def work(seed):
            return simulate(experiment, seed=seed, workers=2, progress=False).history().sizes["network"]

        if __name__ == "__main__":
            with multiprocessing.get_context("{start}").Pool(1) as pool:
                print(pool.map(work, [0]))
        """
    )
    (here / "script.py").write_text(text)
    out, err = python(["script.py"])
    assert out == "[2]\n"
    assert "cannot start workers of its own" in err


def test_joblib(here):
    text = TASK + textwrap.dedent(
        """
        import joblib

        def work(seed):
            return simulate(experiment, seed=seed, workers=2, progress=False).history().sizes["network"]

        print(joblib.Parallel(n_jobs=2)(joblib.delayed(work)(seed) for seed in (0, 1)))
        """
    )
    (here / "script.py").write_text(text)
    assert python(["script.py"])[0] == "[2, 2]\n"


@pytest.mark.parametrize(
    "imports",
    [
        "import pfc_metarl; f = pfc_metarl.simulate",
        "from pfc_metarl import simulate as f",
        "import pfc_metarl.simulate; f = pfc_metarl.simulate",
        "from pfc_metarl.simulate import main; from pfc_metarl import simulate as f",
        "from pfc_metarl.simulate import simulate as f",
        "import pfc_metarl; pfc_metarl.simulate; import pfc_metarl.simulate; f = pfc_metarl.simulate",
    ],
)
def test_simulate_is_the_function_in_every_order_of_imports(imports):
    code = f"{imports}; import sys; print(f is sys.modules['pfc_metarl.simulate'].simulate)"
    assert python(["-c", code])[0] == "True\n"


TINY = {"task": {"n_trials": 4}, "network": {"units": 12}, "probes": {"test": {"episodes": 4}}}


@pytest.fixture(scope="module")
def run():
    return simulate(changed(experiments.load("two_step"), TINY), networks=3, updates=2, workers=1, progress=False)


def test_without_a_folder_the_run_has_the_same_methods_and_leaves_nothing_behind(run):
    assert run.summary()["measures"][0]["n"] == 3
    assert dict(run.history().sizes) == {"update": 2, "network": 3}
    assert run.weights()["core"].shape[0] == 3
    assert run.experiment.task.n_trials == 4


def test_a_temporary_run_is_removed_with_its_object():
    tiny = changed(experiments.load("informative_arm"), {"probes": {"test": {"episodes": 2}}})
    made = simulate(tiny, networks=1, updates=1, workers=1, progress=False)
    folder = made.folder
    assert folder.exists()
    del made
    assert not folder.exists()


def test_an_experiment_changed_in_python_is_the_run_of_the_command(run, here):
    words = ["--networks", "3", "--updates", "2", "--workers", "1", "--quiet", "--out", "run"]
    sets = ["--set", "task.n_trials=4", "--set", "network.units=12", "--set", "probes.test.episodes=4"]
    from pfc_metarl.simulate import main

    assert main(["two_step", *words, *sets]) == 0
    by_command = open_run("run")
    assert run.manifest["training"] == by_command.manifest["training"]
    assert run.manifest["experiment"] == "two_step"
    assert all(run.weights()[name].equal(values) for name, values in by_command.weights().items())
    again = simulate(run.experiment, out="run", progress=False)
    assert again.manifest["files"] == by_command.manifest["files"]
    assert by_command.experiment == run.experiment


def test_the_loaded_agent_is_recorded_and_intervened_upon(run):
    from pfc_metarl.simulation.interventions import Edited, silence

    agent = pfc_metarl.load(run)
    task = run.experiment.task
    mine = pfc_metarl.record(task, agent, 4, run.manifest["seed"])
    assert mine["action"].equals(run.recording("test")["action"])
    lesion = Edited("ten units", silence(range(10)))
    without = pfc_metarl.record(task, agent, 4, 0, intervene=lesion)
    assert float(abs(without["hidden"].isel(unit=slice(10))).max()) == 0
    longer = changed(task, {"n_trials": 9})
    assert pfc_metarl.record(longer, pfc_metarl.load(run, longer), 2, 0).sizes["step"] == 18


def test_an_agent_is_refused_a_task_with_other_channels(run):
    from pfc_metarl.tasks import Bandit

    with pytest.raises(BadInput, match="task: it has 1 channels, the networks were trained with 3"):
        pfc_metarl.load(run, Bandit())


@pytest.mark.parametrize("wrong", [3, None, "two_stp"])
def test_what_is_no_experiment_is_refused(wrong):
    with pytest.raises(BadInput, match="experiment = "):
        simulate(wrong)


def test_a_task_file_in_the_current_folder_never_replaces_a_module_of_python(here):
    for name in ("json.py", "random.py"):
        (here / name).write_text(TASK.replace("experiment =", "EXPERIMENT ="))
    python(["-m", "pfc_metarl.simulate", "json.py", "--workers", "2", "--out", "run", "--quiet"])
    assert open_run("run").recording("test").sizes["network"] == 2


def test_a_function_of_a_script_that_uses_the_package_can_be_sent_to_a_process():
    scope = {"pfc_metarl": pfc_metarl, "__name__": "__main__"}
    exec("def act():\n    return pfc_metarl.__version__", scope)
    assert pickle.loads(cloudpickle.dumps(scope["act"]))() == pfc_metarl.__version__
