"""Mistakes that do not depend on training are reported before it, in one sentence with file and line."""

from pathlib import Path

import pytest

from pfc_metarl import experiments
from pfc_metarl.effort import repeats
from pfc_metarl.execution import rehearsal
from pfc_metarl.execution.rehearsal import is_needed, rehearse
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.simulate import main
from tests.test_simulate import OUTSIDE

LONG = OUTSIDE.replace("updates=2", "updates=100_000_000")
"""Whoever trains this does not end."""
WITH_MEASURE = (
    LONG.replace("from pfc_metarl import", "from pfc_metarl import Headline, Probe, measures\nfrom pfc_metarl import")
    + """
def results(recordings):
    return {"reward": measures.reward_per_trial(recordings["test"])}

EXPERIMENT = Experiment(
    claim="Outside.", task=Bandit(), learner=A2C(updates=100_000_000, episodes=2), networks=2, measures=results,
    headlines=(Headline(label="reward", measure="reward", variable="reward_per_trial"),),
)
"""
)
MISTAKES = {
    "no_reward_column": (
        WITH_MEASURE.replace(', "reward": ("reward", "choice")', "")
        .replace('recordings["test"])', 'recordings["test"]).assign(x=trials(recordings["test"])["reward"].mean())')
        .replace("from pfc_metarl import A2C", "from pfc_metarl import trials\nfrom pfc_metarl import A2C"),
        ["line", "reward"],
    ),
    "wrong_phase": (LONG.replace('("reward", "choice")', '("reward", "outcome")'), ["outcome"]),
    "too_many_actions": (
        LONG.replace('action_names = ("left", "right")', 'action_names = tuple(f"a{n}" for n in range(200))'),
        ["action"],
    ),
    "measure_raises": (
        WITH_MEASURE.replace('return {"reward"', 'x = recordings["test"]["rewards"]\n    return {"reward"'),
        ["measure_raises.py, line ", "KeyError", "rewards"],
    ),
    "no_such_recording": (WITH_MEASURE.replace('recordings["test"]', 'recordings["tset"]'), ["KeyError", "tset"]),
    "wrong_measure": (WITH_MEASURE.replace('measure="reward"', 'measure="rewards"'), ["'rewards'", "there are reward"]),
    "wrong_variable": (WITH_MEASURE.replace('variable="reward_per_trial"', 'variable="mean"'), ["'mean'"]),
    "wrong_null": (
        WITH_MEASURE.replace(
            "measures=results", 'measures=results, probes={"test": Probe(reference_agents={"random": Random()})}'
        )
        .replace('variable="reward_per_trial"', 'variable="reward_per_trial", criterion=(0.6, None), null=("rnadom",)')
        .replace("from pfc_metarl import A2C", "from pfc_metarl.agents import Random\nfrom pfc_metarl import A2C"),
        ["null = 'rnadom'", "did you mean 'random'"],
    ),
    "wrong_place": (
        WITH_MEASURE.replace('variable="reward_per_trial"', 'variable="reward_per_trial", at={"lag": 1}'),
        ["lag = 1"],
    ),
    "wrong_only": (
        WITH_MEASURE.replace("measures=results", 'measures=results, probes={"test": Probe(only=("hiden",))}'),
        ["hiden", "hidden"],
    ),
    "agent_of_another_task": (
        WITH_MEASURE.replace(
            "measures=results", 'measures=results, probes={"test": Probe(reference_agents={"observer": OBSERVER})}'
        ).replace(
            "EXPERIMENT =",
            "from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP\n"
            "OBSERVER = REFERENCE_AGENTS_TWO_STEP['latent_state']\nEXPERIMENT =",
        ),
        ["observer"],
    ),
    "yoked_without_values": (
        WITH_MEASURE.replace(
            "measures=results", 'measures=results, probes={"test": Probe(yoked={"x": Random()})}'
        ).replace("from pfc_metarl import A2C", "from pfc_metarl.agents import Random\nfrom pfc_metarl import A2C"),
        ["x"],
    ),
    "intervention_raises": (
        WITH_MEASURE.replace(
            "measures=results", 'measures=results, probes={"test": Probe(intervene=lambda percept, state: state.oops)}'
        ),
        ["line", "AttributeError", "oops"],
    ),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_before_the_training(here, capsys, name):
    text, words = MISTAKES[name]
    Path(f"{name}.py").write_text(text)
    assert main([f"{name}.py", "--workers", "1"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert all(word in err for word in [*words, f"{name}.py" if "line" in "".join(words) else ""])
    assert out == ""
    assert len(err) < 600
    assert [path.name for path in here.iterdir() if path.suffix != ".py" and path.name != "__pycache__"] in (
        [],
        ["runs"],
    )
    assert not list(here.glob("runs/*/run.json"))


def test_settings_for_which_a_measure_has_nothing_are_refused(here, capsys):
    assert main(["two_step", "--workers", "1", "--set", "task.n_trials=1", "--updates", "100000000"]) == 2
    assert "no two successive trials" in capsys.readouterr().err
    assert not list(here.glob("runs/*/run.json"))


def test_too_few_data_for_a_measure_are_no_mistake():
    """Principal components of 5 episodes need fewer than 5 dimensions; a run of 300 has enough."""
    made = experiments.load("bandit_independent")
    rehearse(changed(made, {"task": {"n_trials": 10}, "networks": 2}))


def test_a_measure_may_refuse_networks_that_make_no_choices(here):
    """As in Harlow's task, where an untrained network may never look at an object."""
    Path("quiet.py").write_text(
        WITH_MEASURE.replace('return {"reward"', "raise BadInput('no choices')\n    return {\"reward\"")
        .replace("from pfc_metarl.settings import", "from pfc_metarl.settings import BadInput,")
        .replace(
            'action_names = ("left", "right")',
            'action_names = ("left", "up", "down", "away")\n    no_response_actions = ("up", "down", "away")',
        )
    )
    made = experiments.load("quiet.py")
    rehearse(changed(made, {"probes": {"test": {"episodes": 3}}}))


def test_experiments_of_the_package_are_not_rehearsed_as_they_are_written():
    made = experiments.load("two_step")
    assert not is_needed(made, "two_step", ["networks", "learner.updates", "probes.test.episodes"])
    assert is_needed(made, "two_step", ["task.p_common"])
    assert is_needed(made, "two_step", ["network.core"])
    assert is_needed(made, "", [])
    assert is_needed(made, "my_bandit.py", [])


@pytest.mark.parametrize(
    "name",
    [
        "bandit_independent",
        "foraging",
        "harlow_objects",
        "inferred_value",
        "two_step",
        "two_step_feedforward",
        "volatility",
    ],
)
def test_experiments_of_the_package_pass_their_rehearsal(name):
    rehearse(changed(experiments.load(name), {"networks": 2}))


def test_fits_are_short_in_a_rehearsal(monkeypatch):
    found = []
    monkeypatch.setattr(rehearsal, "summarised", lambda *_: found.append(repeats(500, in_rehearsal=3)))
    rehearse(experiments.load("bandit_independent"))
    assert found == [3]
    assert repeats(500, in_rehearsal=3) == 500


def test_a_device_on_which_training_fails_is_named(monkeypatch):
    from pfc_metarl.learning.a2c import A2C

    def begin(self, task, network, seed, networks, device="cpu"):
        raise NotImplementedError("The operator 'aten::x' is not implemented for the MPS device. If you want, ...")

    monkeypatch.setattr(A2C, "begin", begin)
    with pytest.raises(BadInput, match=r"device = 'mps': .*NotImplementedError: The operator"):
        rehearse(experiments.load("two_step"), device="mps")
