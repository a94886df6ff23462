"""Measure the behaviour of animals, people or networks: ``python -m pfc_metarl.measure FILE --task two_step``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.trial_options import read_source, show_formats, trials_parser
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, counted

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

EXAMPLES = """Examples:
  python -m pfc_metarl.measure people.csv --task two_step --map choice1=level1_choice --base 1
  python -m pfc_metarl.measure ../data/rats --format miller2022_rats --task two_step
  python -m pfc_metarl.measure runs/two_step --task two_step
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = trials_parser("measure", "Measure behaviour, per subject and over subjects.", EXAMPLES)
    parser.add_argument("--task", choices=["two_step", "bandit"], default="two_step", help="task (default two_step)")
    parser.add_argument(
        "--rewarded-above", type=float, default=0.0, metavar="X", help="a larger reward counts as one (default 0)"
    )
    parser.add_argument("--out", metavar="FILE", help="netCDF file for all results, a group for each measure")
    return parser


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if options.formats:
        show_formats()
        return 0
    with importing():
        from pfc_metarl.cli.results import refuse_unwritable, say, show_reasons, show_table, write_groups
        from pfc_metarl.measures import battery, headlines
        from pfc_metarl.measures.behaviour.battery import NEEDS

    out = Path(options.out) if options.out else None
    refuse_unwritable(out)
    trials = read_source(options, NEEDS[options.task], 2 if options.task == "two_step" else None)
    measured, left_out = battery(trials, options.task, options.rewarded_above)
    if options.task == "bandit":
        _add_learning_rate(trials, measured, left_out)
    table = headlines(measured)
    show_table(table, f"{options.source}: {counted(len(table), 'subject')}", out)
    if "stay_regression" in measured:
        say(_pooled(measured["stay_regression"]))
    show_reasons(measured)
    for reason in dict.fromkeys(left_out.values()):
        names = [name for name, why in left_out.items() if why == reason]
        print(f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} left out: {reason}")
    if out:
        print(write_groups({"headlines": table.to_xarray(), **measured}, out))
    return 0


def _add_learning_rate(trials: "pd.DataFrame", measured: dict[str, "xr.Dataset"], left_out: dict[str, str]) -> None:
    """Fit a learner with one rate, whose values of other options stay, to each subject; rewards span its range."""
    from pfc_metarl.fitting import rescorla_wagner_fit

    reward = trials["reward"].astype(float)
    try:
        fit = rescorla_wagner_fit(
            trials, unchosen="kept", reward_range=(min(0.0, reward.min()), max(1.0, reward.max()))
        )
    except BadInput as error:
        left_out["rescorla_wagner"] = str(error)
        return
    measured["rescorla_wagner"] = fit


def _pooled(regression: "xr.Dataset") -> str:
    """Return a sentence with the terms of the stay regression over all subjects."""
    terms = [
        f"{term} {float(at['coefficient']):.2f} ± {float(at['standard_error']):.2f} (p = {float(at['p_value']):.2g})"
        for term, at in ((term, regression.sel(term=term)) for term in regression["term"].values.tolist())
    ]
    by = counted(regression.attrs["n_clusters"], "cluster")
    return f"stay_regression, all subjects together, log odds ± s.e. ({by}): {', '.join(terms)}"


if __name__ == "__main__":
    sys.exit(main())
