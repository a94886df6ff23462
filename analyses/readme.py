"""Write the tables of README and docs/ from their sources: ``python -m analyses.readme``.

The numbers come from data/derived/summaries.json, which is updated from the runs of the experiments in runs/, if there
are any, and from summaries_seed_7.json, which is updated from runs/seed_7: the same experiments with the one further
seed that no search of a recipe has used.
"""

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from analyses import derived, published
from pfc_metarl import experiments
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.data.dataset import SCHEMA, STEP_DIMS
from pfc_metarl.data.files import write_json
from pfc_metarl.experiments.headline import reached
from pfc_metarl.reports.sentences import criterion_met
from pfc_metarl.reports.verdicts import number
from pfc_metarl.runs.run import open_run

HOME = Path(__file__).parents[1]
PAGES = tuple(HOME / name for name in ("README.md", "docs/experiments.md", "docs/recordings.md", "docs/runs.md"))
SUMMARIES = HOME / "data" / "derived" / "summaries.json"
SECOND_SEED = 7
"""Fixed before any experiment was run with it; no search of benchmarks/recipe.md has used it."""
SECOND_SUMMARIES = SUMMARIES.with_name(f"summaries_seed_{SECOND_SEED}.json")
SECOND_RUNS = Path("runs") / f"seed_{SECOND_SEED}"
FITTED = SUMMARIES.with_name("figS_two_step_rpe.nc")
"""Prediction errors of learners whose parameters were fitted to the choices of each network."""
THIN = 2.0
"""Standard deviations of single networks; if a criterion is nearer to their mean, another seed may decide otherwise."""
TORTURE = HOME / "tests" / "torture" / "RESULTS.md"


OF_2016 = re.compile(
    r"bandit_correlated_(easy|medium|hard)|bandit_independent_(lstm|no_reward)|informative_arm|restless_bandit|maze|two_step_wang2016|harlow_objects_wang2016"
)
"""Beginnings of the names of experiments of Wang et al. 2016 that Wang et al. 2018 do not have."""


def schema_table() -> str:
    """Return the schema of a recording as a markdown table."""
    rows = ["| variable | dims | type | meaning | unit |", "|---|---|---|---|---|"]
    for name, row in SCHEMA.items():
        dims = ", ".join((*STEP_DIMS, *row.extra_dims))
        rows.append(f"| `{name}` | {dims} | {row.dtype} | {row.meaning} | {row.units} |")
    return "\n".join(rows)


