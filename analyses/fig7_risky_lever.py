"""Figure 7: blocking or stimulating dopamine shifts the choices of networks with frozen weights.

a, inputs of the actor of Simulation 6: the reward-prediction error (RPE) of a separate critic, not the reward. b, risky
choices in the free trials of an episode, control, for both probabilities that the risky lever pays 4. The safe lever
pays 1; in training it paid 0 to 3, constant within an episode, which is ours, not the paper's. c, dopamine input of the
actor at the cue after a risky win, a safe win and a risky loss at p = 0.5: in control, and with the amount of a win
subtracted (blocks) or added (burst). d-f, risky choices in control (black) and with the named pulse (orange). In
brackets, the number of rats of Stopper et al. 2014 with which each pulse was tested; the arrow shows the direction in
which their choices changed, and their percentages are not drawn because no table of them was at hand. P values: paired
t test of pulse against control over networks (scipy.stats.ttest_rel, two-sided), corrected after Holm for the six tests
of d-f. g, shift by magnitude of the pulse, in the colours of c, at p = 0.5 (solid) and 0.125 (dashed). h, shifts of
trained networks, of the same networks before training, of networks whose safe lever always paid 1 in training, as in
the paper (all else is ours), and of a Rescorla-Wagner learner that receives the perturbed RPE, at both p; above, in how
many networks of either training the shift has the paper's sign, by more than a percentage point.

All conditions meet the same worlds and the same choice noise, 200 episodes of 20 free trials per network. Weights were
frozen: their hash is compared between all recordings of the trained networks (h). Thin lines and dots are single
networks (n in b), thick lines, bars, squares and, in c, dashes means, error bars s.e.m. over networks; for the learners
of h, over individuals.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import risk_shift, risky_choice
from pfc_metarl.measures.inference import holm
from pfc_metarl.runs.run import Run

RUN = ("runs/risky_lever", "runs/risky_lever_safe_fixed")
P_WIN = {0.5: "half", 0.125: "eighth"}
PULSES = {
    "block_risky_win": "block at risky win",
    "block_safe_win": "block at safe win",
    "stimulate_risky_loss": "burst at risky loss",
}
RATS = {"block_risky_win": (11, "↓"), "block_safe_win": (8, "↑"), "stimulate_risky_loss": (9, "↑")}
"""Rats of Stopper et al. 2014 in each manipulation, and the change of their risky choices; science sheet, section 4."""
WHO = {"": "trained", "_untrained": "untrained", "_lever_learner": "RW learner"}
SIGNS = {"block_risky_win": -1, "block_safe_win": 1, "stimulate_risky_loss": 1}
"""Direction of the shift in Wang et al. 2018, Fig. 7."""
SAFE_FIXED = "safe lever fixed"
"""Networks trained on the task of the paper."""
SMALLEST = 0.01
"""Smallest shift that counts in h."""
OUTCOMES = {"risky win": (True, True), "safe win": (False, True), "risky loss": (True, False)}
COLORS = {
    "control": style.NETWORK,
    "block_risky_win": style.MODEL_BASED,
    "block_safe_win": style.OPTIMUM,
    "stimulate_risky_loss": style.MODEL_FREE,
}


def tables(run: Run, safe_fixed: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of risky_lever and of the same with the task of the paper."""
    choice = {who: _over_odds(lambda odds, w=who: _choices(run, odds, w)) for who in WHO}
    published = _over_odds(lambda odds: _choices(safe_fixed, odds, "")).drop_dims("trial")
    doses = sorted({_dose(run, name) for name in run.manifest["settings"]["probes"]} - {0.0})
    return {
        "choice": style.stacked(
            {WHO[who]: made.drop_dims("trial") for who, made in choice.items()} | {SAFE_FIXED: published}, "who"
        ),
        "by_trial": choice[""][["risky_choice_by_trial"]].sel(condition="control", drop=True),
        "shift": _over_odds(lambda odds: _shifts(run, odds)),
        "dose": _over_odds(
            lambda odds: xr.concat(
                [_shifts(run, odds, dose)[["shift"]] for dose in doses], xr.IndexVariable("magnitude", doses)
            )
        ),
        "given": xr.concat(
            [given(run.recording(f"{condition}_half")) for condition in ("control", *PULSES)],
            xr.IndexVariable("condition", ["control", *PULSES]),
        ),
        "weights": xr.Dataset(attrs=_weights(run)),
    }


