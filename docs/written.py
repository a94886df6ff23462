"""Pages of the documentation that are written from the code: one for each experiment, and the reference."""

import contextlib
import functools
import importlib
import inspect
import io
import json
import os
import re
from pathlib import Path
from unittest import mock

from analyses.readme import SUMMARIES, judged, known, summary_table
from pfc_metarl import experiments
from pfc_metarl.__main__ import COMMANDS, minutes
from pfc_metarl.experiments.plain_values import plain
from pfc_metarl.pretrained import files
from pfc_metarl.reports.methods import listed
from pfc_metarl.reports.sentences import criterion_met
from pfc_metarl.runs.run import Run
from pfc_metarl.settings import counted

HOME = Path(__file__).parents[1]
NULLS = SUMMARIES.parent / "nulls.json"
FIGURES = {
    "bandit_independent": "fig1_bandit",
    "bandit_correlated": "fig1_bandit",
    "foraging": "fig2_foraging",
    "volatility": "fig3_volatility",
    "inferred_value": "fig4_inferred_value",
    "two_step": "fig5_two_step",
    "harlow_objects": "figS_harlow_objects",
    "harlow_pixels": "fig6_harlow",
    "risky_lever": "fig7_risky_lever",
    "two_step_akam": "figS_two_step_akam",
    "informative_arm": "figW2_informative_arm",
    "restless_bandit": "figW3_restless",
    "two_step_wang2016": "figW4_two_step",
    "maze": "figW5_maze",
}
"""The figure of each experiment of which a trained network comes with the package."""

WINGS = ("", "dopamine", "tasks", "agents", "models", "experiments", "simulation", "data", "measures", "fitting")
"""Pages of the reference: packages with public names, and a module."""

MODULES = {
    "agents": ("bandits",),
    "simulation": ("interventions", "teacher_forcing"),
    "data": ("codecs",),
}
"""Modules and packages of a wing whose names stand on its page too."""

FURTHER = {
    "": (
        "execution.simulation.SimulatedRun",
        "execution.shard.Trained",
        "simulation.rollout.Trajectory",
        "networks.module_network.RecurrentModule",
        "networks.base.Activity",
        "networks.encoder.Encoder",
        "settings.Failure",
        "settings.Caution",
    ),
    "simulation": ("simulation.noise.Noise", "simulation.noise.draw", "simulation.noise.generators"),
}
"""What public names take, return and raise, by wing."""

MEMBERS_OF_RUN = ("recording", "recordings", "history", "weights", "summary", "table", "experiment", "agent")
MEMBERS_OF_RUN += ("remeasure", "complete", "command")
"""Members of a run that are of use outside of a simulation."""

VALUES = {
    "FORMATS": "The formats that `read_trials` knows, by name.",
    "MODELS": "All models of trials of the package, as classes.",
    "TASKS": "All tasks of the package, as classes.",
}
"""What public names are that are no function or class."""

EXAMPLES = "In examples `np`, `pd`, `torch` and `xr` are numpy, pandas, torch and xarray."


def write(folder):
    """Write all pages that are made from the code."""
    pages = {f"experiments/{name}.md": experiment_page(name) for name in files.names()}
    pages["experiments/index.md"] = experiments_index()
    pages |= {f"api/{wing or 'pfc_metarl'}.rst": reference(wing) for wing in WINGS}
    pages["api/commands.md"] = commands_page()
    pages["nomenclature.md"] = (HOME / "paper" / "nomenclature.md").read_text(encoding="utf-8")
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # sphinx reads what has changed
            path.write_text(text, encoding="utf-8")


