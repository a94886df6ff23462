"""Malicious manifests, with a correct hash of their own, are refused in a sentence.

Or, where they are merely wrong about files, lead to reported damage, and to nothing outside the folder.
"""

import contextlib
import hashlib
import io
import itertools
import json
import shutil

import pytest

from pfc_metarl import verify
from pfc_metarl.runs.manifest import OWN_HASH, read_manifest, write_manifest
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate_main
from tests.torture.harness import SMALL, Count, Hang, one_sentence, reference, rng, time_limit, where

JUNK = (None, True, -1, 0, 1e308, 10**30, "", "x\ny", "\x1b[2J", "\ud800", [], [[]], {}, {"": {}}, [None], {"a": 3})


def attack(cases, seed, folder, inside=False):
    count, generator = Count("malicious manifests, with a correct hash"), rng(seed, "manifests")
    run, secret = folder / "run", folder / "secret"
    reference(run, inside=inside)
    secret.write_text("not yours")
    honest = read_manifest(run)
    whole = (run / "run.json").read_bytes()
    for what, content in itertools.islice(_forged(honest, secret, cases, generator), 0, None, 1 if cases >= 100 else 4):
        count.cases += 1
        raw = content if isinstance(content, bytes) else None
        try:
            write_manifest(run, content) if raw is None else (run / "run.json").write_bytes(raw)
        except (UnicodeEncodeError, TypeError):
            continue
        _read(run, what, count)
    (run / "run.json").write_bytes(whole)
    count.require(secret.read_text() == "not yours", "a file outside was changed")
    count.require(not open_run(run).damage(), "a file of the run was changed")
    return count.tally()


def _read(run, what, count):
    try:
        with time_limit():
            opened = open_run(run)
            damage = opened.damage()
            lines = opened.command().count("\n")
            count.require(lines == 0, f"{what}: a command of {lines + 1} lines")
            for name in list(opened.manifest["files"])[:3]:
                _open(opened, name, damage, what, count)
    except BadInput as error:
        count.require("\n" not in str(error), f"{what}: {error!r}")
    except (Exception, Hang) as error:
        count.require(False, f"{what}: {where(error)}")
    for main, words in ((verify.main, [str(run)]), (simulate_main, [*SMALL, "--out", str(run), "--list"])):
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), time_limit():
                code = main(words)
            count.require(code in (0, 1, 2) and (code != 2 or one_sentence(err.getvalue())), f"{what}: {code} {err}")
        except (Exception, SystemExit, Hang) as error:
            count.require(False, f"{what}: {main.__module__}: {where(error)}")


def _open(opened, name, damage, what, count):
    if name not in damage and name.endswith(".nc") and name != "history.nc":
        opened.recording(name.removesuffix(".nc"))
        return
    if name in damage:
        try:
            opened.recording(name.removesuffix(".nc"))
        except BadInput:
            return
        count.require(not name.endswith(".nc"), f"{what}: {name} was read though {damage[name]}")


def _forged(honest, secret, cases, generator):
    digest = {"sha256": hashlib.sha256(secret.read_bytes()).hexdigest(), "bytes": secret.stat().st_size}
    names = (
        "../secret",
        str(secret),
        "a/../../secret",
        "..",
        ".",
        "",
        "\0",
        "x" * 5000,
        "run.json/x",
        "../secret.nc",
        "~",
    )
    for name in names:
        yield f"a file called {name[:20]!r}", {**honest, "files": {name: digest}}
    for key in honest:
        yield f"no {key}", {name: value for name, value in honest.items() if name != key}
        for junk in JUNK:
            yield f"{key} = {junk!r}", {**honest, key: junk}
    for junk in JUNK:
        yield f"a file is {junk!r}", {**honest, "files": {"test.nc": junk}}
        yield f"an argument is {junk!r}", {**honest, "arguments": [junk]}
        yield f"a hash is {junk!r}", {**honest, "files": {"test.nc": {"sha256": junk, "bytes": 3}}}
        yield f"a size is {junk!r}", {**honest, "files": {"test.nc": {"sha256": "0" * 64, "bytes": junk}}}
    for version in (0, 2, -1, "1", None, 1.0, True):
        yield f"format {version!r}", _raw({**honest, "format": version})
    for part in ("task", "network", "learner"):
        for name, value in honest["settings"][part].items():
            for junk in (*JUNK, *([value * 2 + 1] if isinstance(value, int | float) else [])):
                forged = {**honest["settings"], part: {**honest["settings"][part], name: junk}}
                yield f"settings.{part}.{name} = {junk!r}", {**honest, "settings": forged}
        rest = {name: value for name, value in honest["settings"].items() if name != part}
        yield f"no settings.{part}", {**honest, "settings": rest}
    for depth in (30, 400, 900, 100_000):
        yield f"{depth} deep", _deep(honest, depth)
    yield "a number of 10,000 digits", _raw(honest).replace(b'"seed": 0', b'"seed": ' + b"9" * 10_000)
    yield "two keys", _raw(honest).replace(b'"seed": 0', b'"seed": 0,\n  "seed": 1')
    for _ in range(cases):
        yield "two at random", {**honest, **{generator.choice(list(honest)): generator.choice(JUNK) for _ in range(2)}}


def _raw(content):
    rest = {name: value for name, value in content.items() if name != OWN_HASH}
    digest = hashlib.sha256(json.dumps(rest).encode()).hexdigest()
    return (json.dumps({**rest, OWN_HASH: digest}, indent=2) + "\n").encode()


def _deep(honest, depth):
    text = json.dumps({**honest, "settings": "HERE"})
    inside = '{"a": ' * depth + "0" + "}" * depth
    text = text.replace('"HERE"', inside)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return (text[:-1] + f', "{OWN_HASH}": "{digest}"}}\n').encode()


def test_forged_manifests_are_refused(tmp_path):
    assert not attack(10, 0, tmp_path, inside=True).lost


def test_settings_that_the_networks_were_not_trained_with_are_refused(tmp_path):
    reference(tmp_path / "run", inside=True)
    honest = read_manifest(tmp_path / "run")
    settings = honest["settings"]
    for part, name, value in (
        ("task", "target_payoff", 0.5),
        ("network", "units", 7),
        ("learner", "discount", 0.5),
        ("learner", "updates", 41),
    ):
        forged = {**settings, part: {**settings[part], name: value}}
        write_manifest(tmp_path / "run", {**honest, "settings": forged})
        with pytest.raises(BadInput, match=rf"{part}\.{name} = {value}, but the networks were trained with"):
            open_run(tmp_path / "run")
        write_manifest(tmp_path / "run", {**honest, "settings": {n: v for n, v in settings.items() if n != part}})
        with pytest.raises(BadInput, match=f"{part}.* but the networks were trained with"):
            open_run(tmp_path / "run")
    write_manifest(tmp_path / "run", honest)
    assert open_run(tmp_path / "run").complete


def test_the_same_command_says_in_a_sentence_what_is_wrong_with_a_manifest(tmp_path, capsys):
    run = tmp_path / "run"
    words = [*SMALL, "--workers", "1", "--out", str(run)]
    assert simulate_main(words) == 0
    honest = read_manifest(run)
    for key, junk in (("files", []), ("training", {"task": [[]]}), ("shards", 0), ("complete", "no")):
        write_manifest(run, {**honest, key: junk})
        assert simulate_main(words) == 2
        assert one_sentence(capsys.readouterr().err)
    write_manifest(run, {**honest, "files": {}, "complete": True})
    assert simulate_main(words) in (0, 2)
    shutil.rmtree(run)
