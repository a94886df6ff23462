"""How benchmarks take the time."""

import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds of this process, since others may use the machine too."""
    start = time.process_time()
    work()
    return time.process_time() - start
