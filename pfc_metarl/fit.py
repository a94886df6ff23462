"""Fit models to choices and compare them: ``python -m pfc_metarl.fit FILE --models hybrid,mf,mb --method em``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pfc_metarl.cli.commandline import exit_code
from pfc_metarl.cli.listing import print_list
from pfc_metarl.cli.trial_options import read_source, show_formats, trials_parser
from pfc_metarl.interrupts import importing
from pfc_metarl.settings import BadInput, counted

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.fitting.named_models import NamedModel

EXAMPLES = """Examples:
  python -m pfc_metarl.fit people.csv --models hybrid,mf,mb --method em
  python -m pfc_metarl.fit ../data/mice --format aind_mice --models rw,rw2,forgetting --folds 5
"""

METHODS = "maximum likelihood, with a prior, of the group (em), or of the group by sampling (nuts)"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, see `pfc_metarl.cli.commandline.exit_code`."""
    return exit_code(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = trials_parser("fit", "Fit models to the choices of each subject, and compare them.", EXAMPLES)
    add = parser.add_argument
    add("--models", default="hybrid,mb,mf", metavar="A,B", help="models, separated by commas (default hybrid,mb,mf)")
    add("--list-models", action="store_true", help="list the models and stop")
    add("--method", choices=["ml", "map", "em", "nuts"], default="ml", help=METHODS)
    add("--p-common", type=float, metavar="P", help="probability of a common transition (default: as in the trials)")
    add("--folds", type=int, default=0, metavar="N", help="parts for the likelihood of held-out choices (default none)")
    add("--starts", type=int, default=4, metavar="N", help="searches of each subject (default 4)")
    add("--draws", type=int, default=500, metavar="N", help="of each chain of nuts (default 500)")
    add("--out", metavar="FILE", help="netCDF file for all fits, a group for each model, and their comparison")
    return parser


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if options.formats:
        show_formats()
        return 0
    with importing():
        from pfc_metarl.cli.display import Display
        from pfc_metarl.cli.results import refuse_unwritable, show_reasons, write_groups
        from pfc_metarl.fitting import compared, fitted_models, named_models
        from pfc_metarl.fitting.named_models import NAMED, TWO_STEP, needed_columns

    if options.list_models:
        print_list({name: f"{named.about}; free: {', '.join(named.free)}" for name, named in NAMED.items()})
        return 0
    if options.starts < 1 or options.folds == 1 or options.folds < 0:
        raise BadInput("--starts must be at least 1, and --folds 0, or at least 2.")
    out = Path(options.out) if options.out else None
    refuse_unwritable(out)
    names = options.models.split(",")
    n_options = 2 if set(names) & set(TWO_STEP) else None
    table = read_source(options, needed_columns(names, options.p_common), n_options)
    models = named_models(names, table, options.p_common)
    fits: dict[str, xr.Dataset] = {}
    numbers = {"n_folds": options.folds, "n_starts": options.starts, "n_draws": options.draws}
    with Display(quiet=False) as display:
        for number, (name, model) in enumerate(models.items(), start=1):
            display.show(f"fitting {name}, {number} of {len(models)}", number - 1, len(models))
            fits |= fitted_models(table, {name: model}, options.method, **numbers)
    for name, fit in fits.items():
        _show_estimates(name, models[name], fit, out)
    show_reasons(fits)
    groups = dict(fits)
    if len(fits) > 1:
        groups["comparison"] = compared(fits)
        _show_comparison(groups["comparison"])
    if out:
        print(write_groups(groups, out))
    return 0


def _show_estimates(name: str, model: "NamedModel", fit: "xr.Dataset", out: Path | None) -> None:
    """Print the parameters of each subject, and how well the chains of a fit by sampling agree."""
    from pfc_metarl.cli.results import show_table

    estimate = fit["estimate"].where(fit["valid"])  # of a subject without trials it is the group's
    estimates = estimate.to_dataframe()["estimate"].unstack("parameter")[list(model.free)]
    if "held_out" in fit:
        estimates["held_out"] = fit["held_out"].to_series()
    show_table(estimates, f"{name} ({model.about}): {counted(int(fit['valid'].sum()), 'subject')}", out)
    if "r_hat" in fit:
        print(_of_chains(name, fit))


def _show_comparison(comparison: "xr.Dataset") -> None:
    """Print the comparison of the models, as wide as the terminal."""
    from rich.console import Console

    console = Console()
    width = console.width if console.is_terminal else None
    shown = comparison.to_dataframe()
    shown = shown.apply(lambda values: values.map(("{}" if values.dtype.kind == "i" else "{:.3f}").format))
    print(shown.T.to_string(line_width=width))


def _of_chains(name: str, fit: "xr.Dataset") -> str:
    """Return how well the chains of a fit by sampling agree."""
    n_draws, n_divergent = fit.attrs["n_chains"] * fit.attrs["n_draws"], fit.attrs["n_divergent"]
    r_hat, n_effective = float(fit["r_hat"].max()), float(fit["n_effective"].min())
    return (
        f"{name}: R-hat of subjects up to {r_hat:.2f}, of the group up to {float(fit['group_r_hat'].max()):.2f}, "
        f"at least {n_effective:.0f} effective draws of {n_draws}, {n_divergent} divergent"
    )


if __name__ == "__main__":
    sys.exit(main())
