import pytest

from pfc_metarl.cli.sweep_options import job_options, part_of, sweep_parser, values_of, wanted_by
from pfc_metarl.settings import BadInput


def wanted(*words):
    return wanted_by(sweep_parser().parse_args(words))


def test_a_command_line_is_read():
    found = wanted("two_step", "--grid", "learner.discount=0.7,.8", "--latin", "task.p_common=0.5:1.0", "--draws", "3")
    assert found.experiments == ["two_step"]
    assert found.designs["grid"] == {"learner.discount": [0.7, 0.8]}
    assert found.designs["latin"] == {"task.p_common": "0.5:1.0"}
    assert found.numbers == {"draws": 3}


def test_a_file_is_read_and_the_command_line_wins(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(
        'experiments = ["two_step"]\nnetworks = 4\nkeep = "all"\n'
        "[set]\nprobes.test.episodes = 5\ntask.n_trials = 7\n"
        '[grid]\n"learner.discount" = [0.5]\nnetwork.units = [16, 48]\n[latin]\ntask.p_common = "0.5:1.0"\n'
    )
    found = wanted("--config", str(path), "--networks", "8", "--set", "task.n_trials=9", "--grid", "network.units=4")
    assert found.experiments == ["two_step"]
    assert found.numbers == {"networks": 8, "keep": "all"}
    assert found.changes == {"probes": {"test": {"episodes": 5}}, "task": {"n_trials": 9}}
    assert found.designs["grid"] == {"learner.discount": [0.5], "network.units": [4]}
    assert found.designs["latin"] == {"task.p_common": "0.5:1.0"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[gird]\na = [1]", "there is no field 'gird'; known here: .*did you mean 'grid'"),
        ('networks = "many"', "networks must be a whole number"),
        ("experiments = 3", "experiments must be a list"),
        ("grid = 3", "grid must be a table"),
        ("seed = true", "seed must be a whole number"),
        ("grid = ", "not valid TOML"),
    ],
)
def test_what_is_no_sweep_in_a_file_is_refused(tmp_path, content, said):
    path = tmp_path / "sweep.toml"
    path.write_text(content)
    with pytest.raises(BadInput, match=said):
        wanted("--config", str(path))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--grid", "learner.discount"), "--grid learner.discount: expected a name and its values"),
        (("--latin", "learner.discount="), "expected a name and its values, as in learner.discount=0.3:0.9"),
        (("--grid", "learner.discount=0.2,"), "expected a name and its values"),
        (("--grid", "a.b=1", "--grid", "a.b=2"), "a.b is given twice"),
        (("--config", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_is_no_design_on_the_command_line_is_refused(words, said):
    with pytest.raises(BadInput, match=said):
        wanted("two_step", *words)


def test_values_may_be_lists_and_texts():
    assert values_of("[0.1],[0.2, 0.3]") == [[0.1], [0.2, 0.3]]
    assert values_of("lstm,gru") == ["lstm", "gru"]
    assert values_of("true,false") == [True, False]


def test_options_of_a_job():
    assert job_options(["cores=2", "queue=short", 'job_extra_directives=["-A x"]']) == {
        "cores": 2,
        "queue": "short",
        "job_extra_directives": ["-A x"],
    }
    assert job_options(["walltime=00:30:00"]) == {"walltime": "00:30:00"}
    with pytest.raises(BadInput, match="--job queue: expected NAME=VALUE"):
        job_options(["queue"])


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "-1/3", "1/0", ""])
def test_a_part_is_one_of_the_parts(text):
    with pytest.raises(BadInput, match="expected K/N"):
        part_of(text)
