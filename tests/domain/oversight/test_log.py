"""The log's tree, notes and tiles: the published test vectors, and nothing that was changed passes."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from support.other_verifier import roots_by_proof

from domain.errors import BadInputError
from domain.oversight.log.checkpoint import COSIGNED, Checkpoint, CheckpointRefusedError, NoteKey, opened
from domain.oversight.log.tiles import WIDTH, TiledTree, bundled, tile_path, tiles
from domain.oversight.log.tree import EMPTY, Tree, leaf_hash, root_of_inclusion

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Inputs and roots that implementations of RFC 6962 test each other with."""
SIZES = st.integers(2, 40).flatmap(lambda new: st.tuples(st.integers(1, new - 1), st.just(new)))
LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey("TEST/VALDARA-2027", LOG.public_key().public_bytes_raw())


def tree(size: int) -> Tree:
    return Tree(number.to_bytes(2, "big") for number in range(size))


def test_the_roots_are_those_that_others_compute() -> None:
    whole = Tree(bytes.fromhex(entry) for entry in ENTRIES)
    assert [whole.root(size).hex() for size in range(1, 9)] == ROOTS
    assert whole.root(0) == EMPTY


@given(SIZES)
def test_a_path_leads_from_each_entry_to_the_root_and_a_changed_one_does_not(sizes: tuple[int, int]) -> None:
    index, size = sizes
    whole = tree(size)
    path = whole.inclusion(index, size)
    leaf = leaf_hash(index.to_bytes(2, "big"))
    assert root_of_inclusion(leaf, index, size, path) == whole.root(size)
    assert root_of_inclusion(leaf_hash(b"another"), index, size, path) != whole.root(size)
    for wrong in (path[:-1], (*path, bytes(32))):
        with pytest.raises(BadInputError):
            root_of_inclusion(leaf, index, size, wrong)


@given(SIZES)
def test_growth_is_proved_between_all_sizes_and_a_fork_is_not(sizes: tuple[int, int]) -> None:
    old, new = sizes
    whole = tree(new)
    proof = whole.consistency(old, new)
    assert roots_by_proof(old, new, proof, whole.root(old)) == (whole.root(old), whole.root(new))
    forked = Tree([b"forked", *(number.to_bytes(2, "big") for number in range(1, new))])
    found = roots_by_proof(old, new, forked.consistency(old, new), whole.root(old))
    assert found != (whole.root(old), forked.root(new))


@given(st.integers(1, 3 * WIDTH + 9).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_a_tree_over_kept_roots_of_tiles_is_the_one_that_is_hashed_anew(sizes: tuple[int, int]) -> None:
    size, older = sizes
    whole, entries = tree(size), [number.to_bytes(2, "big") for number in range(size)]
    kept = TiledTree(size, whole.full(8), lambda tile: entries[tile * WIDTH : (tile + 1) * WIDTH])
    assert (kept.root(), kept.root(older)) == (whole.root(), whole.root(older))
    assert kept.inclusion(older - 1, size) == whole.inclusion(older - 1, size)
    assert kept.consistency(older, size) == whole.consistency(older, size)
    assert [*kept.full(8)] == [*whole.full(8)]


def test_a_note_of_others_is_opened_and_ours_reads_back() -> None:
    """The first is the example of the specification of signed notes."""
    key = NoteKey.read("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert key.has_signed(text, base64.b64decode(signature)[4:])
    assert not key.has_signed(text.upper(), base64.b64decode(signature)[4:])
    checkpoint = Checkpoint(KEY.name, 8, bytes.fromhex(ROOTS[7]))
    assert opened(checkpoint.signed(LOG, KEY), NoteKey.read(str(KEY))) == (checkpoint, ())


def test_a_witness_is_named_and_a_forged_signature_is_refused() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    seen = NoteKey("witness.example", witness.public_key().public_bytes_raw(), COSIGNED)
    checkpoint = Checkpoint(KEY.name, 1, bytes.fromhex(ROOTS[0]))
    note = checkpoint.signed(LOG, KEY)
    moment = (1_800_000_000).to_bytes(8, "big")
    cosigned = witness.sign(b"cosignature/v1\ntime 1800000000\n" + checkpoint.text.encode())
    line = base64.b64encode(seen.id + moment + cosigned).decode()
    assert opened(f"{note}\u2014 witness.example {line}\n", KEY, [seen]) == (checkpoint, ("witness.example",))
    later = base64.b64encode(seen.id + (1_800_000_001).to_bytes(8, "big") + cosigned).decode()
    with pytest.raises(CheckpointRefusedError, match="wrong"):
        opened(f"{note}\u2014 witness.example {later}\n", KEY, [seen])


@given(st.integers(0, 400), st.characters(codec="ascii", categories=["L", "N"]))
def test_no_character_of_a_checkpoint_can_be_changed(place: int, character: str) -> None:
    note = Checkpoint(KEY.name, 8, bytes.fromhex(ROOTS[7])).signed(LOG, KEY)
    place %= len(note)
    changed = note[:place] + character + note[place + 1 :]
    if changed != note:
        with pytest.raises(CheckpointRefusedError):
            opened(changed, KEY)


@pytest.mark.parametrize(
    "text", ["", "x", "a\n1\n\n", "a\nb\nc\n\n\u2014 a b\n", f"{'x' * 70_000}\n\n\u2014 a YWJjZGVm\n"]
)
def test_what_is_no_checkpoint_is_said_to_be_none(text: str) -> None:
    with pytest.raises(CheckpointRefusedError):
        opened(text, KEY)


def test_tiles_lie_where_readers_look_for_them_and_give_the_log_back() -> None:
    entries = [number.to_bytes(4, "big") for number in range(2 * WIDTH + 3)]
    files = dict(tiles(Tree(entries), entries))
    assert {*files} == {
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/3",
        "tile/0/000", "tile/0/001", "tile/0/002.p/3", "tile/1/000.p/2",
    }  # fmt: skip
    assert [entry for name in ("000", "001", "002.p/3") for entry in bundled(files[f"tile/entries/{name}"])] == entries
    assert files["tile/1/000.p/2"][:32] == Tree(entries[:WIDTH]).root()
    assert tile_path(1_234_067) == "x001/x234/067"  # the specification's own example
