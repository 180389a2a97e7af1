"""Trust list, status list, indices and document tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.credentials.bundle import ListRefusedError
from domain.credentials.claims import document_tag
from domain.credentials.cose import Algorithm
from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.status_list import (
    BITS,
    CredentialStatus,
    StatusList,
    open_status_list,
    packed,
    signed_status_list,
    status_index,
)
from domain.credentials.trust_list import (
    KeyPurpose,
    KeyState,
    TrustedKey,
    TrustList,
    open_trust_list,
    signed_trust_list,
)

NOW = datetime(2027, 5, 16, tzinfo=UTC)
BADGE, STATUS, ROOT = (held(ed25519.Ed25519PrivateKey.from_private_bytes(seed * 32)) for seed in (b"1", b"2", b"3"))


def listed(key: HeldKey, purpose: KeyPurpose, *, issuer: str = "TEST", state: KeyState = KeyState.ACTIVE) -> TrustedKey:
    return TrustedKey(
        issuer=issuer,
        algorithm=Algorithm.ED25519,
        raw=raw_public_key(key.public_key),
        not_before=NOW - timedelta(days=9),
        not_after=NOW + timedelta(days=9),
        state=state,
        purpose=purpose,
    )


def a_trust_list(*keys: TrustedKey, issuer: str = "TEST") -> TrustList:
    return TrustList(issuer=issuer, sequence=3, issued_at=NOW, expires_at=NOW + timedelta(days=30), keys=keys)


TRUST = a_trust_list(listed(BADGE, KeyPurpose.BADGE, state=KeyState.RETIRED), listed(STATUS, KeyPurpose.STATUS))


def a_status_list(octets: bytes) -> StatusList:
    return StatusList("https://x.invalid/s", NOW, NOW + timedelta(days=7), timedelta(hours=24), BITS, octets)


def test_a_trust_list_is_believed_from_the_pinned_root_only() -> None:
    message = signed_trust_list(TRUST, ROOT)
    assert open_trust_list(message, [listed(ROOT, KeyPurpose.STATUS)]) == TRUST
    for stranger in (BADGE, STATUS):
        with pytest.raises(ListRefusedError):
            open_trust_list(message, [listed(stranger, KeyPurpose.STATUS)])


@given(at=st.integers(0, 10_000), change=st.integers(1, 255))
def test_a_changed_list_is_never_opened(at: int, change: int) -> None:
    for message in (signed_trust_list(TRUST, ROOT), signed_status_list(a_status_list(b"\x00" * 64), STATUS)):
        forged = bytearray(message)
        forged[at % len(forged)] ^= change
        with pytest.raises(ListRefusedError):
            open_trust_list(bytes(forged), [listed(ROOT, KeyPurpose.STATUS)])
        with pytest.raises(ListRefusedError):
            open_status_list(bytes(forged), TRUST.status_keys(now=NOW))


def test_a_test_key_has_no_place_among_the_keys_of_a_real_commission() -> None:
    with pytest.raises(ValidationError):
        a_trust_list(listed(BADGE, KeyPurpose.BADGE), issuer="VALDARA")
    assert a_trust_list(listed(BADGE, KeyPurpose.BADGE, issuer="VALDARA"), issuer="VALDARA").keys


def test_only_a_status_key_in_force_signs_the_status_list() -> None:
    message = signed_status_list(a_status_list(b"\x00" * 64), BADGE)
    with pytest.raises(ListRefusedError):
        open_status_list(message, TRUST.status_keys(now=NOW))
    compromised = a_trust_list(listed(STATUS, KeyPurpose.STATUS, state=KeyState.COMPROMISED))
    assert compromised.status_keys(now=NOW) == ()
    assert TRUST.status_keys(now=NOW + timedelta(days=10)) == ()


def test_a_list_of_one_kind_is_not_taken_for_the_other() -> None:
    root = [listed(ROOT, KeyPurpose.STATUS)]
    with pytest.raises(ListRefusedError):
        open_status_list(signed_trust_list(TRUST, ROOT), root)
    with pytest.raises(ListRefusedError):
        open_trust_list(signed_status_list(a_status_list(b"\x00" * 64), ROOT), root)


@given(st.dictionaries(st.integers(0, 999), st.sampled_from(CredentialStatus)))
def test_a_status_list_says_of_each_index_what_was_put_there(standings: dict[int, CredentialStatus]) -> None:
    message = signed_status_list(a_status_list(packed(standings, size=1000)), STATUS)
    opened = open_status_list(message, TRUST.status_keys(now=NOW))
    assert all(opened.entry(index) == standings.get(index, CredentialStatus.VALID) for index in range(1000))
    assert opened.entry(1000) is None
    assert opened.entry(-1) is None


def test_twenty_thousand_entries_with_one_in_twenty_revoked_fit_a_code_on_paper() -> None:
    revoked = Random(11).sample(range(20_000), 1_000)
    message = signed_status_list(
        a_status_list(packed(dict.fromkeys(revoked, CredentialStatus.REVOKED), size=20_000)), STATUS
    )
    assert len(message) <= 1_500


def test_a_list_that_unfolds_into_more_than_a_mebibyte_is_refused() -> None:
    bomb = signed_status_list(a_status_list(bytes(1 << 21)), STATUS)
    assert len(bomb) < 4_000
    with pytest.raises(ListRefusedError, match="too large"):
        open_status_list(bomb, TRUST.status_keys(now=NOW))


@given(size=st.integers(1, 3_000), seed=st.binary(min_size=16, max_size=32))
def test_every_credential_gets_a_place_of_its_own(size: int, seed: bytes) -> None:
    assert sorted(status_index(number, seed=seed, size=size) for number in range(size)) == list(range(size))


def test_places_do_not_tell_the_order_of_issue() -> None:
    places = [status_index(number, seed=b"seed of the test", size=100_000) for number in range(2_000)]
    rising = sum(later > earlier for earlier, later in pairwise(places))
    assert 900 < rising < 1_100
    with pytest.raises(ValueError, match="places"):
        status_index(100_000, seed=b"seed of the test", size=100_000)


def test_a_document_tag_needs_the_secret_and_ignores_how_the_number_is_spaced() -> None:
    tag = document_tag("AB 12-345", issuing_state="XAA", secret=b"s" * 32)
    assert tag == document_tag("ab12345", issuing_state="XAA", secret=b"s" * 32)
    assert len({tag, document_tag("AB12345", issuing_state="XAB", secret=b"s" * 32)}) == 2
    assert tag != document_tag("AB12345", issuing_state="XAA", secret=b"t" * 32)
