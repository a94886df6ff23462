import numpy as np
import xarray as xr

from analyses import figW6_controls as figure


def test_every_control_has_its_dots_and_its_name(ax):
    panel = figure.PANELS["b"]
    who = ["whole", "untrained", *panel.controls]
    values = xr.DataArray(np.arange(2.0 * len(who)).reshape(len(who), 2), {"who": who}, ("who", "subject"))
    figure.draw_panel(values, panel, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == [figure.NAMES[name] for name in who]
    assert ax.lines[0].get_ydata().tolist() == [0, 1]
    assert ax.lines[1].get_ydata().tolist() == [0.5, 0.5]


def test_a_run_is_named_for_each_condition():
    assert len(figure.RUN) == sum(1 + len(panel.controls) for panel in figure.PANELS.values())
    assert "runs/two_step_no_action" in figure.RUN
