"""Checkpoints are changed by a byte, cut, swapped and forged; none may give a training a wrong state."""

import json
import pickle
import struct

import pytest
import torch
from safetensors.torch import load, save

from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.learning.checkpoint import load_checkpoint, save_checkpoint
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStep
from tests.torture.harness import Count, Hang, flipped, rng, time_limit, where


def attack(flips, seed, folder):
    count, generator = Count("damaged and forged checkpoints"), rng(seed, "checkpoints")
    path, trained = folder / "checkpoint", _training()
    train(trained, lambda row: trained.done < 3)
    save_checkpoint(path, trained, "run")
    content, same = path.read_bytes(), _state(trained)
    path.write_bytes(content)
    count.require(_loaded(path) == same, "an undamaged checkpoint is not read")
    refusals = 0
    for what, forged in [*_flips(content, flips, generator), *_forged(content, folder)]:
        path.unlink(missing_ok=True)
        path.write_bytes(forged)
        count.cases += 1
        try:
            with time_limit():
                state = _loaded(path)
        except BadInput as error:
            refusals += 1
            refused = "delete it" in str(error) and str(path) in str(error) and "\n" not in str(error)
            count.require(refused, f"{what}: said {error}")
        except (Exception, Hang) as error:
            count.require(False, f"{what}: {where(error)}")
        else:
            count.require(state == same, f"{what}: read as something else")
    return count.tally(f"{count.cases - refusals} of them in white space of the header, read to the same bits")


def _training():
    learner = A2C(updates=6, episodes=2)
    return learner.begin(TwoStep(n_trials=3), Network(units=4), 0, (1, 4))


def _loaded(path):
    fresh = _training()
    load_checkpoint(path, fresh, "run")
    return _state(fresh)


def _state(training):
    tensors = [*training.weights.values(), *training.history.values(), training.stopped, training.silent]
    tensors += training.optimiser.moments().values()
    tensors += [source.get_state() for source in training.sources]
    return training.done, [tensor.detach().numpy().tobytes() for tensor in tensors]


def _flips(content, flips, generator):
    header = 8 + struct.unpack("<Q", content[:8])[0]
    for number in range(flips):
        if number % 3 == 0:
            yield "a byte of the header", flipped(content[:header], generator) + content[header:]
        elif number % 10 == 1:
            yield "truncated", content[: generator.randrange(len(content))]
        else:
            yield "a byte of the tensors", content[:header] + flipped(content[header:], generator)


def _forged(content, folder):
    """Yield files that are well formed, and not what this training wrote."""
    size = struct.unpack("<Q", content[:8])[0]
    header, body = json.loads(content[8 : 8 + size]), content[8 + size :]
    facts, tensors = header["__metadata__"], load(content)
    for huge in (size + 1, 2**31, 2**63, 2**64 - 1):
        yield "a huge header", struct.pack("<Q", huge) + content[8:]
    yield "a pickle", pickle.dumps({"done": 3})
    torch.save(tensors, folder / "pickled")
    yield "a torch file", (folder / "pickled").read_bytes()
    yield "nothing", b""
    yield "something appended", content + b"x"
    yield "deep facts", save(tensors, {"facts": "[" * 100_000})
    for wrong in ("[]", "3", "null", "{", '{"format": 2}', facts["facts"].replace('"run"', '"nur"')):
        yield f"facts {wrong}", save(tensors, {"facts": wrong})
    yield "no facts", save(tensors)
    for name, tensor in tensors.items():
        yield f"{name} is missing", save({n: t for n, t in tensors.items() if n != name}, facts)
        yield f"{name} is wider", save({**tensors, name: torch.cat([tensor.reshape(-1)] * 2)}, facts)
        yield f"{name} has another type", save({**tensors, name: tensor.to(torch.float16)}, facts)
        yield f"{name} is zero", save({**tensors, name: tensor * 0 + 1 - tensor.to(torch.bool).to(tensor.dtype)}, facts)
    yield "one tensor more", save({**tensors, "more": torch.zeros(1)}, facts)
    swapped = {**header, "weights.core": header["weights.heads"]}
    raw = json.dumps(swapped).encode()
    yield "swapped offsets", struct.pack("<Q", len(raw)) + raw + body


def test_damaged_checkpoints_are_refused(tmp_path):
    assert not attack(300, 0, tmp_path).lost


def test_what_is_no_file_is_no_checkpoint(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    save_checkpoint(real, _training(), "run")
    link.symlink_to(real)
    (tmp_path / "folder").mkdir()
    for path in (link, tmp_path / "folder"):
        with pytest.raises(BadInput, match="delete it"):
            _loaded(path)