def collect(runs: Path, before: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
    """Return the summary of every experiment: of its complete run, or else the one known before.

    Parameters
    ----------
    runs : Path
    before : mapping
        Summaries known before.
    seed : int, optional
        Runs with another seed do not count; by default all do.
    """
    summaries = {}
    for name in experiments.names():
        run = open_run(runs / name) if (runs / name / "run.json").exists() else None
        if run is not None and run.complete and seed in (None, run.manifest["seed"]):
            facts = {"seed": run.manifest["seed"], "seconds": sum(run.manifest["seconds"].values())}
            summaries[name] = facts | {"measures": run.summary()["measures"]}
        elif name in before:
            summaries[name] = before[name]
    return summaries


def judged(name: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary with the criteria of the experiment as it is now: a criterion may move without a new run."""
    headlines = {headline.label: headline for headline in experiments.load(name).headlines}
    rows = []
    for row in summary["measures"]:
        kept, headline = dict(row), headlines.get(row["measure"])
        if headline is not None:
            kept = {key: value for key, value in row.items() if key not in ("criterion", "reached")}
            kept["expected"] = headline.expected
            if headline.criterion is not None:
                values = xr.DataArray([math.nan if value is None else value for value in row["subjects"]])
                criterion = headline.criterion
                kept |= {"criterion": list(criterion), "reached": reached(values, *criterion)}
        rows.append(kept)
    return {**summary, "measures": rows}


def summary_table(summary: Mapping[str, Any]) -> str:
    """Return the headline measures of a run as a markdown table."""
    rows = ["| measure | mean ± s.e.m. over networks | lowest, highest | expected |", "|---|---|---|---|"]
    for row in summary["measures"]:
        low, high = min(row["subjects"]), max(row["subjects"])
        rows.append(f"| {row['measure']} | {_value(row)} | {number(low)}, {number(high)} | {row['expected']} |")
    return "\n".join(rows)


def experiments_table(summaries: Mapping[str, Any], of_2016: bool, second: Mapping[str, Any] | None = None) -> str:
    """Return claims and results of the experiments of one paper, of measures with a criterion, as a markdown table.

    Experiments as the paper did them have a table of their own.

    Parameters
    ----------
    summaries : mapping
        By experiment.
    of_2016 : bool
        Whether those of Wang et al. 2016 are wanted.
    second : mapping, optional
        Summaries of the same experiments with the second seed.
    """
    rows = [
        "| experiment, what it shows | measure | paper, theory | ours: mean ± s.e.m. | networks that reached it | "
        f"seed {SECOND_SEED} | s |",
        "|---|---|---|---|---|---|---:|",
    ]
    for name, summary in summaries.items():
        if name in published.PUBLISHED or bool(OF_2016.match(name)) != of_2016:
            continue
        first = f"`{name}`: {experiments.load(name).claim}"
        seconds = f"{summary['seconds']:.0f}"
        for row in judged(name, summary)["measures"]:
            if "criterion" in row:
                again = _again(judged(name, second[name]) if name in (second or {}) else None, row)
                met = f"{criterion_met(row)}{margin_in_words(row)}"
                cells = (first, row["measure"], row["expected"], _value(row), met, again, seconds)
                rows.append(f"| {' | '.join(cells)} |")
                first = seconds = ""
    return "\n".join(rows)


def _again(summary: Mapping[str, Any] | None, row: Mapping[str, Any]) -> str:
    """Return what a measure was with the second seed, judged by the same criterion."""
    found = [each for each in (summary or {}).get("measures", ()) if each["measure"] == row["measure"]]
    if not found or found[0].get("criterion") != row["criterion"]:
        return "not run"
    (again,) = found
    return f"{_value(again)}, {again['reached']} of {again['n']}{margin_in_words(again)}"


def margin(row: Mapping[str, Any]) -> float:
    """Return how far the mean is inside its criterion, in standard deviations of single networks.

    Examples
    --------
    >>> margin({"subjects": [0.5, 0.6, 0.7], "criterion": [0.4, None]})
    2.0
    """
    values = np.array([value for value in row["subjects"] if value is not None], dtype=float)
    low, high = (math.nan if bound is None else bound for bound in row["criterion"])
    inside = np.nanmin([values.mean() - low, high - values.mean()]) if len(values) > 1 else math.nan
    spread = values.std(ddof=1) if len(values) > 1 else math.nan
    return round(float(inside / spread), 9) if spread > 0 else math.inf


def margin_in_words(row: Mapping[str, Any]) -> str:
    """Return the margin of a measure where it is thin, else nothing."""
    found = margin(row)
    return f", margin {found:.1f} s.d." if found < THIN else ""


def fitted_sentence() -> str:
    """Return r² of the networks' prediction errors with learners fitted to their choices, as a sentence."""
    means = derived.load(FITTED)[0]["fitted"].mean("subject")

    def pair(variable: str, stage: str) -> str:
        values = means[variable].sel(stage=stage, learner=["model_based", "model_free"]).values
        return " and ".join(f"{value:.2f}" for value in values)

    raw, partial = (
        f"{pair(variable, 'second-stage onset')} at onset, {pair(variable, 'both')} at both"
        for variable in ("r_squared", "partial_r_squared")
    )
    return (
        "The learners of this table have rates of 0.5. With parameters "
        "[fitted to each network's choices](paper/figures/figS_two_step_rpe.png), raw r² "
        f"(model-based and model-free) is {raw}; partial r² is {partial}."
    )


def _value(row: Mapping[str, Any]) -> str:
    return "–" if row["mean"] is None else f"{number(row['mean'])} ± {number(row['sem'])} (n = {row['n']})"


def torture_table() -> str:
    """Return the table written by the torture tests."""
    return "\n".join(line for line in TORTURE.read_text(encoding="utf-8").splitlines() if line.startswith("|"))


def with_block(text: str, name: str, content: str) -> str:
    """Replace the text between the marks of a block; it may be empty.

    Examples
    --------
    >>> with_block("<!-- a -->\\n<!-- end -->, kept, <!-- b -->\\nold\\n<!-- end -->", "a", "new").splitlines()
    ['<!-- a -->', 'new', '<!-- end -->, kept, <!-- b -->', 'old', '<!-- end -->']
    """
    pattern = re.compile(rf"(<!-- {name} -->\n)((?!<!--).)*(<!-- end -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match.group(1)}{content}\n{match.group(3)}", text)


def with_tables(text: str, summaries: Mapping[str, Any], second: Mapping[str, Any] | None = None) -> str:
    """Return a page with all its tables up to date."""
    made = {
        "summary": summary_table(judged("two_step", summaries["two_step"])),
        "fitted": fitted_sentence(),
        "experiments": experiments_table(summaries, of_2016=False, second=second),
        "experiments of 2016": experiments_table(summaries, of_2016=True, second=second),
        "as published": published.table({name: judged(name, each) for name, each in summaries.items()}),
        "schema": schema_table(),
        "torture": torture_table(),
    }
    for name, table in made.items():
        text = with_block(text, name, table)
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring summaries and pages up to date; return the exit code."""
    parser = Parser(prog="python -m analyses.readme", description=(__doc__ or "").partition(":")[0])

    def command() -> int:
        parser.parse_args(arguments)
        _bring_up_to_date()
        return 0

    return exit_code(command)


def _bring_up_to_date() -> None:
    summaries = collect(Path("runs"), known(SUMMARIES))
    second = collect(SECOND_RUNS, known(SECOND_SUMMARIES), SECOND_SEED)
    for path, found in ((SUMMARIES, summaries), (SECOND_SUMMARIES, second)):
        write_json(path, found)
    for page in PAGES:
        page.write_text(with_tables(page.read_text(encoding="utf-8"), summaries, second), encoding="utf-8")


def known(path: Path) -> dict[str, Any]:
    """Return the summaries of a file; none if there is no such file."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


if __name__ == "__main__":
    sys.exit(main())