def _over_odds(measured) -> xr.Dataset:
    return xr.concat([measured(odds) for odds in P_WIN.values()], xr.IndexVariable("p_win", list(P_WIN)))


def _choices(run: Run, odds: str, who: str) -> xr.Dataset:
    parts = [risky_choice(run.recording(f"{condition}_{odds}{who}")) for condition in ("control", *PULSES)]
    return xr.concat(parts, xr.IndexVariable("condition", ["control", *PULSES]))


def _shifts(run: Run, odds: str, dose: float | None = None) -> xr.Dataset:
    """Return the shift by each pulse, at its own or another magnitude."""
    control, names = risky_choice(run.recording(f"control_{odds}")), {p: f"{p}_{odds}" for p in PULSES}
    if dose is not None:
        probes = run.manifest["settings"]["probes"]
        names = {
            p: next(probe for probe in probes if probe.startswith(own) and _dose(run, probe) == dose)
            for p, own in names.items()
        }
    parts = [risk_shift(risky_choice(run.recording(name)), control) for name in names.values()]
    return xr.concat(parts, xr.IndexVariable("condition", list(PULSES)))


def _dose(run: Run, probe: str) -> float:
    return float(run.manifest["settings"]["probes"][probe].get("intervene", {}).get("magnitude", 0.0))


def _weights(run: Run) -> dict[str, str | int]:
    """Return the hash of the trained weights, and the number of recordings that have it."""
    frozen = {name: sha for name, sha in run.summary()["weights_sha256"].items() if not name.endswith("_untrained")}
    hashes = set(frozen.values())
    return {"sha256": ", ".join(sorted(hashes)), "n_hashes": len(hashes), "n_recordings": len(frozen)}


def given(recording: xr.Dataset) -> xr.Dataset:
    """Return the actor's mean dopamine input at the cue after each kind of outcome, dims subject and outcome."""
    received = trial_view(recording, "rpe_input", "fixation").isel(trial=slice(1, None)).values
    response, side, reward = (
        trial_view(recording, name, "choice").isel(trial=slice(-1)).values
        for name in ("action", "risky_side", "reward")
    )
    risky, pulled = response == side, (response < 2) & (reward >= 0)
    means = [
        np.nanmean(np.where(pulled & (risky == is_risky) & ((reward > 0) == won), received, np.nan), axis=(1, 2))
        for is_risky, won in OUTCOMES.values()
    ]
    return xr.Dataset(
        {"rpe_input": (("outcome", "subject"), np.stack(means))},
        {"outcome": list(OUTCOMES), "subject": recording["network"].values},
    )


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 3, "b": 3, "c": 3}, {"d": 1, "e": 1, "f": 1}, {"g": 3, "h": 4}], height=170)
    choice, shift = tables["choice"]["risky_choice"], tables["shift"]
    p_value = shift["p_value"]
    shift = shift.assign(p_value=p_value.copy(data=holm(p_value.values.ravel()).reshape(p_value.shape)))
    draw_architecture(ax=axes["a"])
    draw_trials(tables["by_trial"]["risky_choice_by_trial"], ax=axes["b"])
    draw_given(tables["given"]["rpe_input"], ax=axes["c"])
    for panel, pulse in zip("def", PULSES, strict=True):
        draw_pulse(choice.sel(who="trained", drop=True), shift.sel(condition=pulse), pulse, ax=axes[panel])
    draw_doses(tables["dose"]["shift"], ax=axes["g"])
    draw_controls(choice, ax=axes["h"])
    weights = tables["weights"].attrs
    same = f"the same weights in all {weights['n_recordings']} recordings"
    axes["h"].set_title(same if weights["n_hashes"] == 1 else "weights are NOT THE SAME everywhere")
    return made