def experiments_index():
    names = "\n".join(files.names())
    text = "One page for each experiment; controls and variants are in its file. [All results](../../experiments.md)."
    rows = "\n".join(f"| [{name}]({name}.md) | {experiments.load(name).claim} |" for name in files.names())
    table = f"| experiment | what it shows |\n|---|---|\n{rows}"
    return f"# Pages of experiments\n\n{text}\n\n{table}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def experiment_page(name):
    """Return the page of an experiment: claim, task, settings, null, results, figure, and how to run it."""
    experiment = experiments.load(name)
    summary = known(SUMMARIES)[name]
    task = type(experiment.task)
    about = inspect.cleandoc(task.__doc__).partition("\n\n")[0].replace("\n", " ")
    source = f"pfc_metarl/experiments/{name}.py"
    figure = HOME / "paper" / "figures" / f"{FIGURES[name]}.png"
    legend = inspect.cleandoc(importlib.import_module(f"analyses.{FIGURES[name]}").__doc__)
    shown = [picture(figure.name, legend.partition("\n\n")[0])] if figure.exists() else []
    parts = [
        f"# {name}",
        experiment.claim,
        f"**Task** `{task.__name__}`: {about}",
        f"`{source}` holds every number with its source. Training takes about {minutes(name)} minutes on one core.",
        f"```sh\npython -m pfc_metarl.simulate {name}\npython -m analyses {FIGURES[name]}\n```",
        f'A trained network comes with the package: `pfc_metarl.load("{name}")`.',
        "## Results",
        unbroken(summary_table(judged(name, summary))),
        "## Criteria and nulls",
        criteria(name, experiment, summary),
        *(["## Figure", *shown, legend.replace("*", "\\*")] if shown else []),
        "## Settings",
        *(f"**{part}** {listed(plain(getattr(experiment, part), part))}" for part in ("task", "network", "learner")),
        "## Recordings",
        "\n".join(_recorded(name, probe) for name, probe in experiment.probes.items()),
    ]
    return "\n\n".join(parts) + "\n"


def picture(file, title):
    """Return a figure that is a link to itself: its text is small where the column is narrow."""
    return f"```{{image}} ../../../paper/figures/{file}\n:alt: {title}\n:target: ../../_images/{file}\n```"


def unbroken(text):
    """Return a text, such as a table, whose numbers are not broken over lines."""
    return re.sub(
        r"(?<=\d)( ± | = |, (?=-?\d))|(?<=[np]) [=<] (?=\d)|(?<=[<>≤≥]) (?=[-\d])",
        lambda found: found[0].replace(" ", "\N{NBSP}"),
        text,
    )


def _recorded(name, probe):
    """Return a probe as an item of a list: its episodes, and the agents that meet the same worlds."""
    agents = [*probe.reference_agents, *(["untrained networks"] if probe.untrained else [])]
    others = f"; in the same worlds {', '.join(each.replace('_', ' ') for each in agents)}" if agents else ""
    return f"- `{name}`: {counted(probe.episodes, 'episode')}{others}"


def criteria(name, experiment, summary):
    """Return each criterion, how many networks reached it, and what its nulls reach."""
    limits = json.loads(NULLS.read_text(encoding="utf-8")).get(name, {})
    lines = []
    for row in judged(name, summary)["measures"]:
        if "criterion" in row:
            nulls = [f"{one['name'].replace('_', ' ')} {one['limit']:.3g}" for one in limits.get(row["measure"], [])]
            beside = f"; one individual in twenty of the null reaches: {', '.join(nulls)}" if nulls else ""
            lines.append(f"- {row['measure']}: {criterion_met(row)}{beside}")
    return "\n".join(lines) or "No criterion: nothing is claimed."


def reference(wing):
    """Return the reference of the public names of a package, and of its modules that are used by name."""
    package = f"pfc_metarl.{wing}".rstrip(".")
    module = importlib.import_module(package)
    title = package if wing else "pfc_metarl: the names used most"
    lines = [title, "=" * len(title), "", first_sentence(module), "", EXAMPLES.replace("`", "``"), ""]
    lines += overview(package, public(module))
    for name, value in public(module):
        lines += entry(package, name, value, wing and stands_in("pfc_metarl", name, value))
    for inner in (f"{package}.{each}" for each in MODULES.get(wing, ())):
        module = importlib.import_module(inner)
        lines += [inner, "-" * len(inner), "", first_sentence(module), "", *overview(inner, public(module))]
        for name, value in public(module):
            lines += entry(inner, name, value, stands_in(package, name, value))
    return "\n".join([*lines, *further(FURTHER.get(wing, ()))]) + "\n"


