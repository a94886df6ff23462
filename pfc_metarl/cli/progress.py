"""The progress of a run: training, then recording, and the time left for both."""

import math
from typing import TYPE_CHECKING

from pfc_metarl.cli.display import Display
from pfc_metarl.execution.recordings import RecordingProgress
from pfc_metarl.execution.shard import Progress as TrainingProgress
from pfc_metarl.settings import counted

if TYPE_CHECKING:
    from pfc_metarl.experiments.base import Experiment


class ProgressBar:
    """What is being done, how much of training and recordings is complete, and the time left for both.

    Parameters
    ----------
    networks, updates : int
        Size of the cohort, and updates of each network.
    quiet : bool
        Whether nothing is shown.
    first : str
        Shown when the training begins.
    recordings : float
        Duration of all recordings, in updates of a network; see `updates_in_recordings`.
    workers : int
        Processes that record at the same time.
    """

    def __init__(
        self, networks: int, updates: int, quiet: bool, first: str = "", recordings: float = 1.0, workers: int = 1
    ) -> None:
        self.networks, self.updates, self.first = networks, updates, first
        self.recordings, self.workers = recordings, workers
        self.display = Display(quiet)
        self.latest: dict[tuple[int, ...], TrainingProgress] = {}
        self.recorded: dict[str, RecordingProgress] = {}

    def __enter__(self) -> "ProgressBar":
        self.display.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.display.hide()

    def report(self, latest: TrainingProgress | RecordingProgress) -> None:
        """Show the progress of the training of some of the networks, or of a recording."""
        if isinstance(latest, RecordingProgress):
            self._show_recordings(latest)
        else:
            self._show_training(latest)

    def _show_recordings(self, latest: RecordingProgress) -> None:
        self.recorded[latest.name] = latest
        complete = sum(each.episodes / each.n_episodes for each in self.recorded.values())
        begun_later = latest.number - self.workers  # a recording begins when one of those before it is complete
        fraction = max(complete, begun_later) / latest.n_recordings
        training = self.networks * self.updates if self.latest else 0
        text = f"recording {latest.name}, {latest.number} of {latest.n_recordings}"
        if complete >= latest.n_recordings:
            text = "measuring"
        self.display.show(text, training + fraction * self.recordings, training + self.recordings)

    def _show_training(self, latest: TrainingProgress) -> None:
        if self.first and not self.latest:
            self.display.say(self.first)
        if latest.resumed and not self.latest:
            self.display.say(f"resuming at update {latest.updates} of {self.updates}")
        self.latest[latest.networks] = latest
        reports = self.latest.values()
        done = sum(len(report.networks) * report.updates for report in reports)
        reward = sum(len(report.networks) * report.reward_per_trial for report in reports)
        mean = reward / sum(len(report.networks) for report in reports)
        detail = f"{mean:.3f} reward/trial" if math.isfinite(mean) else ""
        text = f"training {counted(self.networks, 'network')}"
        self.display.show(text, done, self.networks * self.updates + self.recordings, detail)


def updates_in_recordings(experiment: "Experiment") -> float:
    """Return how many updates of a network take as long as all recordings: a step of either takes as long, about.

    Examples
    --------
    >>> from pfc_metarl import A2C, Experiment, Probe
    >>> from pfc_metarl.tasks import Bandit
    >>> parts = {"learner": A2C(episodes=10), "networks": 2, "probes": {"test": Probe(episodes=50, untrained=True)}}
    >>> updates_in_recordings(Experiment(claim="", task=Bandit(n_trials=100), **parts))  # 2 * 2 * 50 / 10
    20.0
    """
    steps = 0
    for name, probe in experiment.probes.items():
        agents = 1 + probe.untrained + len(experiment.learner.snapshots) * probe.snapshots + len(probe.reference_agents)
        steps += experiment.networks * agents * probe.episodes * probe.task(experiment.task, name).n_steps
    return steps / (experiment.learner.episodes * max(experiment.task.n_steps, 1))