def draw_architecture(ax: Axes) -> Axes:
    """Draw the inputs of actor and critic."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    box = {"boxstyle": "round,pad=0.4", "linewidth": 0.6, "facecolor": "white"}
    ax.text(0.5, 0.72, "critic\n48 LSTM units", ha="center", va="center", bbox={**box, "edgecolor": style.MODEL_BASED})
    ax.text(0.5, 0.22, "actor\n48 LSTM units", ha="center", va="center", bbox={**box, "edgecolor": style.MODEL_FREE})
    arrow = {"arrowstyle": "-|>", "linewidth": 0.8, "color": style.NETWORK, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (0.30, 0.72), (0.14, 0.72), arrowprops=arrow)
    ax.annotate("", (0.30, 0.22), (0.14, 0.22), arrowprops=arrow)
    ax.annotate("", (0.86, 0.22), (0.70, 0.22), arrowprops=arrow)
    ax.annotate("", (0.5, 0.35), (0.5, 0.59), arrowprops={**arrow, "color": style.MODEL_FREE, "linewidth": 1.4})
    ax.text(0.0, 0.72, "screen,\naction,\nreward", ha="left", va="center", fontsize=6)
    ax.text(0.0, 0.22, "screen,\naction", ha="left", va="center", fontsize=6)
    ax.text(1.0, 0.22, "choice", ha="right", va="center", fontsize=6)
    ax.text(0.53, 0.47, "RPE\n+ pulse", ha="left", va="center", fontsize=6, color=style.MODEL_FREE)
    ax.text(0.47, 0.47, "r + γV′ − V", ha="right", va="center", fontsize=6)
    return ax


def draw_trials(by_trial: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of risky choices in each free trial of an episode."""
    free = by_trial["trial"] - int(by_trial["trial"].min()) + 1
    for p_win, line in zip(P_WIN, ("-", "--"), strict=True):
        here = 100 * by_trial.sel(p_win=p_win)
        ax.plot(free, here.transpose("trial", "subject"), color=style.NETWORK, linewidth=0.4, alpha=0.4, linestyle=line)
        ax.plot(free, here.mean("subject"), color=style.NETWORK, linestyle=line, label=f"p = {p_win:g}")
    ax.set(xlabel="free trial of the episode", ylabel="risky choices, control (%)", ylim=(0, 120))
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_title(f"n = {by_trial.sizes['subject']} networks")
    ax.legend(loc="upper right", ncols=2)
    return ax


def draw_given(rpe_input: xr.DataArray, ax: Axes) -> Axes:
    """Draw the actor's dopamine input after each outcome, in control and with pulses."""
    for x, outcome in enumerate(OUTCOMES):
        for condition, color in COLORS.items():
            values = rpe_input.sel(outcome=outcome, condition=condition)
            mean, _, n = style.mean_sem(values)
            offset = 0.2 * (list(COLORS).index(condition) - 1.5)
            ax.plot(x + offset + style.jittered(n, 0.14), values, ".", markersize=2, color=color)
            ax.plot([x + offset - 0.09, x + offset + 0.09], [mean, mean], color=color, linewidth=1)
    for condition, color in COLORS.items():
        ax.plot([], [], "s", markersize=2.5, color=color, label=PULSES.get(condition, "control"))
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set_xticks(range(len(OUTCOMES)), [f"after\n{outcome}" for outcome in OUTCOMES])
    low, high = ax.get_ylim()
    ax.set(ylabel="RPE given to the actor (reward)", ylim=(low, high + 0.6 * (high - low)))
    ax.legend(loc="upper right", labelspacing=0.2, borderaxespad=0)
    return ax


def draw_pulse(choice: xr.DataArray, shift: xr.Dataset, pulse: str, ax: Axes) -> Axes:
    """Draw risky choices with a pulse and in control, at both probabilities."""
    for x, p_win in enumerate(P_WIN):
        pair = 100 * choice.sel(p_win=p_win, condition=["control", pulse])
        ends = np.array([x - 0.18, x + 0.18])
        ax.plot(ends, pair.transpose("condition", "subject"), color=style.FAINT, linewidth=0.5, zorder=1)
        for end, condition, color in zip(ends, ("control", pulse), (style.NETWORK, style.MODEL_FREE), strict=True):
            values = pair.sel(condition=condition)
            mean, sem, n = style.mean_sem(values)
            ax.plot(np.full(n, end), values, ".", markersize=2, color=color, alpha=0.6)
            ax.errorbar(end, mean, sem, fmt="s", markersize=4, color=color, linewidth=1, capsize=2)
        here = shift.sel(p_win=p_win)
        n_up, n_down = int(here["n_up"]), int(here["n_down"])
        ax.text(x, 106, f"{_p_value(float(here['p_value']))}\n{n_up} up, {n_down} down", ha="center", fontsize=6)
    rats, arrow = RATS[pulse]
    ax.set_title(f"{PULSES[pulse]}  (rats {arrow}, n = {rats})")
    ax.set_xticks([0, 1], ["50 %", "12.5 %"])
    ax.set(xlabel="probability that the risky lever pays", ylabel="risky choices (%)", ylim=(0, 125), xlim=(-0.5, 1.5))
    ax.set_yticks([0, 25, 50, 75, 100])
    return ax


