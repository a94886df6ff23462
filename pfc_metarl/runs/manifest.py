"""The manifest of a run: experiment and settings, what is complete, and the hash of every file.

``run.json`` is replaced atomically. Its canonical form includes a hash of itself, so that a single changed byte is
detected.
"""

import difflib
import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Annotated, Any

import pydantic
from pydantic import Field
from typing_extensions import TypedDict

import pfc_metarl
from pfc_metarl.arguments import argument
from pfc_metarl.data.files import replacing
from pfc_metarl.runs.code import package_hash
from pfc_metarl.runs.identity import settings_difference
from pfc_metarl.settings import BadInput, sentence, shortened

NAME = "run.json"
SOURCE = "source"
"""Folder of a run with the source of a lab's own task."""
FORMAT = 2
MAX_BYTES = 10_000_000
MAX_DEPTH = 20
MAX_SHARDS = 100_000
OUTSIDE, MISSING = "its name leads out of the folder", "it is missing"
OWN_HASH = "sha256_of_this_file_without_this_line"
PACKAGES = ("torch", "numpy", "scipy", "xarray", "statsmodels", "neurodsp", "pandas", "h5netcdf", "h5py")


class _File(TypedDict):
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]
    fingerprint: str


class _Run(TypedDict):
    __pydantic_config__ = pydantic.ConfigDict(strict=True)  # type: ignore[misc]
    experiment: str
    source: str
    seed: int
    device: str
    settings: dict[str, Any]
    changes: dict[str, Any]
    training: dict[str, Any]
    trained_on: list[Annotated[int, Field(ge=1)]]
    shards: Annotated[int, Field(ge=1, le=MAX_SHARDS)]
    arguments: list[str]
    provenance: dict[str, str]
    remade: dict[str, dict[str, str]]
    complete: bool
    stopped: dict[str, int]
    seconds: dict[str, float]
    files: dict[str, _File]


_RUN = pydantic.TypeAdapter(_Run)


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest of a run directory."""
    with replacing(folder / NAME) as temporary:
        temporary.write_bytes(_canonical({"format": FORMAT, **content}))


def read_manifest(folder: Path, follow_links: bool = False) -> dict[str, Any]:
    """Read the manifest of a run directory.

    Parameters
    ----------
    folder : Path
    follow_links : bool
        Whether the manifest may be a symbolic link.

    Raises
    ------
    BadInput
        If there is none, if a byte of it was changed, or if it was written in another format.
    """
    path = folder / NAME
    try:
        if path.is_symlink() and not follow_links:
            raise BadInput(f"{path} is a symbolic link; {argument('follow_links')} reads it.")
        if not path.is_file():
            raise BadInput(f"{folder}: this is not a run directory, {_no_run(folder)}")
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path}: with more than {MAX_BYTES} bytes this is no manifest of a run.")
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    content, whole = _parsed(raw)
    if content.get("format", FORMAT) != FORMAT:
        raise BadInput(
            f"{path} has format {content['format']!r}, this version reads {FORMAT}; run again with {argument('force')}."
        )
    if not whole:
        raise BadInput(
            f"{path} is damaged, so nothing in the folder can be trusted; run again with {argument('force')}."
        )
    return {name: value for name, value in content.items() if name != OWN_HASH}


def _no_run(folder: Path) -> str:
    """Return why a folder is no run, and which runs there are."""
    if folder.is_file():
        return "but a file; give the folder of the run."
    if folder.exists():
        inside = _runs_in(folder)
        runs = f"; runs in it: {shortened(', '.join(inside))}" if inside else ""
        return f"it has no file {NAME}{runs}."
    near = difflib.get_close_matches(folder.name, _runs_in(folder.parent), 1)
    return "there is no such folder" + (f"; did you mean {str(folder.parent / near[0])!r}?" if near else ".")


def _runs_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob(f"*/{NAME}"))


def _parsed(raw: bytes) -> tuple[dict[str, Any], bool]:
    """Return the content of a manifest, and whether it is unchanged to the byte."""
    try:
        if b"\n" + b"  " * MAX_DEPTH in raw:  # the canonical form is indented by two
            return {}, False
        content = json.loads(raw)
        return (content, _canonical(content) == raw) if isinstance(content, dict) else ({}, False)
    except (ValueError, RecursionError):
        return {}, False


def require_run(folder: Path, content: Mapping[str, Any]) -> None:
    """Check that a manifest has all required fields.

    Raises
    ------
    BadInput
        For the first field that is missing or of a wrong type.
    """
    try:
        _RUN.validate_python(content)
    except pydantic.ValidationError as error:
        raise BadInput(
            f"{folder / NAME} is no manifest of a run: {sentence(error)} Run again with {argument('force')}."
        ) from None
    if found := settings_difference(content["training"], content["settings"]):
        path, trained, given = found
        raise BadInput(
            f"{folder / NAME}: its settings have {path} = {given!r}, but the networks were trained with {trained!r}; "
            f"run again with {argument('force')}."
        )


def _canonical(content: Mapping[str, Any]) -> bytes:
    rest = {name: value for name, value in content.items() if name != OWN_HASH}
    digest = hashlib.sha256(json.dumps(rest).encode()).hexdigest()
    return (json.dumps({**rest, OWN_HASH: digest}, indent=2) + "\n").encode()


def entry(path: Path, fingerprint: str = "") -> dict[str, Any]:
    """Return the entry of a file: its SHA-256, its size, and the fingerprint of its inputs."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": digest, "bytes": _size(file), "fingerprint": fingerprint}


