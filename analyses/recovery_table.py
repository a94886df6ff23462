"""Recovery of parameters and models by simulation: ``python -m analyses.recovery_table``.

Reference agents with planted parameters act in tasks, and are fitted. Writes data/derived/figS_recovery.nc, in a few
minutes of one core.
"""

import dataclasses
import sys
from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import torch
import xarray as xr

from analyses import derived, folders
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import hierarchical_fit, maximum_likelihood, model_recovery, parameter_recovery
from pfc_metarl.fitting.named_models import BANDIT, TWO_STEP, NamedModel
from pfc_metarl.models import Hybrid, Model
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Task, TwoStep, Volatility

DAW = TwoStep(n_trials=200, p_common=0.7, second_stage_choice=True, drift_sd=0.025)
"""The task of Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027; 200 trials are what one person does."""

N_SUBJECTS, N_OF_MODEL, N_STARTS = 48, 16, 4

RANGES = {
    "learning_rate": (0.1, 0.9),
    "second_stage_learning_rate": (0.1, 0.9),
    "trace": (0.1, 0.9),
    "model_based_weight": (0.05, 0.95),
    "perseveration": (-0.1, 0.4),
    "inverse_temperature": (2.0, 8.0),
    "second_stage_inverse_temperature": (2.0, 8.0),
}
"""Parameters of the hybrid, and between which values they are planted."""

FITS = {"ml": partial(maximum_likelihood, bounds=TWO_STEP["hybrid"].bounds), "em": hierarchical_fit}

PLANTED = {
    "hybrid": {
        "learning_rate": (0.6, 0.9),
        "second_stage_learning_rate": (0.1, 0.3),
        "trace": (0.1, 0.5),
        "model_based_weight": (0.4, 0.6),
        "perseveration": (0.1, 0.3),
        "inverse_temperature": (6.0, 9.0),
    },
    "mb": {"perseveration": (0.1, 0.3), "inverse_temperature": (3.0, 6.0)},
    "mf": {"perseveration": (0.1, 0.3), "inverse_temperature": (3.0, 6.0)},
    "latent": {"p_reversal": (0.02, 0.1), "inverse_temperature": (3.0, 6.0)},
    "mixture": {
        "model_based_weight": (1.0, 2.0),
        "model_free_weight": (0.5, 1.0),
        "perseveration": (0.3, 0.6),
        "transition_weight": (0.5, 1.0),
        "bias": (-0.6, -0.3),
    },
    "rw": {"learning_rate": (0.2, 0.6), "inverse_temperature": (4.0, 8.0)},
    "rw2": {"positive_rate": (0.4, 0.8), "negative_rate": (0.05, 0.2), "inverse_temperature": (4.0, 8.0)},
    "forgetting": {"positive_rate": (0.3, 0.6), "negative_rate": (0.3, 0.6), "forgetting": (0.2, 0.5)},
    "habit": {"perseveration": (1.5, 3.0), "habit_rate": (0.05, 0.2), "forgetting": (0.2, 0.5)},
    "kalman": {"drift_sd": (0.1, 0.3), "inverse_temperature": (4.0, 8.0)},
}
"""Name of a model -> parameters that differ between its subjects, and between which values."""

TASKS: dict[str, tuple[Task, Mapping[str, NamedModel], int]] = {
    "two_step": (TwoStep(n_trials=200), TWO_STEP, 5),
    "bandit": (Volatility(n_trials=200), BANDIT, 5),
}
"""Task -> the task, models that are told apart in it, and sessions of each subject."""


def drawn(ranges: Mapping[str, tuple[float, float]], n_subjects: int, seed: int) -> dict[str, np.ndarray]:
    """Return parameters of subjects, uniform between bounds and independent of each other."""
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(low, high, n_subjects) for name, (low, high) in ranges.items()}


def simulated(model: Model, task: Task, n_subjects: int, n_sessions: int, seed: int) -> pd.DataFrame:
    """Return the trials of subjects who choose as a model does, whose parameters hold one value for each."""
    agent = agent_of(model, type(task))
    return trials(record(task, agent, n_episodes=n_sessions, seed=seed, networks=tuple(range(n_subjects))))


def parameters(n_subjects: int = N_SUBJECTS, task: TwoStep = DAW) -> xr.Dataset:
    """Plant the seven parameters of the hybrid, and fit them by each method; dims (fit, subject, parameter)."""
    model = Hybrid(second_stage_choice=True, p_common=task.p_common)
    planted = drawn(RANGES, n_subjects, seed=1)

    def fitted(fit, model: Model, table: pd.DataFrame) -> xr.Dataset:
        return fit(model, table, list(RANGES), n_starts=N_STARTS)

    found = [
        parameter_recovery(
            model,
            planted,
            partial(simulated, task=task, n_subjects=n_subjects, n_sessions=1, seed=2),
            partial(fitted, fit),
        )
        for fit in FITS.values()
    ]
    return xr.concat(found, xr.IndexVariable("fit", list(FITS)), join="exact")


def models(task: Task, named: Mapping[str, NamedModel], n_sessions: int, n_subjects: int = N_OF_MODEL) -> xr.Dataset:
    """Simulate subjects of every model, and fit every model to them; dims (simulated, fitted)."""
    made = {}
    for seed, (name, each) in enumerate(named.items()):
        values = {key: torch.from_numpy(array) for key, array in drawn(PLANTED[name], n_subjects, seed).items()}
        made[name] = simulated(dataclasses.replace(each.model, **values), task, n_subjects, n_sessions, seed)

    def fit(each: NamedModel, table: pd.DataFrame) -> xr.Dataset:
        return maximum_likelihood(each.model, table, each.free, each.bounds, n_starts=N_STARTS)

    return model_recovery(made, {name: partial(fit, each) for name, each in named.items()})


def main() -> None:
    """Simulate, fit, and write the table."""
    made = {"parameters": parameters(), **{name: models(*each) for name, each in TASKS.items()}}
    origin = {"made by": "python -m analyses.recovery_table", "seeds": "1, 2 (parameters); 0 to 4 (models)"}
    print(folders.shown(derived.save(made, origin, folders.MEASURED / "figS_recovery.nc")))


if __name__ == "__main__":
    sys.exit(main())
