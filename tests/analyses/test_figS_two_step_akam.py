import numpy as np

from analyses import figS_two_step_akam as figure
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP_REVERSING
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStepReversing


def test_rewards_and_transitions_are_told_apart():
    """After either reversal an observer recovers; one that takes transitions as fixed does so after rewards alone."""
    task = TwoStepReversing(n_trials=60, p_reversal=0.05, p_transition_reversal=0.05)
    agents = {"networks": "observer", "latent_state": "latent_state"}
    by_kind = {
        name: trials(record(task, REFERENCE_AGENTS_TWO_STEP_REVERSING[agent], n_episodes=100, seed=0, networks=(0, 1)))
        for name, agent in agents.items()
    }
    for table in by_kind.values():
        reversed_rewards = table.groupby(["subject", "session"])["good_state"].diff().fillna(0) != 0
        crossed = table.groupby(["subject", "session"])["transitions"].diff().fillna(0) != 0
        assert (reversed_rewards & crossed).sum() < reversed_rewards.sum() / 2
    by_kind = {**by_kind, **dict.fromkeys(("observer", "model_based", "model_free"), by_kind["networks"])}
    found = {reversing: figure._around(by_kind, reversing)["correct"] for reversing in figure.REVERSALS}
    for around in found.values():
        observer = around.sel(who="observer").mean("subject")
        assert observer.sel(trial=0) < 0.45
        assert observer.sel(trial=slice(10, None)).mean() > 0.6
    fixed = found["transitions"].sel(who="latent_state").mean("subject")
    np.testing.assert_allclose(
        fixed.sel(trial=slice(10, None)).mean() + fixed.sel(trial=slice(None, -1)).mean(), 1, atol=0.1
    )


def test_the_first_sessions_of_the_first_subjects():
    table = trials(
        record(
            TwoStepReversing(n_trials=3),
            REFERENCE_AGENTS_TWO_STEP_REVERSING["random"],
            n_episodes=4,
            seed=0,
            networks=(0, 1, 2),
        )
    )
    some = figure._first(table, 2, 1)
    assert some["session"].nunique() == 2
    assert some["subject"].nunique() == 1