def _size(file: IO[bytes]) -> int:
    """Return the size of an open file: on NFS, that of a closed file may be an earlier one."""
    return os.fstat(file.fileno()).st_size


def damage(folder: Path, name: str, expected: Mapping[str, Any], follow_links: bool = False) -> str | None:
    """Return what is wrong with a file of a run, or None.

    A name that leaves the folder and a linked folder are never followed. A linked file is followed if `follow_links`,
    since git-annex and DataLad replace large files by links. What is read through a link has the hash in the manifest,
    too, and writing replaces the link, not the file to which it leads.
    """
    path = folder / name
    if not _lies_inside(name):
        return OUTSIDE
    try:
        if path.parent.resolve() != folder.resolve() / Path(name).parent:
            return "its folder is a link"
        if path.is_symlink() and not follow_links:
            return f"it is a link, not a file; {argument('follow_links')} reads it"
        if not path.is_file():
            return "it is a link to a file that is not there" if path.is_symlink() else MISSING
        return _difference(path, expected)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def _difference(path: Path, expected: Mapping[str, Any]) -> str | None:
    """Return how a file differs from its entry in the manifest, or None."""
    with path.open("rb") as file:
        size = _size(file)
    if size != expected.get("bytes"):
        return f"it has {size} bytes instead of {expected.get('bytes')}"
    return None if entry(path)["sha256"] == expected.get("sha256") else "its contents were changed"


def _lies_inside(name: str) -> bool:
    """Whether a name is that of a file in the run's folder, or in its folder with the source of a lab's task."""
    parts = name.split("/")
    plain = all(part not in {"", ".", ".."} and not set(part) & set("\0\\:") for part in parts)
    return plain and (len(parts) == 1 or parts[0] == SOURCE)


def provenance() -> dict[str, str]:
    """Return what a result depends on besides its settings: versions, machine, the package's code and git state."""
    found = {"pfc_metarl": pfc_metarl.__version__, "python": platform.python_version(), "platform": platform.platform()}
    found["processor"] = _processor()
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {**found, "code": package_hash(), "git": _git_state()}


VECTORS = "avx512f", "avx2", "sve", "asimd"
"""Instructions of processors, the widest first; libraries round differently with each."""


def _processor() -> str:
    """Return the processor's model and its widest instructions, as far as the system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # there is none but on Linux
        return platform.processor() or platform.machine()
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    words = told.get("flags", told.get("Features", "")).split()
    return ", ".join([told.get("model name", platform.machine()), *[name for name in VECTORS if name in words][:1]])


def _git_state() -> str:
    """Return commit and whether there are changes, if the package lies in a git checkout."""
    try:
        described = _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
        tracked = _git("ls-files", "--error-unmatch", "__init__.py")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    if "dubious ownership" in described.stderr:
        return "unknown: git refuses a checkout that belongs to someone else"
    return described.stdout.strip() if tracked.returncode == 0 and described.returncode == 0 else "not a checkout"


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    """Run git on the package, even if another user owns its checkout: its code is being executed in any case."""
    home = str(Path(pfc_metarl.__file__).parent)
    options = ("--no-optional-locks", "-c", "safe.directory=*", "-c", "core.fsmonitor=false")
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(
        ["git", *options, "-C", home, *words], capture_output=True, text=True, timeout=10, check=False, env=environment
    )


UNVERSIONED = ("git", "platform", "processor", "code")
"""Fields of the provenance besides versions."""


def versions(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of Python, libraries and package in a provenance."""
    return {name: version for name, version in provenance.items() if name not in UNVERSIONED}
