"""Simulation 5 of Wang et al. 2018 in full: 84 x 84 pixels and 256 units; meant for ``--device cuda``."""

import dataclasses

from pfc_metarl.encoder import Encoder
from pfc_metarl.experiments import harlow_pixels
from pfc_metarl.tasks import HarlowPixels

EXPERIMENT = dataclasses.replace(
    harlow_pixels.EXPERIMENT,
    claim="The same with the view and the network of Wang et al. 2018.",
    # View, pictures, the turn of an action: Wang et al. 2016, section 3.2.2 (6 of 84 pixels are 4.4° of 65°, the ring
    # is 360°). A cross held for 4 steps is 1 step here, since every action of theirs is repeated for 4.
    task=HarlowPixels(
        n_trials=6,
        max_steps=100,  # the horizon of a public replication
        n_positions=78,
        eccentricity=4,
        tolerance=1,
        interval_steps=3,  # 10 steps of which an action takes 4
        view=84,
        picture=34,
        pixels_per_position=6,
        set_size=1000,
    ),
    # 256 units: Wang et al. 2018, Methods. Two convolutions and a layer of 256, all at one pace: a public replication,
    # and Mnih et al. 2016.
    network=dataclasses.replace(
        harlow_pixels.EXPERIMENT.network,
        units=256,
        encoder=Encoder(filters=(16, 32, 256), kernels=(8, 4, 9), strides=(4, 2, 1)),
    ),
    # Costs of the value and the entropy: a public replication (and from memory, the paper); the rest: ours, the paper's
    # 32 asynchronous threads are 32 parallel episodes here.
    learner=dataclasses.replace(
        harlow_pixels.EXPERIMENT.learner,
        updates=5000,
        episodes=32,
        learning_rate=7e-4,
        discount=0.91,
        trace=1.0,
        value_cost=0.4,
        entropy_cost=0.001,
    ),
    variant=True,
)
