"""The methods paragraph of a report: what was done, in sentences that a paper can take over."""

from collections.abc import Mapping
from typing import Any

from pfc_metarl.settings import counted

CORES = {
    "lstm": "long short-term memory (LSTM) units",
    "gru": "gated recurrent units (GRU)",
    "rnn": "recurrent units without gates",
    "feedforward": "units without recurrence",
}
SOURCES = (
    "The approach is that of Wang, Kurth-Nelson et al. (2018, doi:10.1038/s41593-018-0147-8) and of Wang et al. (2016, "
    "arXiv:1611.05763)."
)


def paragraph(manifest: Mapping[str, Any], summary: Mapping[str, Any] | None) -> str:
    """Return the methods of a run in sentences.

    Parameters
    ----------
    manifest : mapping
        Of the run.
    summary : mapping, optional
        Of the run, if it was measured: names the criteria.

    Returns
    -------
    str

    Examples
    --------
    >>> training = {"task": {"class": "pfc_metarl.tasks.two_step.TwoStep"}, "learner": {"class": "my.Rule"}}
    >>> settings = {"networks": 1, "task": {"n_trials": 9}, "network": {"units": 4}, "learner": {"updates": 2}}
    >>> run = {"training": training, "settings": {**settings, "probes": {}}, "seed": 0, "provenance": {}}
    >>> paragraph(run, None).split(". ")[0]
    '1 network (units 4) was trained on the task TwoStep (n_trials 9)'
    """
    settings, training = manifest["settings"], manifest["training"]
    n, task = settings["networks"], f"{class_name(training['task'])} ({listed(settings['task'])})"
    network = _network(settings["network"])
    sentences = [
        f"1 {network} was trained on the task {task}."
        if n == 1
        else f"{n} {network.replace('network', 'networks', 1)} were trained on the task {task}, each with its own "
        "initial weights and worlds.",
        _learning(class_name(training["learner"]), settings["learner"]),
        f"All random numbers follow from seed {manifest['seed']}.",
        _recording(settings["probes"]),
        _measures(summary),
        _software(manifest["provenance"]),
        SOURCES,
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def class_name(part: Any) -> str:
    """Return the name of the class of a task, network or learner, as the manifest describes it.

    Examples
    --------
    >>> class_name({"class": "pfc_metarl.tasks.two_step.TwoStep"}), class_name({"class": {"name": "mine.Bandit"}})
    ('TwoStep', 'Bandit')
    """
    home = part.get("class", "") if isinstance(part, Mapping) else part
    if isinstance(home, Mapping):
        home = next((value for value in home.values() if isinstance(value, str)), "")
    return str(home).rpartition(".")[2] or "unknown"


def listed(settings: Mapping[str, Any]) -> str:
    """Return settings in a line, those that are not set left out.

    Examples
    --------
    >>> listed({"n_trials": 100, "p_common": 0.8, "encoder": None, "folder": "", "snapshots": [1 / 7, 0.5]})
    'n_trials 100, p_common 0.8, snapshots [0.142857, 0.5]'
    >>> listed({"encoder": {"filters": [16, 8], "learned": True}})
    'encoder (filters [16, 8], learned yes)'
    """
    known = {name: value for name, value in settings.items() if value not in (None, "", [], {})}
    return ", ".join(f"{name} {_shown(value)}" for name, value in known.items())


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"({listed(value)})"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_shown(each) for each in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _network(network: Mapping[str, Any]) -> str:
    """Return what a network is made of."""
    if network.get("core") not in CORES:
        return f"network ({listed(network)})" if listed(network) else "network"
    layers = f" in each of {network['layers']} layers" if network.get("layers", 1) > 1 else ""
    critic = "a critic of its own" if network.get("critic") == "separate" else "a policy and a value read-out"
    inputs = network.get("inputs")
    seen = f"; inputs: {', '.join(name.replace('_', ' ') for name in inputs)}" if inputs else ""
    parts = [f"{network['units']} {CORES[network['core']]}{layers}", critic]
    parts += ["a learned initial state"] if network.get("learned_initial_state") else []
    parts += [f"convolutions before them {_shown(network['encoder'])}"] if network.get("encoder") else []
    parts += ["rewards as a one-hot code"] if network.get("reward_codes") else []
    return f"network ({', '.join(parts)}{seen})"


def _learning(name: str, learner: Mapping[str, Any]) -> str:
    if name != "A2C":
        return f"The weights were changed by the learner {name} ({listed(learner)})."
    first, last = learner["initial_learning_rate"], learner.get("final_learning_rate")
    rate = f"{first:g}" if last in (None, first) else f"{first:g}, changing linearly to {last:g}"
    begin, end = learner["initial_entropy_cost"], learner.get("final_entropy_cost")
    entropy = f"{begin:g}" if end in (None, begin) else f"{begin:g}, changing linearly to {end:g}"
    rule = f"{counted(learner['updates'], 'update')} of {counted(learner['episodes'], 'episode')} each"
    numbers = {name: f"{learner[name]:g}" for name in ("discount", "trace_decay", "value_cost")}
    return (
        f"The weights were changed by advantage actor-critic in {rule}: {learner['optimiser']} with a learning rate of "
        f"{rate}; {', '.join(f'{name} {value}' for name, value in numbers.items())}, entropy_cost {entropy}, "
        f"max_gradient_norm {_shown(learner['max_gradient_norm'])}."
    )


def _recording(probes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which recordings were made, with which weights."""
    found = []
    for name, probe in probes.items():
        changes = f" with {listed(probe['changes'])}" if probe.get("changes") else ""
        plastic = ", the weights going on learning" if probe.get("plastic") else ""
        found.append(f"{counted(probe['episodes'], 'episode')} of the condition {name}{changes}{plastic}")
    frozen = not any(probe.get("plastic") for probe in probes.values())
    begin = "Then the weights were frozen, and each network was" if frozen else "Then each network was"
    return f"{begin} recorded in {'; '.join(found)}." if found else ""


def _measures(summary: Mapping[str, Any] | None) -> str:
    rows = [row for row in (summary or {}).get("measures", ()) if row.get("criterion")]
    text = "A network is one observation; values are means over networks ± s.e.m."
    if not rows:
        return text
    return (
        f"{text} Means were tested against the criteria by one-sided t tests over networks (by two of them where a "
        "criterion has two ends), corrected after Holm for the number of criteria."
    )


def _software(provenance: Mapping[str, str]) -> str:
    names = {"pfc_metarl": "pfc_metarl", "python": "Python", "torch": "PyTorch", "numpy": "NumPy"}
    found = [f"{shown} {provenance[name]}" for name, shown in names.items() if name in provenance]
    return f"Software: {', '.join(found)}." if found else ""
