"""Statements: what is signed is exactly what is done, once, soon, by whom it takes, with a key that counts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AccreditationError
from domain.statements.authority import Authority, Enrolled, Founding
from domain.statements.canonical import canonical
from domain.statements.officers import Officer, OfficerRole
from domain.statements.record import Entry, EntryKind, Replay
from domain.statements.signatures import (
    FileKey,
    KeySignature,
    Passkey,
    PasskeyAssertion,
    SignatureRefusedError,
    check_signed,
)
from domain.statements.statement import (
    ActKind,
    Deed,
    SignedBy,
    Statement,
    StatementRefusedError,
    StatementWords,
    check_says,
    check_times,
    stated,
)

NOW: Final = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
CASE, OTHER = (UUID(int=number) for number in (1, 2))
KEYS: Final = {f"OFF-{number}": Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 6)}
REFUSE: Final = Deed(kind=ActKind.DECIDE, cases=(CASE,), terms={"outcome": "refuse"}, words={"facts": "Seen."})


def public(code: str) -> FileKey:
    return FileKey(public=KEYS[code].public_key().public_bytes_raw().hex())


def an_authority(**changes: Any) -> Authority:
    """Return three administrators and two others, of whom OFF-5 has no key."""
    officers = (
        Enrolled(
            officer=Officer(
                code=code, roles=(OfficerRole.ADMINISTRATOR if code < "OFF-4" else OfficerRole.CASE_OFFICER,)
            ),
            keys=(public(code),) if code < "OFF-5" else (),
        )
        for code in KEYS
    )
    founding = Founding(
        election="VALDARA-2027", officers=tuple(officers), rules_sha256="0" * 64, rehearsal=False, heads={},
        founded_at=NOW,
    )  # fmt: skip
    return Authority.founded(founding).revised(**changes)


def said(deed: Deed, by: str = "OFF-1", version: int = 3) -> tuple[Statement, StatementWords]:
    words = StatementWords.of(deed.words)
    signer = SignedBy(election="VALDARA-2027", officer=by, key=public(by).id, now=NOW)
    return stated(deed, words, signer, versions={CASE: version}), words


def signed(statement: Statement, by: str | None = None) -> KeySignature:
    return KeySignature(value=KEYS[by or statement.officer].sign(statement.document).hex())


def staff(act: str, officer: str, step: str, by: str, **terms: Any) -> Statement:
    return said(Deed(kind=ActKind.STAFF, terms={"act": act, "officer": officer, "step": step, **terms}), by)[0]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda part: st.lists(part) | st.dictionaries(
        st.text(st.characters(max_codepoint=127)), part)
))  # fmt: skip
def test_canonical_bytes_are_read_back_and_written_the_same(value: object) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_a_fraction_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical({"share": 0.5})


def reordered(document: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(document).items())), separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda document: document + b" ", id="a blank at the end"),
        pytest.param(lambda document: b"\xef\xbb\xbf" + document, id="a byte-order mark"),
        pytest.param(reordered, id="another order of names"),
        pytest.param(lambda document: document.replace(b"{", b'{"also":1,', 1), id="a field more"),
        pytest.param(lambda document: document.replace(b'"kind"', b'"kind":"claim","kind"'), id="a name twice"),
        pytest.param(
            lambda document: document.replace(b'"kind":"decide"', b'"kind":"decide","kind":"claim"'), id="twice, last"
        ),
        pytest.param(lambda document: document.replace(b"OFF-1", rb"OFF-\u0031"), id="an escape for a letter"),
        pytest.param(lambda document: document.replace(b'"version":3', b'"version":3.0'), id="a fraction"),
        pytest.param(lambda document: document.replace(b'"version":3', b'"version":"3"'), id="a text for a number"),
        pytest.param(lambda document: document.replace(b"+00:00", b"Z"), id="the same moment in other words"),
        pytest.param(
            lambda document: document.replace(b"accredit-statement/1", b"accredit-statement/2"), id="another form"
        ),
        pytest.param(lambda document: document.replace(b'"nonce"', b'"nonce":null,"nonce"'), id="a nonce twice"),
        pytest.param(lambda _: b"[]", id="a list"),
        pytest.param(lambda _: b"{" * 5000, id="depth without end"),
    ],
)
def test_a_statement_is_read_from_its_own_bytes_and_no_others(forged: Callable[[bytes], bytes]) -> None:
    statement, _ = said(REFUSE)
    assert Statement.read(statement.document) == statement
    assert forged(statement.document) != statement.document
    with pytest.raises(StatementRefusedError):
        Statement.read(forged(statement.document))


def test_a_statement_counts_in_no_other_election() -> None:
    statement, _ = said(REFUSE)
    an_authority().check(statement, signed(statement))
    elsewhere = an_authority().revised(election="VALDARA-2031")
    with pytest.raises(StatementRefusedError, match="another election"):
        elsewhere.check(statement, signed(statement))
    moved = statement.revised(election="VALDARA-2031")
    with pytest.raises(SignatureRefusedError):
        elsewhere.check(moved, signed(statement))


@pytest.mark.parametrize(
    ("deed", "version"),
    [
        (REFUSE.revised(cases=(OTHER,)), 3),
        (REFUSE.revised(cases=(CASE, OTHER)), 3),
        (REFUSE.revised(terms={"outcome": "approve"}), 3),
        (REFUSE.revised(words={"facts": "Heard."}), 3),
        (REFUSE.revised(words={}), 3),
        (REFUSE.revised(kind=ActKind.CLAIM), 3),
        (REFUSE.revised(arrived_at=NOW - timedelta(days=1)), 3),
        (REFUSE, 4),
    ],
)
def test_a_statement_serves_exactly_the_deed_it_was_signed_for(deed: Deed, version: int) -> None:
    statement, words = said(REFUSE)
    check_says(statement, REFUSE, words, {CASE: 3})
    with pytest.raises(StatementRefusedError):
        check_says(statement, deed, words, {CASE: version, OTHER: 1})


@pytest.mark.parametrize(
    ("after", "arrived"), [(timedelta(minutes=16), None), (-timedelta(minutes=2), None), (None, timedelta(seconds=1))]
)
def test_a_statement_is_worth_nothing_when_old_or_dated_ahead(
    after: timedelta | None, arrived: timedelta | None
) -> None:
    statement, _ = said(REFUSE.revised(arrived_at=NOW + arrived if arrived else None))
    with pytest.raises(StatementRefusedError):
        check_times(statement, recorded_at=NOW + (after or timedelta()))


@pytest.mark.parametrize("field", ["value", "document", "signer"])
def test_a_signature_holds_for_one_key_and_one_document(field: str) -> None:
    statement, _ = said(REFUSE)
    good = signed(statement)
    check_signed(statement.document, good, public("OFF-1"))
    document = statement.document.replace(b"refuse", b"accept") if field == "document" else statement.document
    forged = KeySignature(value=good.value[:-1] + ("0" if good.value[-1] != "0" else "1")) if field == "value" else good
    with pytest.raises(SignatureRefusedError):
        check_signed(document, forged, public("OFF-2" if field == "signer" else "OFF-1"))


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


DEVICE: Final = ec.derive_private_key(7, ec.SECP256R1())


def a_passkey() -> Passkey:
    numbers = DEVICE.public_key().public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
    return Passkey(
        credential_id="AQID", public=_b64(cbor2.dumps(cose)), rp_id="desk.example", origin="https://desk.example"
    )


def asserted(
    document: bytes, *, flags: int = 0x05, rp: str = "desk.example", origin: str = "https://desk.example",
    kind: str = "webauthn.get",
) -> PasskeyAssertion:  # fmt: skip
    client = json.dumps({
        "type": kind, "challenge": _b64(hashlib.sha256(document).digest()), "origin": origin, "crossOrigin": False
    }).encode()  # fmt: skip
    data = hashlib.sha256(rp.encode()).digest() + bytes([flags]) + (0).to_bytes(4)
    signature = DEVICE.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
    return PasskeyAssertion(authenticator_data=_b64(data), client_data=_b64(client), signature=_b64(signature))


def test_a_passkey_signs_the_digest_of_the_statement() -> None:
    statement, _ = said(REFUSE)
    check_signed(statement.document, asserted(statement.document), a_passkey())


@pytest.mark.parametrize(
    "forged",
    [
        lambda document: asserted(document, flags=0x01),  # nobody was verified
        lambda document: asserted(document, flags=0x04),  # nobody was present
        lambda document: asserted(document, rp="other.example"),
        lambda document: asserted(document, origin="https://other.example"),
        lambda document: asserted(document, kind="webauthn.create"),
        lambda document: asserted(document + b" "),
        lambda document: asserted(document).revised(signature="AAAA"),
        lambda document: asserted(document).revised(client_data="AAAA"),
        lambda _: KeySignature(value="0" * 128),
    ],
)
def test_an_assertion_that_differs_anywhere_is_refused(forged: Callable[[bytes], Any]) -> None:
    statement, _ = said(REFUSE)
    with pytest.raises(SignatureRefusedError):
        check_signed(statement.document, forged(statement.document), a_passkey())


def test_authority_follows_the_record() -> None:
    authority = an_authority()
    suspension = staff("suspend", "OFF-4", "proposed", "OFF-1")
    authority.check(suspension, signed(suspension))
    authority = authority.after(suspension)
    confirmation = staff("suspend", "OFF-4", "confirmed", "OFF-2")
    authority.check(confirmation, signed(confirmation))
    authority = authority.after(confirmation)
    claim, _ = said(Deed(kind=ActKind.CLAIM, cases=(CASE,)), "OFF-4")
    with pytest.raises(AccreditationError, match="suspended"):
        authority.check(claim, signed(claim))


@pytest.mark.parametrize(
    "statement",
    [
        staff("suspend", "OFF-4", "confirmed", "OFF-2"),  # nobody proposed it
        staff("enrol", "OFF-5", "confirmed", "OFF-1", key=public("OFF-5").model_dump(mode="json")),  # by the proposer
        staff("enrol", "OFF-5", "confirmed", "OFF-4", key=public("OFF-5").model_dump(mode="json")),  # not by such
        staff("suspend", "OFF-1", "proposed", "OFF-1"),  # about themselves
        staff("recuse", "OFF-4", "declared", "OFF-1"),  # for somebody else
        staff("enrol", "OFF-5", "declared", "OFF-2", key=public("OFF-5").model_dump(mode="json")),  # by one alone
        staff("suspend", "OFF-4", "done", "OFF-2"),  # neither proposed nor confirmed
        said(Deed(kind=ActKind.ELECTION, terms={"act": "archive", "sha256": "0" * 64, "step": "declared"}), "OFF-2")[0],
        staff("serve", "OFF-4", "confirmed", "OFF-2", detail="OF-01", offices=[]),  # other than proposed
        said(Deed(kind=ActKind.FIRST_KEY, terms={"key": public("OFF-5").model_dump(mode="json")}), "OFF-5")[0],
        said(REFUSE, "OFF-5")[0],  # has no key
        said(REFUSE)[0].revised(election="OTHER-2027"),
    ],
)
def test_who_lacks_the_authority_signs_in_vain(statement: Statement) -> None:
    proposed = staff("enrol", "OFF-5", "proposed", "OFF-1")
    narrowed = staff("serve", "OFF-4", "proposed", "OFF-1", detail="OF-01", offices=["OF-01"])
    authority = an_authority().after(proposed).after(narrowed)
    with pytest.raises(AccreditationError):
        authority.check(statement, signed(statement))


def test_what_was_proposed_is_confirmed_as_it_was_proposed() -> None:
    proposed = staff("serve", "OFF-4", "proposed", "OFF-1", detail="OF-01", offices=["OF-01"], ground="Order 9")
    confirmed = staff("serve", "OFF-4", "confirmed", "OFF-2", detail="OF-01", offices=["OF-01"], ground="Order 9")
    authority = an_authority().after(proposed)
    authority.check(confirmed, signed(confirmed))
    assert authority.after(confirmed).of("OFF-4").officer.offices == ("OF-01",)


@pytest.mark.parametrize("value", ["0.5", "1e2", "1E400", '"\\ud800"', "[" * 5000 + "]" * 5000, "9" * 5000, "NaN"])
def test_what_has_no_canonical_form_is_no_statement_and_ends_nobodys_reading(value: str) -> None:
    document = said(REFUSE)[0].document.replace(b'"refuse"', value.encode())
    with pytest.raises(StatementRefusedError):
        Statement.read(document)


@pytest.mark.parametrize(("signed_as", "done"), [(True, 1), (1, True), (False, 0)])
def test_true_is_not_one(signed_as: object, done: object) -> None:
    statement, words = said(REFUSE.revised(terms={"number": signed_as}))
    with pytest.raises(StatementRefusedError, match="something else"):
        check_says(statement, REFUSE.revised(terms={"number": done}), words, {CASE: 3})


def test_what_was_applied_is_of_the_kind_that_was_signed() -> None:
    claim, _ = said(Deed(kind=ActKind.CLAIM, cases=(CASE,)))
    common = {"election": "VALDARA-2027", "digest": claim.digest, "recorded_at": NOW, "hash": "0" * 64}
    kept = {"document": claim.document.decode(), "signature": signed(claim).model_dump(mode="json")}
    replay = Replay(an_authority())
    replay.take(Entry(sequence=2, entry=EntryKind.SIGNED, kind="claim", **common, **kept), verify=True)
    with pytest.raises(StatementRefusedError, match="another kind"):
        replay.take(Entry(sequence=3, entry=EntryKind.APPLIED, kind="staff", document="", signature=None, **common))


def test_a_key_enrolled_by_two_takes_the_place_of_the_lost_one() -> None:
    new = public("OFF-5").model_dump(mode="json")
    authority = an_authority().after(staff("enrol", "OFF-4", "proposed", "OFF-1"))
    confirmed = staff("enrol", "OFF-4", "confirmed", "OFF-2", key=new)
    authority.check(confirmed, signed(confirmed))
    claim, _ = said(Deed(kind=ActKind.CLAIM, cases=(CASE,)), "OFF-4")
    with pytest.raises(AccreditationError, match="count"):
        authority.after(confirmed).check(claim, signed(claim))
