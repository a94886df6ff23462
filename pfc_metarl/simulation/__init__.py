"""Running agents in tasks: random numbers, the loop, recordings, interventions."""
