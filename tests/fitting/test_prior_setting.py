import numpy as np
import pytest

from pfc_metarl.fitting.laplace import Prior
from pfc_metarl.fitting.prior_setting import first_starts, setting_of
from pfc_metarl.models import Hybrid
from pfc_metarl.settings import BadInput
from tests.handmade import random_trials

TABLE = random_trials(np.random.default_rng(0), 2, 1, 20).assign(state2=0)


def setting(free, prior=None):
    return setting_of(Hybrid(learning_rate=0.8, inverse_temperature=2.0), TABLE, free, prior, "choice1", (0.0, 1.0))


def test_the_prior_is_around_the_model_on_the_scale_of_each_parameter():
    found = setting(["learning_rate", "inverse_temperature", "perseveration"])
    np.testing.assert_allclose(found.prior.mean, [np.log(4), np.log(2), 0.0])
    np.testing.assert_allclose(found.prior.sd, [1.5, 1.0, 2.0])
    given = setting(["inverse_temperature"], {"inverse_temperature": (1.0, 0.3)})
    assert (given.prior.mean.tolist(), given.prior.sd.tolist()) == ([1.0], [0.3])


@pytest.mark.parametrize(
    ("free", "prior", "sentence"),
    [
        (["rate"], None, "Hybrid has no such parameter"),
        (["trace"], {"learning_rate": (0.0, 1.0)}, "this parameter is not free; those are trace"),
        (["trace"], {"trace": (0.0, 0.0)}, "give a mean and a standard deviation above 0"),
    ],
)
def test_wrong_names_and_priors_are_refused(free, prior, sentence):
    with pytest.raises(BadInput, match=sentence):
        setting(free, prior)


def test_searches_begin_at_the_prior_s_mean_and_around_it():
    found = first_starts(Prior(np.array([1.0, -1.0]), np.array([0.1, 10.0])), 3, 200)
    assert found.shape == (200, 3, 2)
    np.testing.assert_array_equal(found[0], [[1.0, -1.0]] * 3)
    np.testing.assert_allclose(found[1:, 0].std(0), [0.1, 10.0], rtol=0.2)
