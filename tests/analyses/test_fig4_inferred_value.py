import numpy as np
import pytest

from analyses import fig4_inferred_value as fig4
from analyses import style
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.measures import cluster_separation, cue_responses, inferred_change, trials_after_reversal
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InferredValue

SIDES = ("rewarded_side", "cue_side")


@pytest.fixture(scope="module")
def test():
    """Two observers whose two units hold the rewarded side and the side of the cue."""
    made = record(InferredValue(), REFERENCE_AGENTS_OF[InferredValue]["reversal_observer"], 40, seed=0, networks=(0, 1))
    noise = np.random.default_rng(0).normal(0, 0.01, (*made["value"].shape, 2))
    sides = np.stack([made[name] for name in SIDES], -1)
    rpe = made["rpe"] + noise[..., 0]  # or both would be the same to the last digit
    return made.assign(hidden=(("network", "episode", "step", "unit"), sides + noise), rpe=rpe)


@pytest.fixture(scope="module")
def responses(test):
    learner = record(InferredValue(), REFERENCE_AGENTS_OF[InferredValue]["cue_learner"], 40, seed=0, networks=(0, 1))
    recordings = {"networks": test, "reversal_observer": test, "cue_learner": learner}
    return style.stacked({who: cue_responses(made) for who, made in recordings.items()}, "who")


def heights(bars):
    return np.array(bars.lines[0].get_ydata(), float)


@pytest.mark.parametrize(("who", "sign"), [("networks", 1), ("cue_learner", -1)])
def test_the_response_to_inferred_cues_has_its_sign(responses, who, sign, ax):
    fig4.draw_conditions(responses.sel(who=who), who, ax=ax)
    assert [label.get_text().split("\n")[0] for label in ax.get_xticklabels()] == ["before", "exper.", "inferred"]
    means = {bars.get_label(): heights(bars) for bars in ax.containers}
    assert means["rewarded cue"][:2].min() > 0 > means["unrewarded cue"][:2].max()
    assert means["rewarded cue"][2] * sign > 0.2
    assert means["unrewarded cue"][2] * sign < -0.2


def test_the_time_course_is_that_of_the_events(responses, ax):
    fig4.draw_time_course(responses.sel(who="cue_learner"), ax=ax)
    course = {bars.get_label(): heights(bars) for bars in ax.containers}
    want = responses["after"].sel(who="cue_learner", lag=1, change="inferred", target="rewarded").mean("subject")
    np.testing.assert_allclose(course["rewarded, inferred"], want)
    assert course["rewarded, inferred"][3] > 0.5, "the reward comes as a surprise"


def test_change_is_drawn_per_trial_and_ratio_per_network(responses, ax):
    change = inferred_change(responses)
    fig4.draw_later_trials(change, ax=ax)
    drawn = {bars.get_label(): bars.lines[0].get_xydata() for bars in ax.containers}
    np.testing.assert_allclose(drawn["ideal observer"][:, 0], [1, 2, 3, 4, 5])
    ax.clear()
    fig4.draw_ratios({"hazard": change, "once": change}, ax=ax)
    dots = [line.get_ydata() for line in ax.lines if line.get_marker() == "."]
    np.testing.assert_allclose(dots, 1, atol=0.05)


def test_clusters_are_drawn_with_and_without_training(test, ax):
    found = cluster_separation(test, SIDES, trials_after_reversal(test))[["silhouette"]]
    both = style.stacked({"trained": found, "untrained": found * 0}, "weights")
    fig4.draw_clusters(both, ax=ax)
    drawn = {bars.get_label(): heights(bars) for bars in ax.containers}
    np.testing.assert_allclose(drawn["latent state, trained"], found["silhouette"].sel(label=SIDES[0]).mean("subject"))
    assert (drawn["cue, untrained"] == 0).all()
