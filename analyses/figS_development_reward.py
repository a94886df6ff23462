"""Supplementary figure: in training, dopamine comes to be smaller at likely rewards; arms and targets are coded better.

Eight networks, trained as those of figures 1 (anticorrelated arms), 2 and 7 (same settings, seed 0), recorded with
frozen weights before training, after seven parts of it and at its end; 100 episodes, in the lever task 100 with each
probability of the risky lever. a-d, bandit. e-h, foraging. i-l, lever. Behaviour: a, reward per trial; e, reward above
chance level and matching slope, each as a fraction of its final value (before training reward is −0.70 per trial, below
the panel, since invalid responses cost 1); i, fraction of risky choices in free trials. Dopamine (b, f, j): the
network's reward-prediction error where a choice was rewarded, slope over the probability of that reward, which the
network is never shown: 0 if it does not know it, −1 if it expects each reward as often as it comes and nothing else.
In the lever task, wins of the risky lever, in units of what it pays. Code (c, g, k): which arm is better, which target
is baited more often, and whether the risky lever pays in half or in an eighth of the trials, decoded from all units
(area under the curve) in episodes that the decoder was not fitted to, of 40 (20 of each probability); grey, with whole
episodes exchanged. d, h, l, participation ratio of activity at the same phase, about how many dimensions it has.

Fixed before the recordings were looked at: in each of the three tasks dopamine's slope is more negative, and the area
under the curve larger, at the end of training than before it. Five of these six hold. In the lever task the code of the
probability does not improve reliably: 0.045 [−0.013, 0.103], p = 0.053, uncorrected; this is not confirmed. The better
arm is decoded before training already, 0.88, and 0.96 after it. Dimensions were not tested: they become fewer in the
bandit and more in foraging. Thin lines are networks, thick lines means, error bars s.e.m. over networks. What develops
in other tasks is in figS_development, figS_development_inferred and figS_development_volatility.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.development_panels import draw_courses, over_training
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import matching, participation_ratio, population_decoding, reward_per_trial, risky_choice
from pfc_metarl.runs.run import Run

TASKS = {"bandit": "abcd", "foraging": "efgh", "lever": "ijkl"}
"""Task -> its panels."""

RUN = (
    "runs/bandit_correlated_development",
    "runs/foraging_development",
    "runs/risky_lever_development",
)
CHANCE_FORAGING = 0.376
"""Reward per trial of random choices of a target: science sheet, 3.1."""

PAYOFF = 4.0
"""Of the risky lever."""

DECODED_EPISODES = 40

CODED = ("bandit", "foraging")
"""Tasks in which the code improves in training; in the lever task this is not confirmed, as the legend says."""


def tables(bandit: Run, foraging: Run, lever: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the developments of the three tasks."""
    return {
        "bandit": over_training(bandit, lambda ending: of_bandit(bandit.recording(f"development{ending}"))),
        "foraging": over_training(foraging, lambda ending: of_foraging(foraging.recording(f"development{ending}"))),
        "lever": over_training(
            lever,
            lambda ending: of_lever(*(lever.recording(f"development_{odds}{ending}") for odds in ("half", "eighth"))),
        ),
    }


def of_bandit(recording: xr.Dataset) -> xr.Dataset:
    """Measure reward, dopamine and activity in a recording of the bandit."""
    p_reward, choice, reward, rpe = (trial_view(recording, name) for name in ("p_reward", "action", "reward", "rpe"))
    left, right = (p_reward.isel(option=place, drop=True) for place in (0, 1))
    return xr.Dataset(
        {
            "reward": reward_per_trial(recording)["reward_per_trial"],
            "expected": slope(rpe, left.where(choice == 0, right), reward > 0),
            **coded(recording, (left > right).astype(float), "choice", DECODED_EPISODES),
            "dimensions": participation_ratio(recording)["participation_ratio"],
        }
    )


def of_foraging(recording: xr.Dataset) -> xr.Dataset:
    """Measure reward, matching, dopamine and activity in a recording of foraging."""
    p_reward, choice, reward, rpe = (
        trial_view(recording, name, "choice") for name in ("p_reward", "action", "reward", "rpe")
    )
    base = trial_view(recording, "p_base", "choice")
    left, right = (p_reward.isel(target=place, drop=True) for place in (0, 1))
    richer = base.isel(target=0, drop=True) > base.isel(target=1, drop=True)
    return xr.Dataset(
        {
            "reward": reward_per_trial(recording)["reward_per_trial"],
            "slope": matching(recording)["slope"],
            "expected": slope(rpe, left.where(choice == 0, right), reward > 0),
            **coded(recording, richer.astype(float), "fixation", DECODED_EPISODES),
            "dimensions": participation_ratio(recording, phase="fixation")["participation_ratio"],
        }
    )


