"""Tables exported into a run directory, and checks that they belong to its recordings."""

import json
from pathlib import Path

from pfc_metarl.runs.run import Run

TABLES = "*.csv"


def exports(folder: Path) -> list[Path]:
    """Return the exported tables in a folder: those with a file that states their origin."""
    return [path for path in sorted(folder.glob(TABLES)) if origin_path(path).is_file()]


def origin_path(path: Path) -> Path:
    """Return the path of the file that states the origin of an exported table."""
    return path.with_name(f"{path.name}.json")


def outdated_exports(run: Run) -> dict[str, str]:
    """Return what is wrong with exported tables in the folder of a run, by file."""
    return {path.name: problem for path in exports(run.folder) if (problem := _problem(run, path)) is not None}


def _problem(run: Run, path: Path) -> str | None:
    try:
        origin = json.loads(origin_path(path).read_text(encoding="utf-8"))
        probe, digest = origin["probe"], origin["sha256_of_recording"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return "the file with its origin cannot be read; export it again"
    entry = run.manifest["files"].get(f"{probe}.nc", {})
    return None if entry.get("sha256") == digest else f"it was made from another version of {probe}.nc; export it again"
