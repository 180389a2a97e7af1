"""A verifier that shares no code with the engine reads what the engine makes, and both know the published vectors."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from support import other_verifier as other

from domain.oversight.log.checkpoint import COSIGNED, Checkpoint, NoteKey, cosigned
from domain.oversight.log.tiles import tiles
from domain.oversight.log.tree import Tree

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
A, B, C, D, E, F, G, H = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
)
PATHS = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, F],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", B, D],
}
PROOFS = {(1, 8): [A, B, C], (6, 8): [G, E, F], (2, 5): [B, D], (6, 7): [G, H, F]}
"""Paths and proofs with which the implementations of Certificate Transparency test each other."""
LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey("TEST/VALDARA-2027", LOG.public_key().public_bytes_raw())
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SEEN = NoteKey("witness.example", WITNESS.public_key().public_bytes_raw(), COSIGNED)


def test_the_second_reader_takes_nothing_from_the_engine() -> None:
    source = Path(other.__file__).read_text("utf-8")
    assert not [line for line in source.splitlines() if line.startswith(("from domain", "from flows", "from db"))]


@pytest.mark.parametrize(("place", "path"), PATHS.items())
def test_both_know_the_published_paths(place: tuple[int, int], path: list[str]) -> None:
    index, size = place
    steps = [bytes.fromhex(step) for step in path]
    assert [*Tree(LEAVES).inclusion(index, size)] == steps
    assert other.root_by_path(index, size, LEAVES[index], steps) == other.mth(LEAVES[:size])


@pytest.mark.parametrize(("sizes", "proof"), PROOFS.items())
def test_both_know_the_published_proofs_of_growth(sizes: tuple[int, int], proof: list[str]) -> None:
    old, new = sizes
    steps = [bytes.fromhex(step) for step in proof]
    assert [*Tree(LEAVES).consistency(old, new)] == steps
    roots = other.mth(LEAVES[:old]), other.mth(LEAVES[:new])
    assert other.roots_by_proof(old, new, steps, roots[0]) == roots


@given(st.integers(1, 70).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))))
def test_the_second_reader_agrees_with_every_path_and_proof(sizes: tuple[int, int]) -> None:
    old, new = sizes
    entries = [number.to_bytes(2, "big") for number in range(new)]
    tree = Tree(entries)
    roots = other.mth(entries[:old]), other.mth(entries)
    assert (tree.root(old), tree.root()) == roots
    assert other.root_by_path(old - 1, new, entries[old - 1], tree.inclusion(old - 1, new)) == roots[1]
    assert other.roots_by_proof(old, new, tree.consistency(old, new), roots[0]) == roots


def written(folder: Path, count: int) -> list[str]:
    """Write a log of *count* entries with a witness's signature; returns both keys."""
    entries = [number.to_bytes(32, "big") for number in range(count)]
    checkpoint = Checkpoint(KEY.name, count, Tree(entries).root())
    note, moment = checkpoint.signed(LOG, KEY), 1_800_000_000
    signature = WITNESS.sign(f"cosignature/v1\ntime {moment}\n{checkpoint.text}".encode())
    line = base64.b64encode(SEEN.id + moment.to_bytes(8, "big") + signature).decode()
    note, _ = cosigned(note, f"{note}\u2014 {SEEN.name} {line}\n", [SEEN])
    for name, content in {"checkpoint": note.encode(), **dict(tiles(Tree(entries), entries))}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return [str(KEY), str(SEEN)]


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 700])
def test_the_second_reader_reads_the_published_files(tmp_path: Path, count: int) -> None:
    keys = written(tmp_path, count)
    assert other.verified(tmp_path, keys) == (count, [KEY.name, SEEN.name])


@pytest.mark.parametrize("name", ["checkpoint", "tile/entries/001", "tile/0/000", "tile/1/000.p/2"])
def test_the_second_reader_finds_one_changed_byte(tmp_path: Path, name: str) -> None:
    keys = written(tmp_path, 700)
    content = bytearray((tmp_path / name).read_bytes())
    content[40] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises((other.DoesNotHold, ValueError)):
        other.verified(tmp_path, keys)
