import torch

from pfc_metarl.networks.weights import digest, encoded, joined, of_networks, part, read


def weights(n_networks=3):
    generator = torch.Generator().manual_seed(0)
    shapes = {"core": (5, 4), "critic.core": (5, 4), "critic.heads": (3, 2), "encoder.0": (2, 3, 3)}
    return {name: torch.randn(n_networks, *shape, generator=generator) for name, shape in shapes.items()}


def test_a_part_has_its_own_names_and_the_same_memory():
    whole = weights()
    assert set(part(whole, "")) == {"core"}
    critic = part(whole, "critic.")
    assert set(critic) == {"core", "heads"}
    critic["core"] += 1
    assert torch.equal(critic["core"], whole["critic.core"])
    assert part(whole, "cri") == {}


def test_cohorts_are_joined_as_they_were_parted():
    whole = weights()
    again = joined([of_networks(whole, slice(0, 1)), of_networks(whole, slice(1, 3))])
    assert list(again) == list(whole)
    assert all(torch.equal(whole[name], tensor) for name, tensor in again.items())


def test_the_hash_depends_on_bits_and_names_but_not_their_order():
    whole = weights()
    before = digest(whole)
    assert digest(dict(reversed(list(whole.items())))) == before
    assert digest({name: tensor.mT.contiguous().mT for name, tensor in whole.items()}) == before
    for name, tensor in whole.items():
        changed = tensor.clone()
        changed.view(torch.int32).view(-1)[-1] ^= 1  # the last bit of the last number
        assert digest({**whole, name: changed}) != before
    assert digest({**{n: t for n, t in whole.items() if n != "core"}, "heart": whole["core"]}) != before


def test_encoded_weights_are_read_bit_by_bit(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(encoded(weights(), '{"seed": 1}'))
    again = read(path)
    assert set(again) == set(weights())
    assert all(torch.equal(tensor, weights()[name]) for name, tensor in again.items())
    assert b'"facts":"{\\"seed\\": 1}"' in path.read_bytes()
