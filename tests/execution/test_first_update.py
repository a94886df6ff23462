"""Mistakes in code of a lab that the first update of a training shows."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from pfc_metarl import experiments
from pfc_metarl.execution.first_update import try_first_update, without_global_noise
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.simulate import main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LEARNER = (EXAMPLES / "own_learner.py").read_text().replace("TwoStep(n_trials=50)", "TwoStep(n_trials=3)")
LEARNER = LEARNER.replace("Network()", "Network(units=4, learned_initial_state=False)")
NETWORK = (EXAMPLES / "own_network.py").read_text().replace("TwoStep(n_trials=50)", "TwoStep(n_trials=3)")
STEP = "self.weights[name] -= self.learner.learning_rate * gradient"
ROW = 'return {"reward_per_trial": reward.mean(1) / self.task.n_trials}'
BEGIN = "return ReinforceTraining(self, task, network, seed, networks, device)"
LOSS = "return -(surplus * chosen).mean(2).sum()"
FORWARD = "first = self.first(features, first)"
MISTAKES = {
    "rebinds": (LEARNER, STEP, STEP.replace("-=", "= self.weights[name] -"), "replaced it by another tensor"),
    "returns_nothing": (LEARNER, ROW, "return None", "ReinforceTraining.learn: it returns None"),
    "returns_one_number": (LEARNER, ROW, ROW.replace(".mean(1)", ".mean()"), "one number per network"),
    "names_another_row": (LEARNER, ROW, ROW.replace("reward_per_trial", "reward"), "name all of them in `measured`"),
    "loss_is_a_float": (LEARNER, LOSS, "return 0.0", "return a torch tensor"),
    "loss_is_a_vector": (LEARNER, LOSS, "return -(surplus * chosen).mean(2)", "return one number"),
    "begins_nothing": (LEARNER, BEGIN, "return None", "Reinforce.begin returns None; return an instance of Training"),
    "has_no_learn": (LEARNER, "def learn(", "def lern(", "abstract"),
    "has_no_begin": (LEARNER, "def begin(", "def bgin(", "abstract"),
    "begins_otherwise": (LEARNER, ', networks, device="cpu")', ")", "learner: Reinforce.begin: too many positional"),
    "raises": (LEARNER, STEP, "raise KeyError(name)", "learner, a first update: KeyError: 'core'"),
    "is_not_finite": (LEARNER, STEP, STEP.replace("-=", "-= float('nan') *"), "choose a lower learning rate"),
    "changes_fixed_weights": (LEARNER, STEP, STEP + "\n        self.weights['initial'] += 1", "does not learn them"),
    "learner_draws": (LEARNER, STEP, STEP + " * torch.rand(())", "torch's global generator"),
    "dropout": (NETWORK, FORWARD, FORWARD + " + nn.functional.dropout(features, 0.5)[..., :1]", "leave dropout"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_in_one_sentence_before_the_training(tmp_path, monkeypatch, capsys, name):
    text, right, wrong, said = MISTAKES[name]
    assert right in text
    monkeypatch.chdir(tmp_path)
    Path(f"{name}.py").write_text(
        text.replace(right, wrong).replace("from torch import", "import torch\nfrom torch import")
    )
    assert main([f"{name}.py", "--workers", "1", "--updates", "100000000"]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.startswith("error: ")
    assert (err.count("\n"), out) == (1, "")
    assert not list(tmp_path.glob("runs/*/run.json"))


def test_the_examples_stand_it_and_draw_nothing_from_the_global_generator():
    for name in ("own_learner.py", "own_network.py"):
        made = changed(experiments.load(str(EXAMPLES / name)), {"task": {"n_trials": 3}, "networks": 2})
        before = torch.get_rng_state()
        try_first_update(made, 0, "cpu")
        assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("library", "draw"),
    [
        ("torch's", lambda: torch.rand(())),
        ("numpy's", np.random.rand),
        ("Python's", random.random),
    ],
)
def test_every_global_generator_is_watched(library, draw):
    with pytest.raises(BadInput, match=f"from {library} global generator"), without_global_noise():
        draw()
    with without_global_noise():
        np.random.default_rng(0).random()
        torch.rand((), generator=torch.Generator())


def test_an_error_in_a_later_update_is_a_sentence_with_its_place(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    late = f"if self.done == 3:\n            raise ValueError('late')\n        {ROW}"
    Path("late.py").write_text(LEARNER.replace(ROW, late))
    assert main(["late.py", "--workers", "1", "--updates", "5", "--networks", "1"]) == 2
    err = capsys.readouterr().err
    assert err.strip().endswith("training: ValueError: late.")
    assert "late.py, line " in err
    assert err.count("\n") == 1
