"""Supplementary figure: where transitions reverse too, networks mix inference with repeating what paid.

In the two-step task of figure 5 transitions are fixed: a rule such as "after a reward in state 0 go left", or the
inference of which state is good, is always right and mimics planning. Akam, Costa & Dayan 2015
(doi:10.1371/journal.pcbi.1004648) reverse the transitions for that reason. Here the rewards of the two states and the
transitions of the two choices reverse independently, each with probability 0.025 a trial.

a, reward per trial of the networks, of the same networks before training, and of reference agents in the same worlds.
The observer infers which state is good and where the choices lead, knowing all probabilities; the model-based learner
learns both by error correction (learning rates 0.5); "fixed transitions" infers which state is good and takes the
transitions of the beginning for granted. b, c, choices of the better option around reversals of the transitions and of
the rewards; thin lines, networks; dotted, the reversal. d, planning weight of the multi-lag regression (Miller et al.
2017), with transitions called common or rare as they are at the time. e, its indices; here the ideal observer, too, has
a large model-free index, since what paid may be repeated without knowing the way: the index alone shows no habit. f,
log-likelihood of a choice, minus that of chance, under four learners fitted to each network (maximum likelihood; fitted
to one half of 40 sessions, evaluated in the other half): observer and model-based learner have four free parameters
each. No learner alone explains the networks: in some of them the observer predicts best, in others the model-free
learner, and each adds to the other (g). g, what each learner adds to each other in a logistic regression of choice on
the log odds of both, mean over networks. h, log-likelihood under the observer minus that under the model-based learner:
networks, and reference agents of which the answer is known (20 sessions of each).

n = 8 networks and 8 individuals of each reference agent (4 in h), 300 sessions of 100 trials, frozen weights. Dots,
networks or individuals; error bars, s.e.m. over them. P values: paired t tests over networks.
"""

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.significance import t_test
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import two_step_comparison
from pfc_metarl.measures import choice_around_reversal, lagged_regression, reward_per_trial
from pfc_metarl.runs.run import Run

RUN = "runs/two_step_akam"
WHO = {
    "networks": ("networks", style.NETWORK),
    "observer": ("ideal observer", style.OPTIMUM),
    "model_based": ("model-based", style.MODEL_BASED),
    "model_free": ("model-free", style.MODEL_FREE),
    "latent_state": ("fixed\ntransitions", "#CC79A7"),
    "extended_state": ("reward\nas cue", "#8c6d31"),
    "untrained": ("untrained", style.FAINT),
    "random": ("random", style.FAINT),
}
"""Kind of subject -> label and colour."""

SOFT = {"networks": "networks", "soft_observer": "observer", "model_based": "model_based", "model_free": "model_free"}
"""Recordings with choices that vary, for regressions and fits -> the kind of subject."""

RIVALS = {
    "observer": "observer",
    "model_based": "model-\nbased",
    "model_free": "model-\nfree",
    "fixed_transitions": "fixed\ntransitions",
}
REVERSALS = {"transitions": "b", "good_state": "c"}
SESSIONS, SESSIONS_OF_AGENTS, INDIVIDUALS = 40, 20, 4


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step_akam."""
    recordings = {name: run.recording("test" if name == "networks" else f"test_{name}") for name in {**WHO, **SOFT}}
    by_kind = {name: trials(recording) for name, recording in recordings.items()}
    some = {name: _first(table, SESSIONS_OF_AGENTS, INDIVIDUALS) for name, table in by_kind.items() if name in SOFT}
    some["networks"] = _first(by_kind["networks"], SESSIONS)
    lags = {SOFT[name]: lagged_regression(by_kind[name]) for name in SOFT}
    return {
        "reward": style.stacked({name: reward_per_trial(by_kind[name]) for name in WHO}, "who"),
        "reversals": xr.concat(
            [_around(by_kind, reversing) for reversing in REVERSALS], xr.IndexVariable("reversing", list(REVERSALS))
        ),
        "lags": style.stacked(
            {name: found[["planning_weight", "planning_index", "model_free_index"]] for name, found in lags.items()},
            "who",
        ),
        "fits": style.stacked({SOFT[name]: two_step_comparison(table) for name, table in some.items()}, "who"),
    }


def _least_beyond(tables: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Return for each network what the observer adds to the model-free learner or the reverse, whichever is less."""
    beyond = tables["fits"]["beyond"].sel(who="networks").dropna("subject")
    pairs = (("observer", "model_free"), ("model_free", "observer"))
    return np.min([beyond.sel(model=one, given=other).values for one, other in pairs], axis=0)


