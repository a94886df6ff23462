"""The table of experiments as the paper did them: variants whose names end in ``_wang2018``, and what came out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pfc_metarl import experiments
from pfc_metarl.reports.sentences import criterion_met


class Published(NamedTuple):
    """What is known of how the paper trained its networks."""

    settings: str
    """What differs from the settings that are common to all."""
    episodes: str
    """Training episodes of the paper or of its public replications."""
    remark: str = ""
    """What else came out, if the numbers alone mislead."""


NOT_RUN = "not run", "", "–"
"""Episodes, results and number of networks where there is no complete run."""


PUBLISHED = {
    "bandit_independent_wang2018": Published(
        "learning rate 0.001, discount 0.8, entropy cost 1 falling to 0; theirs were tuned, to unknown values", "20,000"
    ),
    "bandit_correlated_wang2018": Published("learning rate 0.001, discount 0.8, entropy cost 1 falling to 0", "20,000"),
    "foraging_wang2018": Published("discount 0.75", "15,000 to 30,000"),
    "volatility_wang2018": Published("learning rate 0.00005, discount 0.1, entropy cost 1 falling to 0", "40,000"),
    "inferred_value_wang2018": Published(
        "episodes of five trials",
        "100,000",
        remark="networks respond correctly (0.50, the highest reward), but their dopamine at the cue is the same for "
        "rewarded and unrewarded targets, so that the ratios are noise",
    ),
    "two_step_wang2018_10000": Published("", "10,000"),
    "two_step_wang2018": Published("the same, four times as long", "10,000"),
    "harlow_objects_wang2018": Published(
        "256 units, 32 episodes an update (their 32 threads updated one by one); of a replication of Wang et al. 2016, "
        "learning rate 0.00075, discount 0.91, value cost 0.4, entropy cost 0.001; objects for the paper's pictures",
        "not known",
        remark="networks come to fixate and to choose in most trials, but not by what was rewarded",
    ),
    "harlow_pixels_wang2018": Published(
        "84 x 84 pixels, 256 units; our learning settings; 14 of the paper's 50 networks reached ceiling, in a harder "
        "view",
        "not known",
    ),
    "risky_lever_wang2018": Published("the safe lever always pays 1", "66,700"),
}
"""By experiment."""


def table(summaries: Mapping[str, Any]) -> str:
    """Return settings, episodes and results of the experiments as the paper did them, as a markdown table.

    Parameters
    ----------
    summaries : mapping
        Of complete runs, by experiment, with the criteria of the experiment as it is now.
    """
    rows = [
        "| experiment | as the paper did it | episodes: paper | here | what came out: mean ± s.e.m., "
        "networks that reached our criterion | n |",
        "|---|---|---|---|---|---:|",
    ]
    for name, published in PUBLISHED.items():
        here, found, n = _run(name, summaries[name], published.remark) if name in summaries else NOT_RUN
        rows.append(
            f"| `{name}` | {published.settings or 'as above'} | {published.episodes} | {here} | {found} | {n} |"
        )
    return "\n".join(rows)


def _run(name: str, summary: Mapping[str, Any], remark: str = "") -> tuple[str, str, str]:
    """Return episodes, results and number of networks of a complete run."""
    learner = experiments.load(name).learner
    measures = [row for row in summary["measures"] if "criterion" in row]
    found = "; ".join([*(_result(row) for row in measures), *([remark] if remark else [])])
    return f"{learner.updates * learner.episodes:,}", found, str(measures[0]["n"])


def _result(row: Mapping[str, Any]) -> str:
    value = "no value" if row["mean"] is None else f"{row['mean']:.3f} ± {row['sem']:.3f}"
    return f"{row['measure']} {value}, {criterion_met(row)}"
