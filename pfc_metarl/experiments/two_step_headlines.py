"""Headline measures of the two-step task of Wang et al. 2018: reward, stay probabilities, planning, dopamine."""

from pfc_metarl.experiments.base import Headline


def _stay(outcome: str, transition: str, expected: str) -> Headline:
    return Headline(
        label=f"stay after {transition}, {outcome}",
        measure="stay",
        variable="stay_probability",
        at={"outcome": outcome, "transition": transition},
        expected=expected,
        reference={"latent-state agent": "latent_state"},
    )


def _rpe(stage: str, kind: str, learner: str, expected: str) -> Headline:
    return Headline(
        label=f"{kind} r² of RPE at {stage}, {learner} learner",
        measure="rpe",
        variable="r_squared" if kind == "raw" else "partial_r_squared",
        at={"stage": {"onset": "second-stage onset"}.get(stage, stage), "learner": learner.replace("-", "_")},
        expected=expected,
    )


HEADLINES = (
    Headline(
        label="reward per trial",
        measure="reward",
        variable="reward_per_trial",
        expected="chance 0.50, model-free 0.64, optimum 0.707",
        criterion=(0.68, None),  # science sheet, section 7
        reference={"chance": "random", "model-free": "model_free", "latent-state agent": "latent_state"},
        criterion_between=("model-free", "latent-state agent", 0.6),  # as 0.68 lies between 0.64 and 0.707
        null=("model_free", "extended_state"),
    ),
    _stay("rewarded", "common", "optimum 1.00"),
    _stay("rewarded", "rare", "optimum 0.67"),
    _stay("unrewarded", "common", "optimum 0.67"),
    _stay("unrewarded", "rare", "optimum 1.00"),
    Headline(
        label="planning index",
        measure="lags",
        variable="planning_index",
        expected="far above 0 (model-free learner 0.5)",
        reference={"model-free": "model_free", "model-based": "model_based"},
    ),
    Headline(
        label="planning weight two trials back",
        measure="lags",
        variable="planning_weight",
        at={"lag": 2},
        expected="ideal observer 6.9, model-based 2.2, habits cued by the last trial 0",
        criterion=(1.1, None),  # ours: half of the model-based learner's
        reference={"ideal observer": "soft_observer", "model-based": "model_based", "model-free": "model_free"},
        criterion_between=("model-free", "model-based", 0.5),
        null=("model_free", "extended_state", "win_stay_lose_shift", "untrained"),
    ),
    Headline(
        label="model-free index",
        measure="lags",
        variable="model_free_index",
        expected="near 0 (model-free learner 9.7)",
        reference={"model-free": "model_free"},
    ),
    # Wang et al. 2018, Fig. 5f-g: 0.89 and 6e-7, for both events of one network together. The second cannot be a raw
    # r², since the reward is in every RPE at reward: science sheet 3.4. At reward both learners have the same RPE.
    _rpe("onset", "raw", "model-based", "above the next row"),
    _rpe("onset", "raw", "model-free", "below the last row"),
    _rpe("reward", "raw", "model-based", "the same for both learners"),
    _rpe("both", "raw", "model-based", "paper: 0.89"),
    _rpe("both", "raw", "model-free", "not given in the paper"),
    _rpe("onset", "partial", "model-based", "far above the next row"),
    _rpe("onset", "partial", "model-free", "near 0"),
    _rpe("both", "partial", "model-based", "far above the next row"),
    _rpe("both", "partial", "model-free", "near 0 (paper: 6e-7)"),
)
