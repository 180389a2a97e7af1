"""Credentials measured against public vectors, and against independent readers where there are any."""

from __future__ import annotations

import base64
import json
import math
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials import base45, cbor, cose
from domain.credentials.foreign import inspect, shown
from domain.credentials.jwk import ForeignKey, KeysUnusableError, jwk_of, keys_in
from domain.credentials.keys import held
from domain.credentials.status_list import StatusList, inflated, list_octets, open_status_list

VECTORS = Path(__file__).parents[3].parent / "shared" / "data" / "credentials"
pytestmark = pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not beside this checkout")

COSE_FILES = sorted(
    path for path in (VECTORS / "cose").rglob("*.json") if path.stem not in {"A_4", "A_5", "A_6", "A_7"}
)


def jwk_in(vector: dict[str, Any]) -> dict[str, str]:
    """The vector's key as a JWK: some of its numbers are in hex."""
    key = {name: value for name, value in vector["input"]["sign0"]["key"].items() if not name.startswith("d")}
    hexed = {name: value for name, value in key.items() if name.endswith("_hex")}
    numbers = {name[0]: base64.urlsafe_b64encode(bytes.fromhex(value)).decode() for name, value in hexed.items()}
    return {name: value for name, value in key.items() if name not in hexed} | numbers


@pytest.mark.parametrize("path", COSE_FILES, ids=lambda path: path.stem)
def test_cose_sign1_vectors_verify_or_fail_as_published(path: Path) -> None:
    vector = json.loads(path.read_text())
    text = vector["output"]["cbor"]
    keys = keys_in(json.dumps({"keys": [jwk_in(vector)]}).encode())
    external = bytes.fromhex(vector["input"]["sign0"].get("external", ""))
    found = inspect(text, keys, external_aad=external)
    assert found.is_verified is not bool(vector.get("fail")), found
    if found.is_verified and found.sign1:
        assert cose.to_be_signed(found.sign1, external).hex().upper() == vector["intermediates"]["ToBeSign_hex"].upper()


def test_every_wycheproof_signature_is_judged_as_published() -> None:
    wrong = [
        test["tcId"]
        for group in json.loads((VECTORS / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]
        for test in group["tests"]
        if _passes(group["publicKey"]["pk"], test) is not (test["result"] == "valid")
    ]
    assert wrong == []


def _passes(public: str, test: dict[str, Any]) -> bool:
    """Check the signature through the COSE layer, its message standing in for the Sig_structure."""
    key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    sign1 = cose.Sign1(b"", {}, {}, b"", bytes.fromhex(test["sig"]))
    message = bytes.fromhex(test["msg"])
    original = cose.to_be_signed
    try:
        cose.to_be_signed = lambda _sign1, _aad=b"": message
        return cose.check_signature(sign1, key, cose.Algorithm.ED25519)
    finally:
        cose.to_be_signed = original


@pytest.mark.parametrize("number", range(6))
def test_token_status_lists_unfold_to_their_published_entries(number: int) -> None:
    vector = json.loads((VECTORS / "statuslist" / "status_list_vectors.json").read_text())[number]
    bits, octets = list_octets(cbor.read(bytes.fromhex(vector["cbor_hex"]), deterministic=False))
    text = vector["lst_base64url"]
    assert octets == inflated(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    listed = StatusList("", moment, moment, moment - moment, bits, octets)
    entries = dict(map(tuple, vector["entries"]))
    assert (bits, listed.size) == (vector["bits"], math.ceil(vector["size"] * bits / 8) * 8 // bits)
    step = 1 if listed.size < 100 else 997
    for index in {*entries, *range(0, vector["size"], step)}:
        assert listed.entry(index) == entries.get(index, 0)


def test_the_published_status_list_token_opens_and_the_referenced_token_names_an_entry() -> None:
    vector = json.loads((VECTORS / "statuslist" / "status_tokens.json").read_text())
    keys = keys_in(json.dumps(vector["public_key_jwk"]).encode())
    listed = open_status_list(bytes.fromhex(vector["status_list_cwt_hex"]), keys)
    assert [listed.entry(index) for index in range(16)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    found = inspect(vector["referenced_token_cwt_hex"], keys)
    assert found.is_verified
    assert found.standing(datetime(2027, 1, 1, tzinfo=UTC)) == "current"
    assert shown(found.claims)["65535"]["status_list"]["idx"] == 0


MAKER = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"g" * 32))
MESSAGE = cose.sign1_message(cbor.write({1: "X", 4: 2_000_000_000}), MAKER)
JWK = jwk_of(MAKER.public_key, MAKER.key_id)
NAMELESS = {name: value for name, value in JWK.items() if name != "kid"}
UNKNOWN_KINDS = [{"kty": "oct", "k": "AAAA"}, {"kty": "OKP", "crv": "X25519", "x": "AAAA"}, {"kty": "NEW"}]


def folded(message: bytes, prefix: str = "HC1:") -> str:
    return prefix + base45.encode(zlib.compress(message))


@pytest.mark.parametrize(
    "text",
    [folded(MESSAGE), folded(MESSAGE, ""), folded(MESSAGE, "HEALTHCERT1:"), base45.encode(MESSAGE), MESSAGE.hex(),
     "X1:" + MESSAGE.hex().upper(), base64.urlsafe_b64encode(MESSAGE).decode().rstrip("="), folded(MESSAGE) + "\r\n"],
)  # fmt: skip
def test_a_message_is_found_under_prefix_text_and_zlib_and_other_keys_of_the_set_do_not_matter(text: str) -> None:
    found = inspect(text, keys_in(json.dumps({"keys": [*UNKNOWN_KINDS, JWK]}).encode()))
    assert (found.code, found.detail) == ("VERIFIED", "")


@pytest.mark.parametrize(
    ("text", "keys", "code"),
    [
        ("", [JWK], "TEXT"),
        ("A" * 200_001, [JWK], "TEXT"),
        ("not a token!", [JWK], "TEXT"),
        ("GGW", [JWK], "BASE45"),
        (folded(MESSAGE)[:-3] + "::", [JWK], "BASE45"),
        (folded(bytes(3_000_000)), [JWK], "CBOR"),
        (folded(MESSAGE + b"\x00"), [JWK], "CBOR"),
        (cbor.write(cbor.Tagged(17, [b"", {}, b"", b""])).hex(), [JWK], "STRUCTURE"),
        (cbor.write([cbor.write({1: -19, 4: "text"}), {}, b"", bytes(64)]).hex(), [JWK], "STRUCTURE"),
        (MESSAGE.hex(), [JWK | {"alg": "ES256"}], "ALG"),
        (MESSAGE.hex(), [NAMELESS], "UNKNOWN_KEY"),
        (MESSAGE.hex()[:-2] + "00", [JWK], "SIGNATURE"),
    ],
)
def test_what_is_refused_is_refused_for_its_reason(text: str, keys: list[dict[str, str]], code: str) -> None:
    found = inspect(text, keys_in(json.dumps({"keys": keys}).encode()))
    assert (found.code, bool(found.detail)) == (code, True)


def test_a_public_key_in_pem_or_der_is_a_key_without_a_name() -> None:
    for spelled in (Encoding.PEM, Encoding.DER):
        [key] = keys_in(MAKER.public_key.public_bytes(spelled, PublicFormat.SubjectPublicKeyInfo))
        assert key.key_ids == frozenset()
        assert inspect(MESSAGE.hex(), [key]).code == "UNKNOWN_KEY"
        assert inspect(MESSAGE.hex(), [replace(key, key_ids=frozenset({MAKER.key_id}))]).is_verified


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-cbor.LARGEST_INTEGER, cbor.LARGEST_INTEGER) | st.binary() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-300, 300) | st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(values)
def test_what_we_write_is_read_back_by_us_and_by_an_independent_reader(value: Any) -> None:
    try:
        encoded = cbor.write(value)
        assert cbor.read(encoded) == value
    except cbor.CborError as error:
        assert "deeply" in str(error)  # noqa: PT017 -- deep nesting is refused on purpose
    else:
        assert cbor2.loads(encoded) == value
        assert cbor.read(cbor2.dumps(value), deterministic=False) == value


