"""Make the trained networks that come with the package: ``python -m analyses.trained --runs DIR ... [NAME ...]``.

Of each main experiment, network 0 of seed 0 is taken from the first of the folders that holds a run trained with the
present settings, and a model card is written from its summary.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analyses.readme import judged
from pfc_metarl import experiments
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.data.files import replacing
from pfc_metarl.execution.pipeline import training_of
from pfc_metarl.networks.weights import digest, of_networks
from pfc_metarl.pretrained.files import CARDS, NETWORK, SEED, WEIGHTS, encoded
from pfc_metarl.reports.methods import paragraph
from pfc_metarl.reports.sentences import bounds
from pfc_metarl.reports.verdicts import number
from pfc_metarl.runs.identity import training_difference
from pfc_metarl.runs.manifest import versions
from pfc_metarl.runs.run import Run, open_run
from pfc_metarl.settings import BadInput


def wanted() -> list[str]:
    """Return the experiments of which a network is shipped: those that are named as their file."""
    modules = Path(experiments.__file__).parent.glob("*.py")
    stems = {path.stem for path in modules}
    return [name for name in experiments.main_names() if name in stems]


def difference(run: Run, name: str) -> str | None:
    """Return how the training of a run differs from that of the present experiment, but for the size of the cohort."""
    training = run.manifest["training"]
    present = training_of(experiments.load(name), SEED, "cpu") | {"networks": training["networks"]}
    found = training_difference(training, present)
    return None if found is None else f"{found[0]} = {found[1]!r}, now {found[2]!r}"


def run_of(name: str, folders: Sequence[Path]) -> Run:
    """Return the first complete run of an experiment that was trained with its present settings.

    Raises
    ------
    BadInput
        If there is none.
    """
    reasons = []
    for folder in folders:
        if not (folder / name / "run.json").is_file():
            continue
        run = open_run(folder / name)
        reason = difference(run, name) or (None if run.complete else "the run is not complete")
        if reason is None:
            return run
        reasons.append(f"{folder / name}: {reason}")
    said = "; ".join(reasons) or f"no folder {name} in {', '.join(map(str, folders))}"
    raise BadInput(f"{name}: there is no run with the present settings ({said}); simulate it with seed {SEED}.")


def facts_of(name: str, run: Run) -> dict[str, Any]:
    """Return what is stored with the weights: where they come from, and what the network reached."""
    rows = judged(name, run.summary())["measures"]
    values = [{**_row(row), "value": row["subjects"][NETWORK]} for row in rows if len(row["subjects"]) > NETWORK]
    weights = of_networks(run.weights(), slice(NETWORK, NETWORK + 1))
    return {
        "experiment": name,
        "claim": experiments.load(name).claim,
        "seed": SEED,
        "network": NETWORK,
        "training": run.manifest["training"],
        "settings": run.manifest["settings"],
        "measures": values,
        "weights_sha256": digest(weights),
        "versions": versions(run.manifest["provenance"]),
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("measure", "expected", "criterion") if key in row}


def card_of(facts: Mapping[str, Any]) -> str:
    """Return a model card: what the network is, how it was trained, what it does, and what it is for."""
    manifest = {"settings": facts["settings"], "training": facts["training"], "seed": facts["seed"], "provenance": {}}
    table = ["| measure | this network | expected | criterion |", "|---|--:|---|---|"]
    for row in facts["measures"]:
        criterion = bounds(row["criterion"]) if "criterion" in row else ""
        table.append(f"| {row['measure']} | {number(row['value'])} | {row['expected']} | {criterion} |")
    name = facts["experiment"]
    lines = [
        f"# {name}",
        f"Claim of the experiment: {facts['claim']}",
        f'`pfc_metarl.load("{name}")` returns the network with frozen weights as an agent.',
        "## Which network",
        f"Network {NETWORK} of seed {SEED}, as for every experiment: it was not selected by its results. "
        "Claims are about cohorts: docs/experiments.md has their results.",
        "## Training",
        paragraph(manifest, None),
        "## Results",
        "\n".join(table),
        "## Use",
        "For examples, documentation and trying out measures. It is a model of one task of the laboratory, trained in "
        "simulated worlds only, and says nothing about a person.",
        "## Versions",
        f"{', '.join(f'{package} {version}' for package, version in facts['versions'].items())}. "
        f"SHA-256 of the weights: {facts['weights_sha256']}.",
    ]
    return "\n\n".join(lines) + "\n"


def make(name: str, folders: Sequence[Path]) -> Path:
    """Write the weights and the card of an experiment; return the file of the weights."""
    run = run_of(name, folders)
    facts = facts_of(name, run)
    with replacing(WEIGHTS / f"{name}.safetensors") as temporary:
        temporary.write_bytes(encoded(run.weights(), facts))
    with replacing(CARDS / f"{name}.md") as temporary:
        temporary.write_text(card_of(facts), encoding="utf-8")
    return WEIGHTS / f"{name}.safetensors"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    return exit_code(lambda: _run(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m analyses.trained", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments (default: all of which one is shipped)")
    parser.add_argument("--runs", nargs="+", type=Path, default=[Path("runs")], metavar="DIR", help="folders of runs")
    return parser


def _run(options: argparse.Namespace) -> int:
    for name in options.names or wanted():
        path = make(name, options.runs)
        print(f"{path} ({path.stat().st_size:,} bytes)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
