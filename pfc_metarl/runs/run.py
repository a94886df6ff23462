"""A run directory: the results of a simulation.

    run.json              settings, seed, versions, what is complete, and the hash of every file
    weights.safetensors   weights of the cohort
    snapshots.safetensors its weights during training, if the learner names snapshots
    state_0_3_to_500.safetensors   state of the training of networks 0 to 3 after 500 updates, to continue from
    history.nc            reward, losses and gradient norm of every update
    <probe>.nc            one recording per probe; <probe>_<agent>.nc for each reference agent, <probe>_untrained.nc
                          and <probe>_snapshot_1.nc etc. for the same networks before and during training
    summary.json          the headline measures
    report.html           all of this on one page, see `pfc_metarl.report`; not listed in the manifest
    nulls.json            nulls of criteria, if ``report --nulls`` measured them; not listed either
    causality.nc          behaviour with edited activity, if `pfc_metarl.causality` was run
    source/               a lab's own task file and the files in its folder that it imports
    checkpoints/          while networks are in training

A file is valid only if the manifest lists it with its hash. Other files were left by an interruption and are made
again.
"""

import json
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr
from safetensors import SafetensorError

from pfc_metarl import networks
from pfc_metarl.arguments import flag, path_of
from pfc_metarl.data import dataset
from pfc_metarl.data.files import replacing, write_json
from pfc_metarl.data.streaming import save_parts
from pfc_metarl.runs import manifest as manifests
from pfc_metarl.settings import BadInput, choice_of, counted, printable, shown

if TYPE_CHECKING:
    from pfc_metarl.networks.weights import Weights

WEIGHTS, SNAPSHOTS, HISTORY = "weights.safetensors", "snapshots.safetensors", "history.nc"
SUMMARY, REPORT, CHECKPOINTS = "summary.json", "report.html", "checkpoints"
STATE = "state_"
"""First part of the names of files with the state at the end of training."""
RESERVED = ("weights", "snapshots", "history", "summary", "run", "causality")
"""Files of a run that are not recordings."""

WRITERS = ("add", "conclude", "drop", "finish", "save_dataset", "save_recording", "save_weights", "update")
"""Methods of `Run` that only a simulation calls; ``dir`` does not show them."""


