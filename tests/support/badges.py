"""What tests of badges, lists and the offline checker share: keys, tokens, lists, badges, and a browser."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from PIL import Image, ImageDraw

from domain.credentials import base45
from domain.credentials.claims import CredentialClaims, photo_hash
from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.states import CredentialStatus
from domain.credentials.status_list import BITS, StatusList, packed, signed_status_list
from domain.credentials.trust_list import KeyPurpose, KeyState, TrustedKey, TrustList, signed_trust_list
from domain.credentials.verdict import encode_token
from notifications.badge.contents import Badge
from notifications.badge.photo import printed_photo
from notifications.pages.checker import Checker

TOKEN = "OAC1:" + base45.encode(bytes(range(230)))
NOW = datetime(2027, 6, 10, 7, 0, tzinfo=UTC)
BADGE, STATUS, ROOT, LOST = (
    held(ed25519.Ed25519PrivateKey.from_private_bytes(seed * 32)) for seed in (b"b", b"s", b"r", b"l")
)
P256 = held(ec.derive_private_key(4711, ec.SECP256R1()))
SUSPENDED, REVOKED = 21, 22
NO_BLAME = {31: CredentialStatus.LOST, 32: CredentialStatus.REPLACED, 33: CredentialStatus.WITHDRAWN}


def listed(key: HeldKey, purpose: KeyPurpose = KeyPurpose.BADGE, state: KeyState = KeyState.ACTIVE) -> TrustedKey:
    return TrustedKey(
        issuer="TEST",
        algorithm=key.algorithm,
        raw=raw_public_key(key.public_key),
        not_before=NOW - timedelta(days=60),
        not_after=NOW + timedelta(days=60),
        state=state,
        purpose=purpose,
    )


def a_trust_list(sequence: int = 5, *, issued: datetime = NOW - timedelta(hours=2)) -> TrustList:
    keys = (listed(BADGE), listed(P256), listed(LOST, state=KeyState.COMPROMISED), listed(STATUS, KeyPurpose.STATUS))
    return TrustList(
        issuer="TEST", sequence=sequence, issued_at=issued, expires_at=issued + timedelta(days=40), keys=keys
    )


def a_status_list(
    *,
    issued: datetime = NOW - timedelta(hours=2),
    revoked: int = REVOKED,
    uri: str = "https://x.invalid/s",
    of: tuple[str, int] = ("", 0),
    serials: tuple[str, ...] = (),
) -> bytes:
    said = {SUSPENDED: CredentialStatus.SUSPENDED, revoked: CredentialStatus.REVOKED} | NO_BLAME
    octets = packed(said, size=4096)
    end = issued + timedelta(days=7)
    listed_now = StatusList(
        uri, issued, end, timedelta(hours=24), BITS, octets, election=of[0], sequence=of[1], serials=serials
    )
    return signed_status_list(listed_now, STATUS)


def a_token(name: str = "Ilva Tornek", *, key: HeldKey = BADGE, **changes: object) -> str:
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
        "status_index": 7,
        "photo_hash": photo_hash(b"portrait"),
    }
    return encode_token(CredentialClaims.fitting(name, **(facts | changes)), key)


def a_checker(**changes: object) -> Checker:
    facts: dict[str, object] = {
        "title": "General election of Valdara 2027 <&>",
        "languages": ("en", "ar", "fr", "es"),
        "roots": (raw_public_key(ROOT.public_key),),
        "trust": signed_trust_list(a_trust_list(), ROOT),
        "status": a_status_list(),
        "roles": {"LTO": {"en": "Long-term observer", "ar": "مراقب طويل الأمد"}},
        "regions": {"NORTH-2": {"en": "North 2 </script>"}},
        "notices": {"NORTH-2": {"en": "Travel in daylight only."}},
    }
    return Checker.model_validate(facts | changes)


def until(page: Any, expression: str) -> None:
    """Wait until *expression* holds; the page's policy forbids the browser driver's own way of waiting."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(expression, page.text_content("#note"))


def a_portrait(shade: int = 120) -> bytes:
    picture = Image.new("RGB", (300, 420), (shade, 180, 200))
    ImageDraw.Draw(picture).ellipse((80, 60, 220, 300), fill=(210, 170, 140))
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


PHOTO = printed_photo(a_portrait())


def a_badge(**changes: object) -> Badge:
    facts: dict[str, object] = {
        "passport_name": "ILVA TORNEK",
        "role": "Observer",
        "organisation": "Valdara Watch",
        "region": "North 2",
        "valid_from": date(2027, 5, 20),
        "valid_until": date(2027, 6, 30),
        "serial": "XVD-0000042",
        "issuer": "Electoral Commission of Valdara",
        "election": "General election of Valdara 2027",
        "token": TOKEN,
        "photo": PHOTO,
    }
    return Badge.model_validate(facts | changes)