def further(names):
    """Return the lines of the reference of classes that public names take, return or raise."""
    title = "What these take, return and raise"
    lines = [title, "-" * len(title), ""] if names else []
    for dotted in names:
        module, _, name = dotted.rpartition(".")
        value = getattr(importlib.import_module(f"pfc_metarl.{module}"), name)
        lines += entry(f"pfc_metarl.{module}", name, value, False)
    return lines


def overview(package, names):
    """Return the lines of a table of names with what each is, linked to their entries."""
    lines = [".. list-table::", "   :widths: auto", ""]
    for name, value in names:
        about = first_sentence(value).replace("\n", " ") if callable(value) else VALUES[name]
        lines += [f"   * - :py:obj:`~{package}.{name}`", f"     - {about}"]
    return [*lines, ""] if names else []


def first_sentence(documented):
    return inspect.cleandoc(documented.__doc__ or "").partition("\n\n")[0]


def public(module):
    """Return the public names of a package or a module with their values, in the order of the alphabet."""
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    values = {name: getattr(module, name) for name in sorted(names, key=str.lower) if not name.startswith("_")}
    return [(name, value) for name, value in values.items() if not inspect.ismodule(value)]


def entry(package, name, value, stands_elsewhere):
    """Return the lines of the reference of one name."""
    kind = "autoclass" if inspect.isclass(value) else "autofunction" if callable(value) else "py:data"
    options = members(value) if kind == "autoclass" else []
    options += ["   :no-index:"] if stands_elsewhere else []
    return [f".. {kind}:: {package}.{name}", *options, "", *([f"   {VALUES[name]}", ""] if kind == "py:data" else [])]


def members(value):
    """Return the option that says which members of a class are documented."""
    if issubclass(value, Run):
        names = MEMBERS_OF_RUN
    elif issubclass(value, tuple) and "Parameters\n" in value.__doc__:  # its fields are described there
        names = [name for name, member in vars(value).items() if inspect.isfunction(member)]
    else:
        return ["   :members:"]
    names = [name for name in names if not name.startswith("_")]
    return [f"   :members: {', '.join(names)}"] if names else []


@functools.cache
def known_names():
    """Return under which name each public value stands in the index of the reference, by the id of the value."""
    modules = [f"pfc_metarl.{wing}".rstrip(".") for wing in WINGS]
    modules += [f"pfc_metarl.{wing}.{name}" for wing, names in MODULES.items() for name in names]
    found = {}
    for module in modules:
        for name, value in public(importlib.import_module(module)):
            found.setdefault(id(value), f"{module}.{name}")
    return found


def stands_in(package, name, value):
    """Return whether a package has this value under this name: another one may have the same name, as `load` has."""
    return getattr(importlib.import_module(package), name, None) is value


def commands_page():
    rows = "\n".join(f"| `python -m pfc_metarl.{name}` | {about} |" for name, about in COMMANDS.items())
    text = "Each has `--help`, and is a script too: `pfc-metarl-simulate` etc. Exit codes are in [Runs](../../runs.md)."
    helps = "\n".join(f"## {name}\n\n```text\n{help_of(name)}```\n" for name in COMMANDS)
    return f"# Commands\n\n{text}\n\n| command | what it does |\n|---|---|\n{rows}\n\n{helps}"


def help_of(command):
    """Return what a command shows with --help."""
    shown = io.StringIO()
    wide = mock.patch.dict(os.environ, COLUMNS="80")
    with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit), wide:
        importlib.import_module(f"pfc_metarl.{command}").main(["--help"])
    return shown.getvalue()