def _p_value(p: float) -> str:
    return f"P = {p:.2g}" if p >= 1e-3 else f"P = {p:.0e}"


def draw_doses(shift: xr.DataArray, ax: Axes) -> Axes:
    """Draw the shift of risky choices by the magnitude of pulses."""
    for pulse in PULSES:
        for p_win, line in zip(P_WIN, ("-", "--"), strict=True):
            percent = 100 * shift.sel(condition=pulse, p_win=p_win)
            mean, sem, _ = style.mean_sem(percent)
            single = percent.transpose("magnitude", "subject")
            ax.plot(percent["magnitude"], single, color=COLORS[pulse], linestyle=line, linewidth=0.4, alpha=0.4)
            options = {"linestyle": line, "marker": "o", "markersize": 2.5, "color": COLORS[pulse]}
            ax.errorbar([0, *mean["magnitude"].values], [0, *mean.values], [0, *sem.values], **options)
    ax.axhline(0, color=style.FAINT, linewidth=0.5)
    ax.set(xlabel="magnitude of the pulse (reward)", ylabel="shift of risky choices\n(percentage points)")
    ax.set_title("colours as in c, lines as in b")
    return ax


def draw_controls(choice: xr.DataArray, ax: Axes) -> Axes:
    """Draw the shifts of networks of either training, untrained ones and a reference agent."""
    groups = [(pulse, p_win) for pulse in PULSES for p_win in P_WIN]
    shades = {"trained": 1.0, SAFE_FIXED: 0.7, "RW learner": 0.4, "untrained": 0.2}
    for who, alpha in shades.items():
        offset = 0.21 * (list(shades).index(who) - 1.5)
        for x, (pulse, p_win) in enumerate(groups):
            here = choice.sel(who=who, p_win=p_win, drop=True)
            values = 100 * (here.sel(condition=pulse) - here.sel(condition="control"))
            mean, sem, n = style.mean_sem(values)
            hatch = "////" if who == SAFE_FIXED else None
            ax.bar(x + offset, mean, 0.2, color=COLORS[pulse], alpha=alpha, hatch=hatch)
            ax.errorbar(x + offset, mean, sem, color="black", linewidth=0.6)
            ax.plot(x + offset + style.jittered(n, 0.12), values, ".", color="black", markersize=1.5)
            if who in ("trained", SAFE_FIXED):
                as_published = int((SIGNS[pulse] * values > 100 * SMALLEST).sum())
                level, label = (0.97, "ours") if who == "trained" else (0.9, "fixed")
                ax.text(
                    x, level, f"{label} {as_published}/{n}", transform=ax.get_xaxis_transform(), ha="center", fontsize=6
                )
    for who, alpha in shades.items():
        hatch = "////" if who == SAFE_FIXED else None
        ax.bar(0, 0, color=style.NETWORK, alpha=alpha, hatch=hatch, label=who)
    ax.axhline(0, color=style.NETWORK, linewidth=0.6)
    words = [f"{PULSES[pulse].replace(' at ', chr(10) + 'at ')}\np = {p:g}" for pulse, p in groups]
    ax.set_xticks(range(len(groups)), words)
    low, high = ax.get_ylim()
    ax.set(ylabel="shift of risky choices\n(percentage points)", ylim=(low, high + 0.25 * (high - low)))
    ax.legend(loc="lower right", labelspacing=0.2, ncols=2)
    return ax


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"shift by {what} in the direction of the paper, the smaller one of both probabilities",
            lambda tables, pulse=pulse: (SIGNS[pulse] * tables["shift"]["shift"].sel(condition=pulse)).min("p_win"),
            "0.05 or less",
            (0.05, None),
        )
        for pulse, what in PULSES.items()
    ),
)
