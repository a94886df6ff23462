"""An agent meets a task: randomness, the one loop, recordings, interventions."""
