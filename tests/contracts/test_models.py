"""Every model of trials fulfils the contract, and acts in its task according to its likelihood."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.agents import TrialAgent
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.fitting import log_likelihood, predictions
from pfc_metarl.models import MODELS, Experience, Hybrid, RescorlaWagner, WinStayLoseShift, bounds
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TASKS, HarlowObjects, InferredValue, InformativeArm, RiskyLever, TwoStep, TwoStepReversing
from tests.contracts import short

N_SUBJECTS, N_SESSIONS, N_TRIALS = 3, 2, 12
TWO_STEP = (TwoStep, TwoStepReversing)


def parameters(model):
    return [field.name for field in dataclasses.fields(model) if bounds(model, field.name)]


def soft(model):
    """The model with parameters away from their bounds, all different."""
    values = {}
    for place, name in enumerate(parameters(model)):
        is_fraction = np.isfinite(bounds(model, name)[1])
        values[name] = 0.2 + 0.07 * place if is_fraction else 1.3 + 0.1 * place
    return dataclasses.replace(model, **values)


CASES = {kind.__name__: soft(kind()) for kind in MODELS}
CASES |= {
    "RescorlaWagner-kept": soft(RescorlaWagner(unchosen="kept")),
    "Hybrid-two_choices": soft(Hybrid(second_stage_choice=True)),
    "WinStayLoseShift-stays": soft(WinStayLoseShift(shifts=False)),
}


@pytest.fixture(scope="module")
def table():
    """Trials of three subjects who choose at random, some of them lost or forced."""
    rng = np.random.default_rng(0)
    n = N_SUBJECTS * N_SESSIONS * N_TRIALS
    keys = np.indices((N_SUBJECTS, N_SESSIONS, N_TRIALS)).reshape(3, n)
    made = pd.DataFrame(dict(zip(("subject", "session", "trial"), keys, strict=True)))
    codes = {name: rng.integers(2, size=n).astype(float) for name in ("choice1", "state2", "choice2", "reward")}
    made = made.assign(**codes, forced=(rng.random(n) < 0.1).astype(int))
    made.loc[rng.random(n) < 0.1, "choice1"] = np.nan
    return made


def lived(model, n=6, seed=0):
    """A state after some random trials of six worlds, and the next trial."""
    generator = torch.Generator().manual_seed(seed)
    state = model.begin((2, n // 2))
    for _ in range(5):
        choice, second, option, reward = torch.randint(2, (4, 2, n // 2), generator=generator)
        choice = torch.where(torch.rand(2, n // 2, generator=generator) < 0.1, -1, choice)
        finished = torch.rand(2, n // 2, generator=generator) < 0.9
        trial = Experience(choice, reward.float(), finished, second, option)
        before, state = state, model.update(state, trial)
    return before, trial, state


@pytest.mark.parametrize("model", CASES.values(), ids=CASES)
def test_nothing_handed_in_is_changed(model):
    state, trial, _ = lived(model)
    copies = [tensor.clone() for tensor in (*state, *trial[:5])]
    model.update(state, trial)
    model.logits(state), model.values(state), model.read(state), model.logits_at(state, trial.state)
    assert all(torch.equal(a, b) for a, b in zip(copies, (*state, *trial[:5]), strict=True))


@pytest.mark.parametrize("model", CASES.values(), ids=CASES)
def test_a_batch_equals_single_subjects(model):
    state, trial, after = lived(model)
    for place in np.ndindex(2, 3):
        own = type(state)(*(field[place][None, None] for field in state))
        alone = model.update(own, Experience(*(field[place][None, None] for field in trial[:5])))
        for a, b in zip(alone, after, strict=True):
            torch.testing.assert_close(a[0, 0], b[place])
        torch.testing.assert_close(model.logits(alone)[0, 0], model.logits(after)[place])
        torch.testing.assert_close(model.values(alone)[0, 0], model.values(after)[place])


@pytest.mark.parametrize("model", CASES.values(), ids=CASES)
def test_a_trial_that_was_not_finished_changes_nothing(model):
    state, trial, _ = lived(model)
    after = model.update(state, trial._replace(finished=torch.zeros(2, 3, dtype=torch.bool)))
    assert all(torch.equal(a, b) for a, b in zip(state, after, strict=True))


@pytest.mark.parametrize("model", CASES.values(), ids=CASES)
def test_a_value_for_each_subject_is_the_same_as_fitting_them_one_by_one(model, table):
    factor = np.array([0.9, 1.0, 1.1])
    names = parameters(model)
    each = {name: torch.from_numpy(getattr(model, name) * factor) for name in names}
    together = log_likelihood(dataclasses.replace(model, **each), table)
    for subject in range(N_SUBJECTS):
        own = dataclasses.replace(model, **{name: float(each[name][subject]) for name in names})
        alone = log_likelihood(own, table[table["subject"] == subject])
        torch.testing.assert_close(together[subject], alone[0], rtol=1e-6, atol=1e-8)
    assert together.isfinite().all()


@pytest.mark.parametrize(
    ("model", "name"), [pytest.param(m, n, id=f"{case}-{n}") for case, m in CASES.items() for n in parameters(m)]
)
def test_the_slope_of_the_likelihood_is_that_of_finite_differences(model, name, table):
    value = torch.full((N_SUBJECTS,), getattr(model, name), dtype=torch.float64, requires_grad=True)
    found = log_likelihood(dataclasses.replace(model, **{name: value}), table).sum()
    (slope,) = torch.autograd.grad(found + 0 * value.sum(), value)
    step = 1e-5
    up, down = (
        log_likelihood(dataclasses.replace(model, **{name: value.detach() + sign * step}), table) for sign in (1, -1)
    )
    torch.testing.assert_close(slope, (up - down) / (2 * step), rtol=1e-5, atol=1e-6)


OPTIONS = {
    RiskyLever: {"choice": "response", "reward_range": None},
    HarlowObjects: {"reward_range": None},
    InformativeArm: {"reward_range": None, "n_options": 11},
    InferredValue: {"choice": "saccade"},
}
TWO_CHOICES = TwoStep(n_trials=20, second_stage_choice=True, drift_sd=0.1)
LIVES = {
    f"{kind.__name__}-{name}": (agent, short(kind, n_trials=16))
    for kind in TASKS
    for name, agent in REFERENCE_AGENTS_OF[kind].items()
    if isinstance(agent, TrialAgent)
}
LIVES |= {
    "fixation-hybrid": (REFERENCE_AGENTS_OF[TwoStep]["hybrid"], TwoStep(n_trials=20, fixation=True)),
    "two_choices-hybrid": (
        dataclasses.replace(REFERENCE_AGENTS_OF[TwoStep]["hybrid"], model=Hybrid(second_stage_choice=True)),
        TWO_CHOICES,
    ),
}


def softer(model):
    """The model with a temperature at which its choices vary."""
    names = {"inverse_temperature", "second_stage_inverse_temperature"} & set(parameters(model))
    return model if isinstance(model, WinStayLoseShift) else dataclasses.replace(model, **dict.fromkeys(names, 2.5))


@pytest.mark.parametrize(("agent", "task"), LIVES.values(), ids=LIVES)
def test_choices_are_as_probable_in_the_task_as_under_the_likelihood(agent, task):
    agent = dataclasses.replace(agent, model=softer(agent.model))
    made = record(task, agent, n_episodes=5, seed=0, networks=(0, 1))
    lived = trials(made)
    if isinstance(task, InferredValue):
        lived = lived.assign(forced=1)  # there is one target, and nothing is chosen
    found = log_likelihood(agent.model, lived, **OPTIONS.get(type(task), {}))
    chosen = made["policy"].isel(option=made["action"].astype(int))
    if isinstance(task, TWO_STEP) and agent.model.n_choices == 1:  # actions at the second stage mean nothing
        chosen = chosen.where(made["phase"] != task.phase_names.index("second_stage"), 1.0)
    np.testing.assert_allclose(found, np.log(chosen).sum(("episode", "step")), rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize(("agent", "task"), LIVES.values(), ids=LIVES)
def test_values_before_each_choice_are_those_that_the_agent_held(agent, task):
    agent = dataclasses.replace(agent, model=softer(agent.model))
    made = record(task, agent, n_episodes=5, seed=0, networks=(0, 1))
    if "action_value" not in made:
        return
    phase = "first_stage" if isinstance(task, TWO_STEP) else "choice"
    at_choice = (made["phase"] == task.phase_names.index(phase)).values[0, 0]
    held = made["action_value"].values[:, :, at_choice].reshape(-1, made.sizes["option"])
    predicted = predictions(agent.model, trials(made), **OPTIONS.get(type(task), {}))
    np.testing.assert_allclose(predicted[["value_0", "value_1"]], held[:, :2], rtol=1e-4, atol=1e-5)
