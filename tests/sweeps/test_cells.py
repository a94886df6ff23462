import dataclasses
import json
import threading

import pytest

from pfc_metarl import simulate
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.cells import cell_name, run_of, summary_of
from pfc_metarl.sweeps.serial import in_this_process
from pfc_metarl.verify import main as verify
from tests.sweeps.conftest import tiny

FILES = ("weights.safetensors", "history.nc", "summary.json", "test.nc")


def made(sweep, **options):
    """A sweep of which all cells were made in this process."""
    built = sweep(**options)
    assert not [each.error for each in in_this_process(built, built.cells(), threading.Event()) if each.error]
    return built


@pytest.mark.parametrize("shards", [1, 2])
def test_a_cell_has_the_bytes_of_a_single_run(sweep, tmp_path, shards):
    built = made(sweep, keep="all", shards=shards)
    cell = list(built.cells())[2]
    experiment = dataclasses.replace(
        tiny(),
        learner=dataclasses.replace(tiny().learner, discount=cell.settings["learner.discount"]),
        network=dataclasses.replace(tiny().network, units=cell.settings["network.units"]),
    )
    single = simulate(experiment, out=tmp_path / "single", workers=shards, progress=False)
    for name in FILES:
        assert (built.path(cell) / name).read_bytes() == (single.folder / name).read_bytes(), name
    assert verify([str(built.path(cell))]) == 0


@pytest.mark.parametrize(
    ("keep", "files"),
    [
        ("measures", {"summary.json", "history.nc"}),
        ("weights", {"summary.json", "history.nc", "weights.safetensors", "state_0_1_to_2.safetensors"}),
    ],
)
def test_a_cell_keeps_what_was_asked_for(sweep, keep, files):
    built = made(sweep, keep=keep)
    for cell in built.cells():
        run = run_of(built, cell)
        assert set(run.manifest["files"]) == files
        assert {path.name for path in built.path(cell).iterdir() if not path.name.startswith(".")} - files == {
            "run.json"
        }
        assert summary_of(built, cell)["measures"][0]["n"] == 2


def test_a_cell_that_kept_less_is_made_again_with_the_same_bytes(sweep):
    first = made(sweep, keep="measures")
    cell = next(first.cells())
    before = (first.path(cell) / "summary.json").read_bytes()
    more = sweep(keep="weights")
    assert summary_of(more, cell) is None
    made(sweep, keep="weights")
    assert summary_of(more, cell) is not None
    assert summary_of(sweep(keep="measures"), cell) is not None
    assert (first.path(cell) / "summary.json").read_bytes() == before


def test_a_cell_with_other_settings_or_a_damaged_summary_is_not_complete(sweep):
    built = made(sweep)
    cell = next(built.cells())
    assert summary_of(sweep(changes={"probes": {"test": {"episodes": 3}}}), cell) is None
    assert summary_of(sweep(seed=1), cell) is None
    (built.path(cell) / "summary.json").write_text("{}")
    assert summary_of(built, cell) is None


def test_the_command_of_a_cell_is_that_of_a_single_run(sweep):
    built = sweep(experiments="two_step", designs={"grid": {"learner.discount": [0.7]}}, changes={"networks": 2})
    from pfc_metarl.sweeps.cells import order_of

    words = order_of(built.source(next(built.cells())), built.terms).arguments
    assert words == [
        "two_step",
        "--set",
        "networks=2",
        "--set",
        "learner.discount=0.7",
        "--seed",
        "0",
        "--workers",
        "1",
    ]


def test_a_name_that_can_be_no_folder_becomes_a_hash():
    assert cell_name({"only": ("a", "b/c")}) == cell_name({"only": ("a", "b/c")})
    assert len(cell_name({"only": ("a", "b/c")})) == 16
    assert len(cell_name({f"setting_{number}": 0.1 for number in range(50)})) == 16
    assert cell_name({"p": "a/b"}) != cell_name({"p": "a/c"})


def test_two_cells_with_the_same_settings_are_refused(sweep):
    with pytest.raises(BadInput, match="two cells have the same settings"):
        sweep({"zip": {"learner.discount": [0.5, 0.5], "network.units": [4, 4]}})


def test_settings_are_those_that_json_gives_back(sweep):
    built = made(sweep)
    cell = next(built.cells())
    settings = json.loads((built.path(cell) / "run.json").read_text())["settings"]
    assert settings["learner"]["discount"] == 0.5
