"""How benchmarks take the time."""

import time
from collections.abc import Callable

from pfc_metarl.learning.a2c import A2CTraining
from pfc_metarl.simulation import acting


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds of this process, since others may use the machine too."""
    start = time.process_time()
    work()
    return time.process_time() - start


def warmed(training: A2CTraining) -> A2CTraining:
    """Return a training after an update in which its task was translated."""
    training.acting.n_lived = acting.TRANSLATED_AFTER - 1
    training.update()
    return training
