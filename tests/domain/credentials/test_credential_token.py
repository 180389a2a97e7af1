"""The token: what it holds, what it refuses, and that no changed character passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.credentials import base45, cbor, cose
from domain.credentials.claims import HOLDER, CredentialClaims, encode_claims, photo_hash
from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.states import CredentialStatus
from domain.credentials.status_list import BITS, StatusList, packed
from domain.credentials.trust_list import KeyPurpose, KeyState, TrustedKey, TrustList
from domain.credentials.verdict import LONGEST_TOKEN, Code, encode_token, judge

NOW = datetime(2027, 5, 16, 8, 0, tzinfo=UTC)
BADGE_KEY = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"b" * 32))
STATUS_KEY = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32))
P256_KEY = held(ec.derive_private_key(77, ec.SECP256R1()))


def trusted(key: HeldKey, purpose: KeyPurpose = KeyPurpose.BADGE, **changes: object) -> TrustedKey:
    facts: dict[str, object] = {
        "issuer": "TEST",
        "algorithm": key.algorithm,
        "raw": raw_public_key(key.public_key),
        "not_before": NOW - timedelta(days=60),
        "not_after": NOW + timedelta(days=60),
        "purpose": purpose,
    }
    return TrustedKey.model_validate(facts | changes)


def a_trust_list(*keys: TrustedKey, **changes: object) -> TrustList:
    facts: dict[str, object] = {
        "issuer": "TEST",
        "sequence": 7,
        "issued_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(days=30),
        "keys": (*keys, trusted(STATUS_KEY, KeyPurpose.STATUS)),
    }
    return TrustList.model_validate(facts | changes)


def a_status_list(standings: dict[int, CredentialStatus] | None = None, *, issued: datetime = NOW) -> StatusList:
    octets = packed(standings or {}, size=4096)
    lifetime, ttl = issued + timedelta(days=7), timedelta(hours=24)
    return StatusList("https://observers.invalid/status", issued, lifetime, ttl, BITS, octets, STATUS_KEY.key_id)


def claims_of(name: str = "Ilva Tornek", **changes: object) -> CredentialClaims:
    facts: dict[str, object] = {
        "issuer": "TEST",
        "serial": "XVD-0000042",
        "issued_at": NOW - timedelta(days=3),
        "valid_from": NOW - timedelta(days=2),
        "valid_until": NOW + timedelta(days=20),
        "role": "LTO",
        "organisation": "ORG-17",
        "nationality": "XAA",
        "regions": ("NORTH-2",),
        "status_index": 1234,
        "photo_hash": photo_hash(b"portrait"),
        "document_tag": b"12345678",
    }
    return CredentialClaims.fitting(name, **(facts | changes))


TRUST = a_trust_list(trusted(BADGE_KEY), trusted(P256_KEY))
TOKEN = encode_token(claims_of(), BADGE_KEY)


def code_of(token: str, *, now: datetime = NOW, trust: TrustList = TRUST, status: StatusList | None = None) -> Code:
    return judge(token, now=now, trust=trust, status=status or a_status_list()).code


def text_of(message: bytes) -> str:
    return "OAC1:" + base45.encode(message)


def message_of(token: str) -> bytes:
    return base45.decode(token[5:])


def resigned(payload: bytes, headers: cose.Headers, unprotected: cose.Headers | None = None) -> str:
    """A token signed with the right key over whatever *payload* and *headers* are."""
    protected = cbor.write(headers)
    signature = BADGE_KEY.sign(cbor.write(["Signature1", protected, b"", payload]))
    return text_of(cbor.write(cbor.Tagged(18, [protected, unprotected or {}, payload, signature])))


HEADERS: cose.Headers = {cose.ALG: -19, cose.KID: BADGE_KEY.key_id}
PAYLOAD = encode_claims(claims_of())
letters = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp"))
codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=15).map("A".__add__)


@settings(max_examples=150, deadline=None)
@given(
    name=st.text(letters, min_size=1, max_size=80).filter(str.isprintable).filter(str.strip),
    organisation=codes,
    region=st.lists(codes.map(lambda code: code[:10]), max_size=1).map(tuple),
    index=st.integers(0, 2**24 - 1),
    role=st.sampled_from(["LTO", "STO", "HOM-DEP1"]),
    key=st.sampled_from([BADGE_KEY, P256_KEY]),
)
def test_whoever_the_model_allows_fits_the_code_and_is_read_back_unchanged(
    name: str, organisation: str, region: tuple[str, ...], index: int, role: str, key: HeldKey
) -> None:
    claims = claims_of(name, organisation=organisation, regions=region, status_index=index, role=role)
    token = encode_token(claims, key)
    assert len(token) <= LONGEST_TOKEN
    assert judge(token, now=NOW, trust=TRUST, status=None).claims == claims


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(TOKEN) - 1), character=st.characters(codec="utf-8"))
def test_a_token_with_one_character_changed_is_never_valid(at: int, character: str) -> None:
    if character != TOKEN[at]:
        assert code_of(TOKEN[:at] + character + TOKEN[at + 1 :]) is not Code.VALID


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(message_of(TOKEN)) - 1), change=st.integers(1, 255))
def test_a_token_with_one_byte_changed_is_never_genuine(at: int, change: int) -> None:
    message = bytearray(message_of(TOKEN))
    message[at] ^= change
    assert judge(text_of(bytes(message)), now=NOW, trust=TRUST, status=a_status_list()).claims is None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.binary(max_size=280).map(text_of), st.text(base45.ALPHABET).map("OAC1:".__add__)))
def test_no_text_makes_the_judge_raise_or_accept(text: str) -> None:
    assert not judge(text, now=NOW, trust=TRUST, status=a_status_list()).is_valid


def test_the_same_claims_and_key_give_the_same_token_with_line_ends_ignored() -> None:
    assert encode_token(claims_of(), BADGE_KEY) == TOKEN
    assert code_of(TOKEN + "\r\n") is Code.VALID


def test_a_double_tag_a_bare_array_and_the_old_algorithm_number_are_accepted() -> None:
    message = message_of(TOKEN)
    assert code_of(text_of(b"\xd8\x3d" + message)) is Code.VALID
    assert code_of(text_of(message[1:])) is Code.VALID
    assert code_of(resigned(PAYLOAD, HEADERS | {cose.ALG: -8})) is Code.VALID


REFUSALS = {
    "another prefix": ("OAC2:" + TOKEN[5:], Code.PREFIX),
    "lower case": (TOKEN.lower(), Code.PREFIX),
    "too long": (TOKEN + "0" * 200, Code.SIZE),
    "not base45": (TOKEN[:-1] + "_", Code.BASE45),
    "trailing byte": (text_of(message_of(TOKEN) + b"\x00"), Code.CBOR),
    "cut short": (text_of(message_of(TOKEN)[:-1]), Code.CBOR),
    "another tag": (text_of(b"\xd3" + message_of(TOKEN)[1:]), Code.STRUCTURE),
    "reversed tags": (text_of(b"\xd2\xd8\x3d" + message_of(TOKEN)[1:]), Code.STRUCTURE),
    "unprotected header": (resigned(PAYLOAD, HEADERS, {5: b"x"}), Code.STRUCTURE),
    "critical header": (resigned(PAYLOAD, HEADERS | {cose.CRIT: [99], 99: 1}), Code.STRUCTURE),
    "unknown algorithm": (resigned(PAYLOAD, HEADERS | {cose.ALG: -999}), Code.ALG),
    "algorithm of a foreign kind": (resigned(PAYLOAD, HEADERS | {cose.ALG: -37}), Code.ALG),
    "unknown key": (resigned(PAYLOAD, HEADERS | {cose.KID: b"unknown!"}), Code.UNKNOWN_KEY),
    "no key id": (resigned(PAYLOAD, {cose.ALG: -19}), Code.UNKNOWN_KEY),
    "algorithm of another key type": (resigned(PAYLOAD, HEADERS | {cose.ALG: -7}), Code.KEY_STATE),
    "key of another purpose": (encode_token(claims_of(), STATUS_KEY), Code.KEY_STATE),
    "issued before the key": (encode_token(claims_of(issued_at=NOW - timedelta(days=99)), BADGE_KEY), Code.KEY_STATE),
    "signed by another key": (resigned(PAYLOAD, HEADERS | {cose.KID: P256_KEY.key_id, cose.ALG: -7}), Code.SIGNATURE),
    "empty claims": (resigned(b"\xa0", HEADERS), Code.CLAIMS),
    "duplicate claims": (resigned(b"\xa8\x01dTEST" + PAYLOAD[1:], HEADERS), Code.CLAIMS),
    "another issuer": (encode_token(claims_of(issuer="OTHER"), BADGE_KEY), Code.ISSUER),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_kind_of_wrong_token_is_refused_for_its_own_reason(case: str) -> None:
    token, code = REFUSALS[case]
    assert code_of(token) is code


def test_a_claim_that_is_not_understood_is_refused_rather_than_ignored() -> None:
    claims = cbor.read(PAYLOAD)
    assert isinstance(claims, dict)
    holder = claims[HOLDER]
    assert isinstance(holder, dict)
    for changed in (
        claims | {99: 1},
        claims | {HOLDER: holder | {10: 1}},
        claims | {4: True},
        claims | {65535: {1: -1}},
    ):
        assert code_of(resigned(cbor.write(changed), HEADERS)) is Code.CLAIMS
    long_form = claims | {65535: {"status_list": {"idx": 1234, "uri": "https://x"}}}
    assert code_of(resigned(cbor.write(long_form), HEADERS)) is Code.VALID


@pytest.mark.parametrize(
    ("state", "code"),
    [(KeyState.ACTIVE, Code.VALID), (KeyState.RETIRED, Code.VALID), (KeyState.COMPROMISED, Code.KEY_STATE)],
)
def test_a_retired_key_still_vouches_for_its_time_and_a_compromised_one_for_nothing(
    state: KeyState, code: Code
) -> None:
    assert code_of(TOKEN, trust=a_trust_list(trusted(BADGE_KEY, state=state))) is code


def test_validity_counts_both_of_its_ends() -> None:
    claims = claims_of()
    second = timedelta(seconds=1)
    lists = a_status_list(issued=claims.valid_from - second)
    trust = a_trust_list(trusted(BADGE_KEY), issued_at=claims.valid_from - second)
    assert code_of(TOKEN, now=claims.valid_from - second, trust=trust, status=lists) is Code.NOT_YET
    assert code_of(TOKEN, now=claims.valid_from, trust=trust, status=lists) is Code.VALID
    late = a_status_list(issued=claims.valid_until)
    assert code_of(TOKEN, now=claims.valid_until, status=late) is Code.VALID
    assert code_of(TOKEN, now=claims.valid_until + second, status=late) is Code.EXPIRED


@pytest.mark.parametrize(
    ("standing", "code"), [(CredentialStatus.REVOKED, Code.REVOKED), (CredentialStatus.SUSPENDED, Code.SUSPENDED)]
)
def test_the_status_list_has_the_last_word(standing: CredentialStatus, code: Code) -> None:
    assert code_of(TOKEN, status=a_status_list({1234: standing})) is code
    assert code_of(TOKEN, status=a_status_list({1233: standing, 1235: standing})) is Code.VALID


def test_without_a_list_in_force_nothing_is_valid() -> None:
    stale = a_status_list(issued=NOW - timedelta(days=8))
    future = a_status_list(issued=NOW + timedelta(hours=1))
    unlisted = encode_token(claims_of(status_index=2**20), BADGE_KEY)
    assert judge(TOKEN, now=NOW, trust=TRUST, status=None).code is Code.STATUS_UNKNOWN
    assert {code_of(TOKEN, status=stale), code_of(TOKEN, status=future), code_of(unlisted)} == {Code.STATUS_UNKNOWN}
    ended = a_trust_list(trusted(BADGE_KEY), expires_at=NOW - timedelta(seconds=1))
    assert code_of(TOKEN, trust=ended) is Code.STATUS_UNKNOWN
    assert judge(TOKEN, now=NOW, trust=TRUST, status=a_status_list(issued=NOW - timedelta(days=2))).is_aged


def test_a_name_too_long_is_cut_between_letters_and_the_token_says_so() -> None:
    claims = claims_of("क्षि" * 30)
    assert claims.name_truncated
    assert len(claims.name.encode()) <= 60
    assert claims.name.endswith("क्षि") or not claims.name.endswith("्")


def test_printing_a_credential_shows_nothing_personal() -> None:
    verdict = judge(TOKEN, now=NOW, trust=TRUST, status=a_status_list())
    for shown in (str(verdict.claims), repr(verdict.claims), str(verdict), repr(BADGE_KEY)):
        assert "Tornek" not in shown