class Run:
    """A run directory and its manifest.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder, self.manifest = folder, dict(manifest)
        self.follow_links = False
        """Whether files may be symbolic links."""
        self.present: Mapping[str, str] = self.manifest["provenance"]
        """Versions, platform and code with which files are added."""

    def __repr__(self) -> str:
        training, name = self.manifest["training"], self.manifest["experiment"] or "an experiment made in Python"
        state = "complete" if self.complete else "trained" if self.trained else "not trained"
        updates = counted(training["learner"]["updates"], "update")
        cohort = f"{counted(training['networks'], 'network')}, {updates}"
        return f"<{type(self).__name__} {printable(str(self.folder))}: {name}, {cohort}, {state}>"

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in WRITERS]

    @property
    def complete(self) -> bool:
        """Whether everything that the experiment defined when it was last simulated is complete."""
        return bool(self.manifest["complete"])

    @property
    def trained(self) -> bool:
        """Whether all files of the training are complete."""
        learner = self.manifest["training"]["learner"]
        end = f"_to_{learner['updates']}.safetensors"
        states = [name for name in self.manifest["files"] if name.startswith(STATE) and name.endswith(end)]
        n_shards = min(self.manifest["shards"], self.manifest["training"]["networks"])
        files = [WEIGHTS, HISTORY] + [SNAPSHOTS] * bool(learner.get("snapshots"))
        return len(states) == n_shards and all(self.has(name) for name in files)

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / CHECKPOINTS

    def command(self) -> str:
        """Return the command that made the run; repeated, it continues, or makes damaged files again."""
        if not self.manifest["arguments"]:
            return printable(f"pfc_metarl.simulate(experiment, ..., out={str(self.folder)!r}) in Python")
        arguments = [self._present(word) for word in _without_out(self.manifest["arguments"])]
        words = ["python", "-m", "pfc_metarl.simulate", *arguments]
        return printable(shlex.join([*words, "--out", str(self.folder)]))

    def _present(self, word: str) -> str:
        """Return a word of the command; the path of a lab's file that is not there becomes that of the run's copy."""
        path, dot, variant = word.partition(".py")
        if word != self.manifest["experiment"] or not dot or Path(f"{path}.py").is_file():
            return word
        return str(self.folder / manifests.SOURCE / self.manifest["source"]) + variant

    def origin(self) -> dict[str, Any]:
        """Return the provenance that is stored with files made in or from this run."""
        return {
            **{name: self.manifest[name] for name in ("experiment", "seed", "settings")},
            "provenance": self.present if self.has_other_versions() else self.manifest["provenance"],
        }

    def has_other_versions(self) -> bool:
        """Whether files are added with other versions of Python or libraries than those the run was begun with."""
        return manifests.versions(self.present) != manifests.versions(self.manifest["provenance"])

    def damage(self) -> dict[str, str]:
        """Return what is wrong, by file."""
        found = {name: self._damage(name, file) for name, file in self.manifest["files"].items()}
        return {name: problem for name, problem in found.items() if problem is not None}

    def _damage(self, name: str, entry: Mapping[str, Any]) -> str | None:
        return manifests.damage(self.folder, name, entry, self.follow_links)

    def has(self, name: str, fingerprint: str | None = None) -> bool:
        """Return whether a file is complete and, if a fingerprint is given, has this fingerprint."""
        entry = self.manifest["files"].get(name)
        return entry is not None and fingerprint in (None, entry["fingerprint"])

    def add(self, path: Path, fingerprint: str = "") -> None:
        """Add a complete file to the manifest."""
        self.add_entry(path.relative_to(self.folder).as_posix(), manifests.entry(path, fingerprint))

    def add_entry(self, name: str, entry: Mapping[str, Any]) -> None:
        """Add a complete file to the manifest, by its entry: see `pfc_metarl.runs.manifest.entry`."""
        content = {"files": {**self.manifest["files"], name: entry}}
        remade = {each: versions for each, versions in self.manifest["remade"].items() if each != name}
        if self.has_other_versions():
            remade[name] = dict(self.present)
        self.update(**content, remade=remade)

    def drop(self, names: Iterable[str]) -> None:
        """Remove files from the manifest, and delete them."""
        dropped = [name for name in names if name in self.manifest["files"]]
        kept = {name: entry for name, entry in self.manifest["files"].items() if name not in dropped}
        self.update(files=kept, complete=False)
        for name in dropped:
            if self._damage(name, {}) != manifests.OUTSIDE:
                (self.folder / name).unlink(missing_ok=True)

    def update(self, **content: Any) -> None:
        """Change the manifest."""
        self.manifest |= content
        manifests.write_manifest(self.folder, self.manifest)

    def finish(self, summary: Mapping[str, Any], fingerprint: str = "") -> None:
        """Write the headline measures, and conclude the run."""
        write_json(self.folder / SUMMARY, summary)
        self.add(self.folder / SUMMARY, fingerprint)
        self.conclude()

    def conclude(self) -> None:
        """Mark the run as complete and remove the checkpoints."""
        if not self.complete:
            self.update(complete=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def summary(self) -> dict[str, Any]:
        """Return the headline measures, and which networks were stopped."""
        content: dict[str, Any] = json.loads(self.intact(SUMMARY).read_text(encoding="utf-8"))
        return content

    def save_dataset(self, name: str, made: xr.Dataset) -> None:
        """Write a dataset, such as the history, as <name>.nc."""
        self.add(dataset.save(made, self.folder / f"{name}.nc"))

    def write_recording(self, name: str, parts: Iterable[xr.Dataset], fingerprint: str = "") -> dict[str, Any]:
        """Write a recording as <name>.nc, part by part; return its entry, which is not yet in the manifest."""
        return manifests.entry(save_parts(parts, self.folder / f"{name}.nc"), fingerprint)

    def recordings(self) -> list[str]:
        """Return the names of the recordings that are complete."""
        names = [name.removesuffix(".nc") for name in self.manifest["files"] if name.endswith(".nc")]
        return [name for name in names if name not in RESERVED]

    def recording(self, name: str) -> xr.Dataset:
        """Open a recording by its name.

        Raises
        ------
        BadInput
            If there is none, or it is damaged.
        """
        if name not in self.recordings():
            there = choice_of(self.recordings(), str(name)) if self.recordings() else "none yet."
            raise BadInput(f"{self.folder}: it holds no recording {shown(name)}; its recordings are: {there}")
        return dataset.open_recording(self.intact(f"{name}.nc"), checked=True)

    def history(self) -> xr.Dataset:
        """Open the history: dims update and network."""
        return dataset.load(self.intact(HISTORY))

    def table(self, name: str) -> xr.Dataset:
        """Open further measures that were saved in the run, such as "causality"."""
        return dataset.load(self.intact(f"{name}.nc"))

    def save_weights(self, weights: "Weights", facts: Mapping[str, Any], name: str = WEIGHTS) -> None:
        """Write the weights of the cohort: those at the end, or as `SNAPSHOTS` those during training."""
        with replacing(self.folder / name) as temporary:
            temporary.write_bytes(networks.weights.encoded(weights, json.dumps(dict(facts))))
        self.add(self.folder / name)

    def weights(self, name: str = WEIGHTS) -> "Weights":
        """Read the weights of the cohort: those at the end, or as `SNAPSHOTS` those during training."""
        path = self.intact(name)
        try:
            return networks.weights.read(path)
        except (OSError, SafetensorError) as error:
            raise BadInput(f"{path} cannot be read ({error}); to make it again: {self.command()}") from None

    def intact(self, name: str) -> Path:
        """Return the path of a file.

        Raises
        ------
        BadInput
            If the run has no such file, or it is damaged.
        """
        files = self.manifest["files"]
        if name not in files:
            raise BadInput(f"{self.folder} holds no {name}; it holds {', '.join(files) or 'nothing complete yet'}.")
        if (problem := self._damage(name, files[name])) is not None:
            what = "is missing" if problem == manifests.MISSING else f"is damaged: {problem}"
            raise BadInput(f"{self.folder / name} {what}; to make it again: {self.command()}")
        return self.folder / name


def _without_out(arguments: Sequence[str]) -> list[str]:
    """Return a command line without its run directory, since the run may have been moved."""
    pairs = zip(arguments, ["", *arguments], strict=False)
    return [word for word, before in pairs if before != "--out" and word != "--out" and not word.startswith("--out=")]


def open_run(folder: str | Path, follow_links: bool = False) -> Run:
    """Open a run directory.

    Parameters
    ----------
    folder : str or Path
    follow_links : bool
        Whether its files may be symbolic links, as git-annex and DataLad make them.

    Raises
    ------
    BadInput
        If it is not a run directory, or its manifest is damaged.
    """
    place = path_of(folder, "run")
    manifest = manifests.read_manifest(place, flag(follow_links, "follow_links"))
    manifests.require_run(place, manifest)
    run = Run(place, manifest)
    run.follow_links = follow_links
    return run


def open_recording(path: str | Path, follow_links: bool = False) -> xr.Dataset:
    """Open a recording and check it against the schema.

    Parameters
    ----------
    path : str or Path
        A netCDF file. In a run directory its hash must be that in the manifest.
    follow_links : bool
        Whether the files of a run directory may be symbolic links, as git-annex and DataLad make them.

    Raises
    ------
    BadInput
        If there is no such file, it is not a recording, or it has changed since the run was made.

    Examples
    --------
    >>> open_recording("nowhere.nc")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: nowhere.nc: there is no such file.
    """
    file = path_of(path, "recording")
    if (file.parent / manifests.NAME).is_file():
        run = open_run(file.parent, follow_links)
        if run.has(file.name):
            return run.recording(file.stem)
    return dataset.open_recording(file)
