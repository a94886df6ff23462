import pytest

from pfc_metarl.cli.options import changes, simulate_parser
from pfc_metarl.settings import BadInput


def changes_of(*words):
    return changes(simulate_parser().parse_args(["two_step", *words]))


def test_without_options_nothing_is_changed():
    assert changes_of() == {}


def test_options_and_assignments_become_nested_settings():
    words = ("--networks", "3", "--updates", "7", "--set", "task.p_common=0.7", "--set", "learner.discount=0.8")
    assert changes_of(*words) == {
        "networks": 3,
        "learner": {"updates": 7, "discount": 0.8},
        "task": {"p_common": 0.7},
    }


def test_an_assignment_overrides_the_file_and_an_option_overrides_both(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("networks = 2\n[learner]\nupdates = 5\n[task]\np_common = 0.6\nn_trials = 9\n")
    words = ("--config", str(config), "--set", "task.p_common=0.7", "--set", "learner.updates=6", "--updates", "8")
    assert changes_of(*words) == {
        "networks": 2,
        "learner": {"updates": 8},
        "task": {"p_common": 0.7, "n_trials": 9},
    }


def test_what_is_no_setting_is_refused():
    with pytest.raises(BadInput, match=r"^seed: there is no such setting; settings begin with networks, task"):
        changes_of("--set", "seed=3")


def test_a_config_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"--config .*nowhere.toml: No such file"):
        changes_of("--config", str(tmp_path / "nowhere.toml"))
    (tmp_path / "broken.toml").write_text("networks = ")
    with pytest.raises(BadInput, match=r"--config .*broken.toml: this is not valid TOML"):
        changes_of("--config", str(tmp_path / "broken.toml"))
