import errno
import fcntl
import os

import numpy as np
import pytest
import xarray as xr

from pfc_metarl.data.combining import joined
from pfc_metarl.data.dataset import (
    REQUIRED,
    SCHEMA,
    STEP_DIMS,
    attributes,
    in_phase,
    load,
    numbers_by_network,
    open_recording,
    phase_names,
    save,
    validate,
    variable,
)
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.settings import BadInput
from tests.handmade import recording


@pytest.fixture
def good():
    return recording(["cue", "go"], trial=[[0, 0, 1]], phase=[[0, 1, 0]], value=[[0.1, 0.2, 0.3]])


def test_schema_holds_what_every_recording_needs():
    assert set(REQUIRED) <= set(SCHEMA)
    assert STEP_DIMS == ("network", "episode", "step")
    assert all(row.meaning and np.dtype(row.dtype) for row in SCHEMA.values())
    assert not {dim for row in SCHEMA.values() for dim in row.extra_dims} & set(SCHEMA)


@pytest.mark.parametrize("name", SCHEMA)
def test_variable_is_typed_and_named_by_the_schema(name):
    row = SCHEMA[name]
    made = variable(name, np.ones((1, 2, 3) + (4,) * len(row.extra_dims)), ("ignored",))
    assert made.dims == (*STEP_DIMS, *row.extra_dims)
    assert made.dtype == row.dtype
    assert made.attrs == {"long_name": row.meaning, "units": row.units}


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([True, False], "int8"),
        ([0, 127], "int8"),
        ([-128, 0], "int8"),
        ([0, 128], "int32"),
        ([-129, 0], "int32"),
        ([0.5, 1.5], "float32"),
    ],
)
def test_other_variables_are_small_and_keep_their_values(values, dtype):
    made = variable("good_arm", np.array(values)[:, None, None, None], ("arm",))
    assert made.dims == (*STEP_DIMS, "arm")
    assert made.dtype == dtype
    np.testing.assert_array_equal(made.values.ravel(), values)


def test_validate_returns_a_good_recording(good):
    assert validate(good) is good


@pytest.mark.parametrize("name", REQUIRED)
def test_validate_names_what_is_missing(good, name):
    with pytest.raises(BadInput, match=f"no variable '{name}'"):
        validate(good.drop_vars(name))


@pytest.mark.parametrize(
    ("name", "dims"),
    [("reward", ("episode", "network", "step")), ("policy", STEP_DIMS), ("good_arm", ("episode", "step", "network"))],
)
def test_validate_names_what_is_misshapen(good, name, dims):
    with pytest.raises(BadInput, match=f"'{name}' of the recording has dims .* expected"):
        validate(
            good.assign(
                {name: (dims, np.zeros([1, 1, 3] if name == "policy" else good["trial"].transpose(*dims).shape))}
            )
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_validate_names_what_is_not_finite(good, bad):
    good["value"][0, 0, 1] = bad
    with pytest.raises(BadInput, match="'value' of the recording holds values that are not finite"):
        validate(good)


def test_validate_asks_for_names_of_phases(good):
    del good["phase"].attrs["flag_meanings"]
    with pytest.raises(BadInput, match="flag_meanings"):
        validate(good)


def test_in_phase_goes_by_name(good):
    assert phase_names(good) == ["cue", "go"]
    assert in_phase(good, "go").values.tolist() == [[[False, True, False]]]
    assert in_phase(good, "cue").values.tolist() == [[[True, False, True]]]
    with pytest.raises(BadInput, match="phase = 'end': the recording has no such phase; it has cue, go"):
        in_phase(good, "end")


def test_one_phase_survives_the_file(tmp_path):
    one = recording(["only"], trial=[[0, 1]], phase=[[0, 0]])
    with open_recording(save(one, tmp_path / "one.nc")) as opened:
        assert phase_names(opened) == ["only"]


def test_save_and_load_give_back_the_same(good, tmp_path):
    good = good.assign_coords(network=[4]).assign_attrs(attributes(seed=3, ratio=0.5, who="rat", names=["a", "b"]))
    with open_recording(save(good, tmp_path / "a" / "good.nc")) as opened:
        xr.testing.assert_identical(opened.load(), good)
        assert {name: array.dtype for name, array in opened.items()} == {n: a.dtype for n, a in good.items()}


def test_two_files_of_the_same_recording_are_the_same_bytes(good, tmp_path):
    one, other = (save(good, tmp_path / name).read_bytes() for name in ("one.nc", "other.nc"))
    assert one == other


@pytest.mark.parametrize(
    ("fraction", "message"),
    [(0, "cannot be read as netCDF"), (0.001, "cannot be read as netCDF"), (0.5, "truncated"), (0.999, "truncated")],
)
def test_an_incomplete_file_is_reported_in_a_sentence(good, tmp_path, fraction, message):
    path = save(good, tmp_path / "good.nc")
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(BadInput, match=rf"good\.nc .*{message}") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_good_file_is_read_while_it_is_locked(good, tmp_path):
    """As on file systems that answer every lock with a refusal."""
    path = save(good, tmp_path / "good.nc")
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert load(path).equals(good)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE])
def test_a_file_that_the_system_does_not_give_is_not_called_truncated(good, tmp_path, monkeypatch, number):
    path = save(good, tmp_path / "good.nc")

    def refuse(*_, **__):
        raise OSError(number, "Unable to synchronously open file")

    monkeypatch.setattr(xr, "open_dataset", refuse)
    with pytest.raises(BadInput, match=rf"good\.nc cannot be read now: {os.strerror(number)}; .* may be good"):
        load(path)