@given(st.binary(max_size=40))
def test_whatever_the_deterministic_reader_accepts_has_no_second_spelling(encoded: bytes) -> None:
    try:
        value = cbor.read(encoded)
    except cbor.CborError:
        return
    assert cbor.write(value) == encoded


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ("a201010102", "duplicate"),
        ("9f01ff", "indefinite"),
        ("5f4101ff", "indefinite"),
        ("1800", "shortest"),
        ("1b0000000000000001", "shortest"),
        ("0000", "follow"),
        ("a202010101", "order"),
        ("fb3ff0000000000000", "float"),
        ("1bffffffffffffffff", "53 bits"),
        ("61ff", "UTF-8"),
        ("81" * 9 + "00", "deeply"),
        ("a1f500", "map key"),
        ("5affffffff00", "short"),
        ("", "short"),
    ],
)
def test_each_kind_of_loose_cbor_is_refused_with_its_reason(encoded: str, reason: str) -> None:
    with pytest.raises(cbor.CborError, match=reason):
        cbor.read(bytes.fromhex(encoded))


SIGNER = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"f" * 32))
SIGNED = cose.sign1_message(cbor.write({1: "https://issuer.invalid", 4: 2_000_000_000}), SIGNER)


@pytest.mark.parametrize("wrap", ["hex", "prefixed base45", "zlib", "base64"])
def test_a_foreign_token_is_read_in_every_usual_wrapping(wrap: str) -> None:
    import zlib

    keys = keys_in(json.dumps({"keys": [jwk_of(SIGNER.private_key.public_key(), SIGNER.key_id)]}).encode())
    text = {
        "hex": SIGNED.hex(),
        "prefixed base45": "XVD1:" + base45.encode(SIGNED),
        "zlib": "HC1:" + base45.encode(zlib.compress(SIGNED)),
        "base64": base64.b64encode(SIGNED).decode(),
    }[wrap]
    assert inspect(text, keys).is_verified
    assert inspect(text, []).code == "UNKNOWN_KEY"
    other = [ForeignKey(SIGNER.public_key, frozenset({b"other"}))]
    assert inspect(text, other).code == "UNKNOWN_KEY"


@given(st.text() | st.binary(max_size=60).map(bytes.hex))
def test_no_foreign_text_makes_the_inspection_raise(text: str) -> None:
    assert not inspect(text, [ForeignKey(SIGNER.public_key, frozenset())]).is_verified


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"keys": [{"kty": "EC", "crv": "P-999"}]}', b"-----BEGIN X"])
def test_a_key_file_that_holds_no_keys_is_refused(content: bytes) -> None:
    with pytest.raises(KeysUnusableError):
        keys_in(content)
