"""Learning settings of Wang et al. 2018, common to the variants whose names end in ``_wang2018``."""

from pfc_metarl.learning.a2c import A2C

WANG2018 = A2C(
    episodes=1,  # one episode an update, single-threaded: Wang et al. 2018, Methods
    optimiser="rmsprop",  # "Shared RMSProp" in the paper; its epsilon 0.1 and decay 0.99 are from memory
    rmsprop_decay=0.99,
    epsilon=0.1,
    initial_learning_rate=7e-4,  # this and the next three: Wang et al. 2018, Methods, defaults
    discount=0.9,
    value_cost=0.05,
    initial_entropy_cost=0.05,
    max_gradient_norm=999.0,  # the paper mentions none; a public replication of Simulation 4 has this
)
"""Wang et al. 2018, doi:10.1038/s41593-018-0147-8. An experiment replaces what differs in it."""
