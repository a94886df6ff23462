from pfc_metarl.execution.pipeline import training_of
from pfc_metarl.experiments import load
from pfc_metarl.reports.methods import class_name, paragraph
from pfc_metarl.settings import changed


def manifest(name, changes=None):
    experiment = changed(load(name), changes or {})
    settings = experiment.numbers()
    return {"settings": settings, "training": training_of(experiment, 3, "cpu"), "seed": 3, "provenance": {}}


def test_the_paragraph_names_every_number_of_the_learning():
    text = paragraph(manifest("two_step"), None)
    for part in (
        "8 networks (48 long short-term memory (LSTM) units",
        "TwoStep (n_trials 100, p_common 0.8",
        "300 updates of 16 episodes each: adam",
        "learning rate of 0.04, changing linearly to 0.004;",
        "discount 0.6, trace_decay 1, value_cost 0.05, entropy_cost 0.05",
        "seed 3",
        "the weights were frozen, and each network was recorded in 300 episodes of the condition test",
    ):
        assert part in text


def test_weights_that_go_on_learning_are_not_called_frozen():
    text = paragraph(manifest("two_step", {"probes": {"test": {"plastic": True}}}), None)
    assert "frozen" not in text
    assert "the weights going on learning" in text


def test_one_network_is_singular_and_a_critic_of_its_own_is_named():
    text = paragraph(manifest("two_step_rpe_input", {"networks": 1}), None)
    assert text.startswith("1 network (48 long")
    assert "a critic of its own" in text
    assert "was trained" in text


def test_tests_are_described_only_if_something_is_tested():
    rows = [{"criterion": [0.5, None]}]
    assert "t tests" in paragraph(manifest("two_step"), {"measures": rows})
    assert "t tests" not in paragraph(manifest("two_step"), {"measures": [{"mean": 1.0}]})


def test_a_class_of_a_lab_keeps_its_name():
    assert class_name({"class": "__main__.Bandit"}) == "Bandit"
    assert class_name({}) == "unknown"


def test_all_parts_of_a_network_are_named():
    assert "a learned initial state" in paragraph(manifest("two_step"), None)
    pixels = paragraph(manifest("harlow_pixels"), None)
    assert "convolutions before them (filters [16, 32, 8], kernels [4, 3, 1], strides [4, 1, 1], learned yes" in pixels
    assert "initial state" not in pixels
    assert "rewards as a one-hot code" in paragraph(manifest("informative_arm"), None)
