"""How benchmarks take the time."""

import time
from collections.abc import Callable

from pfc_metarl.learning.a2c import A2CTraining


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds of this process, since others may use the machine too."""
    start = time.process_time()
    work()
    return time.process_time() - start


def warmed(training: A2CTraining) -> A2CTraining:
    """Return a training after an update in which its task is translated, however short it is."""
    training.acting.is_to_be_translated = True
    training.update()
    return training
