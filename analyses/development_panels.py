"""What figures of the development of networks share: recordings at several times of the training, and their curves."""

from collections.abc import Callable, Mapping

import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from pfc_metarl.runs.run import Run


def recorded_times(run: Run) -> dict[int, str]:
    """Return when networks were recorded: number of updates -> ending of the names of these recordings.

    Parameters
    ----------
    run : Run
        With snapshots of the training.
    """
    learner = run.manifest["settings"]["learner"]
    during = [max(1, round(part * learner["updates"])) for part in learner["snapshots"]]
    named = {update: f"_snapshot_{number}" for number, update in enumerate(during, start=1)}
    return {0: "_untrained", **named, learner["updates"]: ""}


def over_training(run: Run, measure: Callable[[str], xr.Dataset]) -> xr.Dataset:
    """Measure networks before, during and after training, along a dimension update.

    Parameters
    ----------
    run : Run
    measure : callable
        Ending of the names of recordings -> what they show.
    """
    times = recorded_times(run)
    parts = [measure(ending) for ending in times.values()]
    return xr.concat(parts, xr.IndexVariable("update", list(times)), combine_attrs="drop")


def draw_courses(courses: Mapping[str, tuple[xr.DataArray, str]], label: str, ax: Axes) -> Axes:
    """Draw measures against the number of updates, thin for networks.

    Parameters
    ----------
    courses : mapping
        Name in the legend -> numbers, dims (subject, update), and colour.
    label : str
        Of the y axis.
    ax : Axes
    """
    for name, (values, color) in courses.items():
        ax.plot(values["update"], values.transpose("update", "subject"), color=color, linewidth=0.3, alpha=0.6)
        mean, sem, _ = style.mean_sem(values)
        ax.errorbar(mean["update"], mean, sem, color=color, marker=".", label=name)
    ax.set(xlabel="updates of the weights", ylabel=label)
    if len(courses) > 1:
        ax.legend(loc="best")
    return ax
