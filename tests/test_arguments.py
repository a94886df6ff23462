import threading

import numpy as np
import pytest
import torch

import pfc_metarl
from pfc_metarl import A2C, Experiment, Network
from pfc_metarl.agents import Random
from pfc_metarl.arguments import argument, command, command_line, flag, whole_number
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit

TINY = Experiment(claim="", task=Bandit(n_trials=5), network=Network(units=4), learner=A2C(updates=2))
WRONG = ["2", True, 2.0, 0, -1, None, [1], np.float64(2), np.bool_(True), torch.tensor(True), "x" * 1000]


@pytest.mark.parametrize("right", [3, np.int64(3), np.uint8(3), torch.tensor(3)])
def test_a_whole_number_may_be_of_any_whole_type(right):
    found = whole_number(right, "n", least=1)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_whole_number_is_refused_in_a_short_sentence(wrong):
    with pytest.raises(BadInput, match=r"^n = .*: must be a whole number") as refused:
        whole_number(wrong, "n", least=1)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("wrong", ["no", 1, None, []])
def test_a_flag_is_true_or_false(wrong):
    with pytest.raises(BadInput, match=r"^force = .*: must be True or False\.$"):
        flag(wrong, "force")
    assert flag(np.bool_(False), "force") is False


@pytest.mark.parametrize("name", ["networks", "updates", "workers", "seed"])
@pytest.mark.parametrize("wrong", ["2", True, 2.0, -1])
def test_simulate_takes_whole_numbers_only(name, wrong, tmp_path):
    with pytest.raises(BadInput, match=rf"^{name} = .*: must be a whole number"):
        pfc_metarl.simulate(TINY, out=tmp_path / "run", **{name: wrong})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["networks", "workers", "seed"])
@pytest.mark.parametrize("wrong", ["2", True, 2.0, -1])
def test_train_takes_whole_numbers_only(name, wrong):
    with pytest.raises(BadInput, match=rf"^{name} = .*: must be a whole number"):
        pfc_metarl.train(TINY, **{name: wrong})


def test_train_takes_an_experiment_and_numbers_of_numpy():
    with pytest.raises(BadInput, match=r"^experiment = 'two_step': give an Experiment"):
        pfc_metarl.train("two_step")
    trained = pfc_metarl.train(TINY, networks=np.int64(2), seed=np.uint8(1), workers=np.int32(1))
    assert trained.history["reward_per_trial"].shape == (2, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"networks": 2}, "networks = 2: give the number of each network"),
        ({"networks": ("0",)}, "networks = '0': must be a whole number"),
        ({"networks": ()}, r"networks = \(\): give each network once"),
        ({"networks": (1, 1)}, r"networks = \(1, 1\): give each network once"),
        ({"networks": (True,)}, "networks = True: must be a whole number"),
        ({"n_episodes": 2.0}, "n_episodes = 2.0: must be a whole number"),
        ({"n_episodes": "2"}, "n_episodes = '2': must be a whole number"),
    ],
)
def test_record_takes_whole_numbers_only(options, said):
    with pytest.raises(BadInput, match=f"^{said}"):
        pfc_metarl.record(Bandit(n_trials=5), Random(), **{"n_episodes": 2, "seed": 0, **options})


def test_record_takes_numbers_of_numpy():
    made = pfc_metarl.record(Bandit(n_trials=5), Random(), np.int64(2), np.int64(0), networks=np.arange(3))
    same = pfc_metarl.record(Bandit(n_trials=5), Random(), 2, 0, networks=(0, 1, 2))
    assert made.identical(same)


def test_an_argument_is_named_as_the_user_gave_it():
    with command_line():
        assert (argument("out", "runs/x"), argument("force"), command()) == ("--out runs/x", "--force", "command")
    assert (argument("out", "runs/x"), argument("force"), command()) == ("out = 'runs/x'", "force=True", "call")


def test_a_command_in_one_thread_does_not_change_the_sentences_of_another():
    found = []
    with command_line():
        thread = threading.Thread(target=lambda: found.append(argument("force")))
        thread.start()
        thread.join()
    assert found == ["force=True"]


def test_simulate_names_its_arguments_and_the_command_its_options(tmp_path, capsys):
    out = tmp_path / "run"
    out.mkdir()
    (out / "mine.txt").touch()
    with pytest.raises(BadInput, match=rf"^out = '{out}': the folder is not empty"):
        pfc_metarl.simulate(TINY, out=out, workers=1)
    from pfc_metarl.simulate import main

    assert main(["bandit_independent", "--networks", "1", "--workers", "1", "--out", str(out), "--quiet"]) == 2
    assert capsys.readouterr().err.startswith(f"error: --out {out}: the folder is not empty")
    with pytest.raises(BadInput, match=r"^checkpoint_every = 0: must be above 0"):
        pfc_metarl.simulate(TINY, checkpoint_every=0)
    with pytest.raises(BadInput, match=r"^device = 'abacus': torch cannot use it here"):
        pfc_metarl.simulate(TINY, device="abacus")
    with pytest.raises(BadInput, match=r"^force = 'no': must be True or False"):
        pfc_metarl.simulate(TINY, force="no")


def test_another_training_is_replaced_only_by_an_argument_that_is_named(tmp_path):
    pfc_metarl.simulate(TINY, networks=1, out=tmp_path / "run", workers=1, progress=False)
    with pytest.raises(BadInput, match=r"choose another folder, or force=True to replace it\.$"):
        pfc_metarl.simulate(TINY, networks=1, seed=1, out=tmp_path / "run", workers=1, progress=False)
