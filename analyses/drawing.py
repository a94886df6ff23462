"""A figure, from its runs or its tables to its files; several figures in processes of their own."""

import argparse
import importlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat
from pathlib import Path
from types import ModuleType
from typing import Any

from analyses import derived, style
from analyses.folders import FIGURES, MEASURED, folders_given, runs_of
from analyses.sweep_folder import SweepFolder, is_sweep
from pfc_metarl.runs.run import Run, open_run
from pfc_metarl.settings import BadInput, Failure


def drawn(name: str, options: argparse.Namespace) -> list[Path]:
    """Draw a figure; return the files.

    Parameters
    ----------
    name : str
    options : Namespace
        ``run``, ``redraw``, ``tables``, ``out``, ``follow_links``: see `analyses.__main__`.

    Raises
    ------
    BadInput
        If there is neither a run nor a table, or they do not fit.
    """
    module = importlib.import_module(f"analyses.{name}")
    path = options.tables / f"{name}.nc"
    runs = [] if options.redraw else _runs(name, module, options.run, path)
    in_run = _of_run(options) if options.out is None else None
    out = in_run or options.out
    measured = (out or MEASURED) / f"{name}.nc"
    tables, origin = _measured(module, runs, measured, options.follow_links) if runs else derived.load(path)
    legend = (module.__doc__ or "").strip() if in_run else ""
    return style.save(module.draw(tables), out or FIGURES, name, origin, legend)


def all_drawn(names: Sequence[str], options: argparse.Namespace) -> Iterator[list[Path]]:
    """Draw figures, several at a time; yield the files of each.

    Raises
    ------
    Failure
        If a process was killed.
    """
    n = min(len(names), os.cpu_count() or 1)
    if n == 1:
        yield from map(drawn, names, repeat(options))
        return
    pool = ProcessPoolExecutor(n, multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(drawn, names, repeat(options))
    except BrokenProcessPool:
        raise Failure("a process that draws figures was killed (is memory short?); repeat the command.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _of_run(options: argparse.Namespace) -> Path | None:
    """Return the folder for figures of a given run: the tables that come with the project are not replaced by it."""
    return Path(options.run[0]) / "figures" if options.run and not options.redraw else None


def _measured(module: ModuleType, runs: Sequence[str], path: Path, follow_links: bool) -> tuple[derived.Tables, Any]:
    opened = [_opened(Path(run), follow_links) for run in runs]
    origins = {_name(source): source.origin() for source in opened}
    try:
        tables = module.tables(*opened)
    except BadInput as error:
        made = ", ".join(f"{run} (of {name})" for run, name in zip(runs, map(_name, opened), strict=True))
        raise BadInput(f"{path.stem} cannot be drawn from {made}: {error}") from None
    derived.save(tables, origins, path)
    return derived.load(path)


def _opened(folder: Path, follow_links: bool) -> Run | SweepFolder:
    """Open what a figure is drawn from: a run, or a sweep."""
    return SweepFolder(folder) if is_sweep(folder) else open_run(folder, follow_links)


def _name(source: Run | SweepFolder) -> str:
    return source.name if isinstance(source, SweepFolder) else str(source.manifest["experiment"])


def _runs(name: str, module: ModuleType, given: list[str] | None, path: Path) -> list[str]:
    """Return the run directories of a figure: those given, or its own; none if only its tables are there."""
    own = runs_of(module)
    folders = folders_given(name, own, given)
    if given is None and path.exists() and not all(Path(run).is_dir() for run in own):
        return []
    return folders