def _first(table, n_sessions: int, n_subjects: int | None = None):
    """Return the first sessions of the first subjects."""
    table = table[table["session"].isin(sorted(table["session"].unique())[:n_sessions])]
    return table if n_subjects is None else table[table["subject"].isin(sorted(table["subject"].unique())[:n_subjects])]


def _around(by_kind, reversing: str) -> xr.Dataset:
    kinds = [name for name in WHO if name not in ("untrained", "random", "extended_state")]
    by_world = {"transitions": "transitions", "good_state": "rewards"}[reversing]
    found = {}
    for name in kinds:
        table = by_kind[name]
        table = table.assign(rewards=(table["good_state"] != table["transitions"]).astype(int))
        found[name] = choice_around_reversal(table, by_world)[["correct"]]
    return style.stacked(found, "who")


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.2, "b": 1, "c": 1}, {"d": 1, "e": 1, "f": 1.1}, {"g": 1, "h": 1}]
    made, axes = style.figure(rows, height=165)
    draw_rewards(tables["reward"]["reward_per_trial"], ax=axes["a"])
    for reversing, letter in REVERSALS.items():
        draw_around(tables["reversals"]["correct"].sel(reversing=reversing), ax=axes[letter])
        axes[letter].set_xlabel(f"trials since {'transitions' if reversing == 'transitions' else 'rewards'} reversed")
    draw_planning_weight(tables["lags"]["planning_weight"], ax=axes["d"])
    draw_indices(tables["lags"], ax=axes["e"])
    draw_likelihood(tables["fits"]["log_likelihood"].sel(who="networks"), ax=axes["f"])
    draw_beyond(tables["fits"]["beyond"].sel(who="networks"), ax=axes["g"])
    draw_differences(tables["fits"]["log_likelihood"], ax=axes["h"])
    return made


def draw_rewards(reward: xr.DataArray, ax: Axes) -> Axes:
    """Draw reward per trial, a dot for each network or individual."""
    for place, (name, (_, color)) in enumerate(WHO.items()):
        values = reward.sel(who=name).dropna("subject")
        mean, sem, n = style.mean_sem(values)
        ax.bar(place, mean, 0.6, color=color, alpha=0.35)
        ax.errorbar(place, mean, sem, color="black", linewidth=0.8)
        ax.plot(place + style.jittered(n, 0.4), values, ".", color=color, markersize=3)
    ax.axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    ax.set_xticks(range(len(WHO)), [label.replace("\n", " ") for label, _ in WHO.values()], rotation=40, ha="right")
    ax.set(ylabel="reward per trial", ylim=(0.45, 0.7))
    return ax


def draw_around(correct: xr.DataArray, ax: Axes) -> Axes:
    """Draw how often the better option was chosen around a reversal."""
    for name in correct["who"].values:
        label, color = WHO[name]
        values = correct.sel(who=name)
        if name == "networks":
            ax.plot(values["trial"], values.transpose("trial", "subject"), color=color, linewidth=0.3, alpha=0.5)
        ax.plot(values["trial"], values.mean("subject"), color=color, label=label.replace("\n", " "), linewidth=1.2)
    ax.axvline(-0.5, color="black", linestyle=":", linewidth=0.6)
    ax.axhline(0.5, color=style.FAINT, linewidth=0.5)
    ax.set(ylabel="choices of the better option", ylim=(0, 1))
    ax.legend(loc="lower right", fontsize=6, labelspacing=0.2)
    return ax


def draw_planning_weight(weight: xr.DataArray, ax: Axes) -> Axes:
    """Draw the planning weight against trials back."""
    for name in weight["who"].values:
        label, color = WHO[name]
        mean, sem, _ = style.mean_sem(weight.sel(who=name))
        ax.errorbar(mean["lag"], mean, sem, color=color, marker="o", markersize=2.5, label=label)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="trials back", ylabel="planning weight (log odds)", xticks=weight["lag"].values)
    ax.legend(loc="upper right")
    return ax


