from pfc_metarl.mechanism.initial_weights import initial_weights
from pfc_metarl.networks.weights import digest
from pfc_metarl.runs.run import open_run


def test_they_are_those_of_the_untrained_recording(tiny_run):
    run = open_run(tiny_run)
    made = initial_weights(run, n_channels=3, n_actions=2)
    assert digest(made) == run.recording("test_untrained").attrs["weights_sha256"]
    assert digest(made) != digest(run.weights())
