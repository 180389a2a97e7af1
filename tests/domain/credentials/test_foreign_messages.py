"""Messages of other makers: certificates instead of key ids, detached payloads, odd headers, odd key files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials import cbor, cose
from domain.credentials.foreign import inspect
from domain.credentials.jwk import ForeignKey, jwk_of, keys_in
from domain.credentials.keys import held

MAKER = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"m" * 32))
JWK = jwk_of(MAKER.public_key, MAKER.key_id)
PAYLOAD = cbor.write({1: "https://issuer.invalid"})
ED25519 = {cose.ALG: -19}
X5CHAIN, X5T = 33, 34


def message(headers: dict[Any, Any], *, unprotected: dict[Any, Any] | None = None, detached: bool = False) -> str:
    protected = cbor.write(headers)
    signature = MAKER.sign(cbor.write(["Signature1", protected, b"", PAYLOAD]))
    return cbor.write([protected, unprotected or {}, None if detached else PAYLOAD, signature]).hex()


def certificate(serial: int) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"m" * 32)
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, day, day)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def test_a_certificate_in_the_message_counts_only_where_it_is_one_of_those_given() -> None:
    ours, stranger = certificate(1), certificate(2)
    keys, digest = keys_in(ours), sha256(ours).digest()
    for named in ({X5T: [-16, digest]}, {X5T: [-15, digest[:8]]}, {X5CHAIN: ours}, {X5CHAIN: [ours, stranger]}):
        assert inspect(message(ED25519 | named), keys).is_verified
        assert inspect(message(ED25519, unprotected=named), keys).is_verified
        assert inspect(message(ED25519 | named | {cose.KID: b"else"}), keys).code == "UNKNOWN_KEY"
    found = inspect(message(ED25519 | {X5CHAIN: [stranger, ours]}), keys)
    assert (found.code, "certificates" in found.detail) == ("UNKNOWN_KEY", True)


def test_a_detached_payload_is_said_to_be_missing_and_may_be_given() -> None:
    text, keys = message(ED25519 | {cose.KID: MAKER.key_id}, detached=True), keys_in(json.dumps(JWK).encode())
    without = inspect(text, keys)
    assert (without.code, "detached" in without.detail) == ("STRUCTURE", True)
    assert inspect(text, keys, payload=PAYLOAD).claims == {1: "https://issuer.invalid"}
    assert inspect(text, keys, payload=PAYLOAD + b"\x00").code == "SIGNATURE"


def test_critical_headers_have_to_be_protected_and_known() -> None:
    keys, named = [ForeignKey(MAKER.public_key, frozenset({b"k"}))], ED25519 | {cose.KID: b"k"}
    assert inspect(message(named | {cose.CRIT: [1, 4]}), keys).is_verified
    for critical in ([], [99], [[1]], 1, [3]):
        assert inspect(message(named | {cose.CRIT: critical, 99: 0}), keys).code == "STRUCTURE"
    assert inspect(message(ED25519 | {cose.CRIT: [4]}, unprotected={cose.KID: b"k"}), keys).code == "STRUCTURE"


def test_claims_that_cannot_be_read_are_said_to_be_so() -> None:
    assert inspect(message(ED25519), [ForeignKey(MAKER.public_key, frozenset())]).claims_problem == ""
    unprotected: cbor.Cbor = {cose.ALG: -19}
    doubled = cbor.write([b"", unprotected, b"\xa2\x01\x01\x01\x02", b""]).hex()
    assert inspect(doubled, []).claims_problem == "a duplicate map key"


def test_an_odd_member_takes_no_other_key_of_the_set_with_it() -> None:
    odd = [None, "x", 7, {"kid": 11, "kty": "EC"}, JWK | {"kid": None, "x": "AA"}, JWK | {"x5c": ["!"]}]
    for listed in ({"keys": [*odd, JWK | {"use": None, "key_ops": None}]}, [*odd, JWK]):
        content = b"\xef\xbb\xbf" + json.dumps(listed).encode()
        assert [MAKER.key_id in key.key_ids for key in keys_in(content)] == [True]


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.binary(max_size=40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-40, 40) | st.text(), inner, max_size=3),
    max_leaves=6,
)
headers = st.dictionaries(st.sampled_from([1, 2, 3, 4, 16, X5CHAIN, X5T]) | st.text(max_size=2), anything, max_size=4)


@given(headers, headers)
def test_no_header_makes_the_inspection_raise(one: Any, other: Any) -> None:
    found = inspect(message(one, unprotected=other), [ForeignKey(MAKER.public_key, frozenset())])
    assert found.code in {"VERIFIED", "STRUCTURE", "ALG", "UNKNOWN_KEY", "SIGNATURE"}
