from typing import ClassVar

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

from analyses import development_panels


class Recorded:
    """A run with two snapshots."""

    manifest: ClassVar = {"settings": {"learner": {"updates": 80, "snapshots": [0.125, 0.5]}}}


def test_recordings_are_measured_in_the_order_of_the_training():
    found = development_panels.over_training(Recorded(), lambda ending: xr.Dataset({"ending": ending}))
    assert found["update"].values.tolist() == [0, 10, 40, 80]
    assert found["ending"].values.tolist() == ["_untrained", "_snapshot_1", "_snapshot_2", ""]


def test_a_snapshot_of_a_short_training_is_not_before_its_first_update():
    class Short:
        manifest: ClassVar = {"settings": {"learner": {"updates": 20, "snapshots": [0.02]}}}

    assert development_panels.recorded_times(Short()) == {0: "_untrained", 1: "_snapshot_1", 20: ""}


@pytest.mark.parametrize("names", [[""], ["first", "second"]])
def test_courses_have_a_line_for_each_network_and_one_for_the_mean(names):
    values = xr.DataArray(np.arange(6.0).reshape(2, 3), {"update": [0, 5, 9]}, ("subject", "update"))
    _, ax = plt.subplots()
    development_panels.draw_courses(dict.fromkeys(names, (values, "black")), "reward", ax)
    means = [container.lines[0].get_ydata() for container in ax.containers]
    assert [list(mean) for mean in means] == [[1.5, 2.5, 3.5]] * len(names)
    assert len(ax.get_lines()) == 3 * len(names)  # two networks and their mean
    assert (ax.get_legend() is not None) == (len(names) > 1)
    plt.close("all")