def draw_indices(lags: xr.Dataset, ax: Axes) -> Axes:
    """Draw the two indices of every network or individual."""
    for name in lags["who"].values:
        label, color = WHO[name]
        found = lags.sel(who=name)
        ax.plot(found["planning_index"], found["model_free_index"], "o", color=color, markersize=3, label=label)
    for line in (ax.axhline, ax.axvline):
        line(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="planning index (log odds)", ylabel="model-free index (log odds)", ylim=(-1, None))
    return ax


def draw_likelihood(log_likelihood: xr.DataArray, ax: Axes) -> Axes:
    """Draw the log-likelihood of held-out choices under each learner, a line for each network."""
    above = (log_likelihood.sel(model=list(RIVALS)) + math.log(2)).dropna("subject")
    ax.plot(range(len(RIVALS)), above.transpose("model", "subject"), ".-", color=style.NETWORK, linewidth=0.4)
    mean, sem, n = style.mean_sem(above)
    ax.errorbar(range(len(RIVALS)), mean, sem, color=style.NETWORK, fmt="_", markersize=12, linewidth=1)
    differences = [above.sel(model="observer") - above.sel(model=other) for other in ("model_based", "model_free")]
    best = above["model"].values[above.argmax("model").values].tolist()
    words = [f"{RIVALS[name].replace('-' + chr(10), '-')} in {best.count(name)}" for name in RIVALS if name in best]
    text = f"best: {', '.join(words)} of {n} networks"
    if n > 1:
        tests = [f"{each.mean().item():.3f}, {t_test(each.values)}" for each in differences]
        text = f"observer − model-based:\n{tests[0]}\nobserver − model-free:\n{tests[1]}\n{text}"
    ax.text(0.02, 0.05, text, transform=ax.transAxes, fontsize=6)
    ax.axhline(0, color="black", linestyle=":", linewidth=0.6)
    ax.set_xticks(range(len(RIVALS)), list(RIVALS.values()))
    ax.set(ylabel="log-likelihood of a choice\nabove chance (nats)", xlim=(-0.5, len(RIVALS) - 0.5), ylim=(-0.6, 0.65))
    return ax


def draw_beyond(beyond: xr.DataArray, ax: Axes) -> Axes:
    """Draw what each learner explains beyond each other, as a table of shades."""
    names = list(RIVALS)
    mean = beyond.mean("subject").sel(model=names, given=names).transpose("model", "given")
    ax.imshow(mean, cmap="Greys", vmin=0, vmax=0.5, aspect="auto")
    for (row, column), value in np.ndenumerate(mean.values):
        if row != column:
            ax.text(column, row, f"{value:.4f}", ha="center", va="center", color="white" if value > 0.25 else "black")
    ax.set_xticks(range(len(names)), [f"beyond\n{RIVALS[name]}" for name in names])
    ax.set_yticks(range(len(names)), list(RIVALS.values()))
    ax.tick_params(length=0)
    pair = (beyond.sel(model=one, given=other) for one, other in (names[:2], names[1::-1]))
    observer, planner = (values.dropna("subject").values for values in pair)
    tested = t_test(observer - planner)
    ax.set_title(
        f"gain in log-likelihood of a choice (nats)\nobserver beyond model-based − reverse: {tested}", fontsize=6
    )
    return ax


def draw_differences(log_likelihood: xr.DataArray, ax: Axes) -> Axes:
    """Draw how much better the observer predicts choices than the model-based learner, by kind of subject."""
    difference = log_likelihood.sel(model="observer") - log_likelihood.sel(model="model_based")
    kinds = difference["who"].values
    for place, name in enumerate(kinds):
        values = difference.sel(who=name).dropna("subject")
        mean, sem, n = style.mean_sem(values)
        ax.plot(place + style.jittered(n, 0.3), values, "o", color=WHO[name][1], markersize=3)
        ax.errorbar(place + 0.3, mean, sem, color=WHO[name][1], fmt="_", markersize=8)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(kinds)), [WHO[name][0] for name in kinds])
    ax.set(ylabel="log-likelihood of a choice,\nobserver − model-based (nats)")
    return ax


CLAIMS = (
    Claim(
        title(__doc__),
        "what observer and model-free learner add to each other (nats a choice), the smaller of the two",
        _least_beyond,
        "0.0132, the largest of four model-based learners; below 0.001 in an observer and in a model-free learner",
        (0.0132, None),
    ),
)