def test_a_file_that_breaks_the_schema_is_named(good, tmp_path):
    path = save(good.drop_vars("reward"), tmp_path / "bad.nc")
    with pytest.raises(BadInput, match=r"bad\.nc: The recording has no variable 'reward'"):
        open_recording(path)


@pytest.mark.parametrize("value", [True, None, {"a": 1}, [1, 2], ["a", 1]])
def test_attributes_are_what_netcdf_can_hold(value):
    with pytest.raises(TypeError, match="attribute fact = "):
        attributes(fact=value)


def test_recordings_are_joined_episode_after_episode(good):
    other = good.assign(reward=good["reward"] + 1, hint=good["reward"])
    made = joined(good, other)
    assert made.sizes["episode"] == 2
    assert made["episode"].values.tolist() == [0, 1]
    np.testing.assert_array_equal(made["reward"].isel(episode=1), made["reward"].isel(episode=0) + 1)
    assert "hint" not in made
    assert phase_names(made) == ["cue", "go"]
    assert made["value"].dims == STEP_DIMS
    validate(made)


def test_attributes_that_differ_are_left_out_of_what_is_joined(good):
    made = joined(good.assign_attrs(probe="a", seed=1), good.assign_attrs(probe="b", seed=1))
    assert "probe" not in made.attrs
    assert made.attrs["seed"] == 1


def test_recordings_of_other_networks_or_lengths_are_not_joined(good):
    with pytest.raises(BadInput, match="other networks"):
        joined(good, good.assign_coords(network=[5]))
    with pytest.raises(BadInput, match="has no variable"):
        joined(good, good.drop_vars("action"))
    with pytest.raises(BadInput, match="same length"):
        joined(good, good.isel(step=slice(2)))


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A file with a variable that is too large to be read at once."""
    shape = (3, 4, 10)
    trial = np.broadcast_to(np.repeat(np.arange(5), 2), shape)
    hidden = np.random.default_rng(0).normal(size=(*shape, 6))
    made = recording(["cue", "go"], trial=trial, phase=np.broadcast_to(np.tile([0, 1], 5), shape), hidden=hidden)
    monkeypatch.setattr("pfc_metarl.data.dataset.AT_ONCE", made["hidden"].nbytes - 1)
    return made, save(made, tmp_path / "large.nc")


def test_a_large_file_is_checked_and_read_network_by_network(large, monkeypatch):
    made, path = large
    sizes = []
    whole = xr.DataArray.values.fget
    monkeypatch.setattr(xr.DataArray, "values", property(lambda array: sizes.append(array.size) or whole(array)))
    opened = open_recording(path)
    view = trial_view(opened, "hidden", "go")
    monkeypatch.undo()
    assert max(sizes) == made["hidden"].size // 3
    np.testing.assert_array_equal(view, trial_view(made, "hidden", "go"))
    np.testing.assert_array_equal(view, made["hidden"].values[:, :, 1::2])
    assert not opened["hidden"].variable._in_memory
    assert [part.shape[0] for part in numbers_by_network(opened, "reward")] == [3]


def test_a_large_file_with_a_hole_is_refused(large, tmp_path):
    made, _ = large
    made["hidden"][2, 3, 9, 5] = np.nan
    with pytest.raises(BadInput, match="'hidden' of the recording holds values that are not finite"):
        open_recording(save(made, tmp_path / "hole.nc"))


def test_a_trial_that_never_came_to_a_phase_is_nan_in_its_network_alone(large):
    made, _ = large
    phase = made["phase"].values.copy()
    phase[1, 0, 1] = 0  # trial 0 of this episode never goes
    made["phase"].values[...] = phase
    view = trial_view(made, "hidden", "go")
    assert view.isnull().sum() == made.sizes["unit"]
    assert view[1, 0, 0].isnull().all()
    np.testing.assert_array_equal(view[2], made["hidden"].values[2, :, 1::2])