def of_lever(half: xr.Dataset, eighth: xr.Dataset) -> xr.Dataset:
    """Measure choices, dopamine and activity in recordings of both probabilities of the risky lever."""
    both = joined(half, eighth)
    few = joined(*(made.isel(episode=slice(DECODED_EPISODES // 2)) for made in (half, eighth)))
    p_win, action, side, reward, rpe = (
        trial_view(both, name, "choice") for name in ("p_win", "action", "risky_side", "reward", "rpe")
    )
    risky = xr.concat([risky_choice(made)["risky_choice"] for made in (half, eighth)], "p_win", combine_attrs="drop")
    return xr.Dataset(
        {
            "risky": risky.assign_coords(p_win=[0.5, 0.125]),
            "expected": slope(rpe, p_win, (action == side) & (reward > 0)) / PAYOFF,
            **coded(few, (trial_view(few, "p_win", "choice") > 0.3).astype(float), "choice"),
            "dimensions": participation_ratio(both, phase="choice")["participation_ratio"],
        }
    )


def slope(rpe: xr.DataArray, p_reward: xr.DataArray, rewarded: xr.DataArray) -> xr.DataArray:
    """Return the slope of prediction errors over the probability of the reward, in rewarded trials of each network."""
    p, error = p_reward.where(rewarded), rpe.where(rewarded)
    across = ["episode", "trial"]
    apart = p - p.mean(across)
    found = (apart * (error - error.mean(across))).mean(across) / (apart**2).mean(across)
    return found.rename(network="subject")


def coded(
    recording: xr.Dataset, target: xr.DataArray, phase: str, n_episodes: int | None = None
) -> dict[str, xr.DataArray]:
    """Return how well a target is decoded from all units in the first episodes, and with whole episodes exchanged."""
    first = {"episode": slice(n_episodes)}
    found = population_decoding(
        recording.isel(first), target.isel(first), "classes", phase=phase, n_folds=4, n_shuffles=1
    )
    found = found.sel(metric="auc", drop=True)
    return {"decoded": found["score"], "shuffled": found["chance"]}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([dict.fromkeys(panels, 1) for panels in TASKS.values()], height=160)
    fractions = progress(tables["foraging"])
    reward, slopes = (fractions["reward"], style.OPTIMUM), (fractions["slope"], style.MODEL_FREE)
    risky = tables["lever"]["risky"]
    draw_courses({"": (tables["bandit"]["reward"], style.NETWORK)}, "reward per trial", ax=axes["a"])
    draw_courses({"reward": reward, "matching slope": slopes}, "fraction of the final value", ax=axes["e"])
    of_odds = {"p = 0.5": (risky.sel(p_win=0.5), style.OPTIMUM), "p = 0.125": (risky.sel(p_win=0.125), style.FAINT)}
    draw_courses(of_odds, "risky choices", ax=axes["i"])
    codes = {"bandit": "better arm", "foraging": "richer target", "lever": "odds of the risky lever"}
    for name, (_, dopamine, code, dimensions) in TASKS.items():
        found = tables[name]
        draw_courses({"": (found["expected"], style.NETWORK)}, "dopamine, slope over p", ax=axes[dopamine])
        decoded = {"decoded": (found["decoded"], style.NETWORK), "exchanged": (found["shuffled"], style.FAINT)}
        draw_courses(decoded, f"{codes[name]} (AUC)", ax=axes[code])
        draw_courses({"": (found["dimensions"], style.NETWORK)}, "participation ratio", ax=axes[dimensions])
        axes[dopamine].axhline(0, color=style.FAINT, linewidth=0.5)
    axes["a"].axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    axes["e"].set(ylim=(-0.1, 1.25))
    return made


def progress(foraging: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return reward above chance level and matching slope, each as a fraction of its final value."""
    above = {"reward": foraging["reward"] - CHANCE_FORAGING, "slope": foraging["slope"]}
    return {name: values / values.isel(update=-1, drop=True) for name, values in above.items()}


def grown(values: xr.DataArray) -> xr.DataArray:
    """Return the values at the end of training minus those before it."""
    return values.isel(update=-1, drop=True) - values.isel(update=0, drop=True)


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"{name}: slope of dopamine at a reward over its probability, at the end of training − before it",
            lambda tables, name=name: grown(tables[name]["expected"]),
            "0: as before training",
            (None, 0.0),
        )
        for name in TASKS
    ),
    *(
        Claim(
            TITLE,
            f"{name}: area under the curve of what is decoded, at the end of training − before it",
            lambda tables, name=name: grown(tables[name]["decoded"]),
            "0: as before training",
        )
        for name in CODED
    ),
)
