"""Publication: what stations and the public need, as static files that any web server or USB stick carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from domain.credentials import base45
from domain.credentials.claims import TEST_ISSUER
from domain.credentials.cose import Sign1RefusedError, Signer, check_signature, parse_sign1
from domain.credentials.jwk import jwk_of
from domain.credentials.ring import ROOT, KeyFolderError, KeyRing
from domain.credentials.status_list import signed_status_list
from domain.credentials.trust_list import KeyState, TrustedKey, TrustList, open_trust_list, signed_trust_list
from domain.errors import BadInputError
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, election_context
from flows.issuance.publication.log import published_log
from flows.issuance.publication.public_register import snapshot_files
from flows.issuance.publication.published_log import require_goes_on
from flows.issuance.publication.register import serial_register
from flows.issuance.publication.verification import current_status
from flows.issuance.signing.keys import ensure_demo_keys, found_signer, load_ring, signer_for
from flows.settings import settings
from notifications.badge.code import CodeFailedError, sheet_svg
from notifications.badge.rendering import render_pages
from notifications.badge.scripts import EVERY_FAMILY
from notifications.pages.checker import Checker, checker_html, publish_files, write_files
from notifications.pages.proof import proof_html
from notifications.pages.register import register_json, register_pages

REGISTER, STATUS, TRUST, PAPER = "register.json", "status.cose", "trust.cose", "lists.pdf"
_SHEETS = ((TRUST, "OACT:", "Trusted keys"), (STATUS, "OACS:", "Credentials that do not count"))


@dataclass(frozen=True, slots=True)
class Published:
    """What was written where; ``changed`` names the files that are not as they were."""

    folder: Path
    files: tuple[str, ...]
    changed: tuple[str, ...]
    status_bytes: int
    status_until: UtcTime
    trust_until: UtcTime
    fresh_until: UtcTime
    """Until then stations show the lists as fresh, afterwards in amber with their age."""
    issued_at: UtcTime

    def phase(self, now: UtcTime) -> Literal["early", "fresh", "aged", "ended"]:
        """Return what a station whose clock says *now* makes of the lists; early and ended confirm nothing."""
        if now < self.issued_at:
            return "early"
        if now > min(self.status_until, self.trust_until):
            return "ended"
        return "aged" if now > self.fresh_until else "fresh"


def publish(folder: Path, election: ElectionCode, *, now: UtcTime) -> Published:
    """Write checker, signed lists, key set and public register into *folder*; at the same moment nothing changes.

    Raises :class:`BadInputError` where the folder holds lists of a later moment, because stations refuse older ones,
    or a log that the one here does not go on from.
    """
    context = election_context(election, now.replace(microsecond=0))
    _refuse_rollback(folder, context.now)
    require_goes_on(folder, election)
    ring = _ring(context)
    trust, signed_trust = _trust(folder, ring, now=context.now)
    status = current_status(election, ring, now=context.now)
    lister = signer_for(ring.active("status", now=context.now))
    lists = {TRUST: signed_trust, STATUS: _kept_or(folder / STATUS, signed_status_list(status, lister), lister)}
    register = serial_register(context)
    paper = _on_paper(context, lists, until=min(status.expires_at, trust.expires_at))
    contents = {
        "checker.html": checker_html(_checker(context, ring, lists[TRUST], lists[STATUS])).encode(),
        **lists,
        **paper,
        "keys.json": (json.dumps({"keys": [public_jwk(key) for key in trust.keys]}, indent=1) + "\n").encode(),
        REGISTER: register_json(register),
        **register_pages(register, context.profile.languages),
        "proof.html": proof_html(context.profile.election.title, context.profile.languages).encode(),
    }
    log = published_log(election, now=context.now)
    snapshot = snapshot_files(folder, context, lister)
    changed = publish_files(folder, contents) + write_files(folder, {**log, **snapshot})
    fresh_until = min(status.issued_at + status.ttl, trust.issued_at + trust.ttl)
    sizes = len(lists[STATUS])
    ends = (status.expires_at, trust.expires_at, fresh_until)
    return Published(
        folder, (*contents, *log, *snapshot), changed, sizes, *ends, max(status.issued_at, trust.issued_at)
    )


def _trust(folder: Path, ring: KeyRing, *, now: UtcTime) -> tuple[TrustList, bytes]:
    """Return the trust list and its signed form: made now where the root key is at hand, else as it was exported."""
    root = found_signer(ring.active(ROOT, now=now))
    if root is None:
        return _exported(folder, ring, now=now)
    trust = ring.trust_list(now=now)
    return trust, _kept_or(folder / TRUST, signed_trust_list(trust, root), root)


def _exported(folder: Path, ring: KeyRing, *, now: UtcTime) -> tuple[TrustList, bytes]:
    """Return the newest list, of *folder* or beside the ring, that a root signed for exactly the keys of the ring."""
    wanted = ring.trust_list(now=now)
    usable: list[tuple[TrustList, bytes]] = []
    for path in (folder / TRUST, settings().keys_folder / TRUST):
        try:
            message = path.read_bytes()
            trust = open_trust_list(message, _pinned(ring))
        except (OSError, BadInputError):
            continue
        is_current = trust.issued_at <= now < trust.expires_at
        if is_current and (trust.issuer, trust.sequence, trust.keys) == (wanted.issuer, wanted.sequence, wanted.keys):
            usable.append((trust, message))
    if not usable:
        raise KeyFolderError(
            "root key", f"is not here, and no trust list of exactly these keys that is in force lies in {folder}.",
            remedy="Copy ring.json to the root key, run accredit keys export-trust there, and put trust.cose here.",
        )  # fmt: skip
    return max(usable, key=lambda one: one[0].issued_at)


def _pinned(ring: KeyRing) -> tuple[TrustedKey, ...]:
    return tuple(key for key in ring.roots() if key.state is not KeyState.COMPROMISED)


def _on_paper(context: ElectionContext, lists: Mapping[str, bytes], *, until: UtcTime) -> dict[str, bytes]:
    """Return the lists as codes on sheets of A4, which the checker scans; nothing where one is too long for a code."""
    zone, title = context.profile.zone, context.profile.election.title
    made, end = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" for moment in (context.now, until))
    lines = [f"As of {made}. Nothing is confirmed with it after {end}.", "Scan it in the checker, like a badge."]
    try:
        pages = [
            {"heading": heading, "code": sheet_svg(prefix + base45.encode(lists[name])), "lines": lines}
            for name, prefix, heading in _SHEETS
        ]
    except CodeFailedError:
        return {}
    content = {"title": title, "families": EVERY_FAMILY, "pages": pages}
    return {PAPER: render_pages("lists.typ", content, begins=context.now.date())}


def _ring(context: ElectionContext) -> KeyRing:
    issuer = context.profile.credential.issuer
    folder = settings().keys_folder
    return ensure_demo_keys(folder, now=context.now) if issuer == TEST_ISSUER else load_ring(folder, issuer=issuer)


def _refuse_rollback(folder: Path, now: UtcTime) -> None:
    try:
        held = datetime.fromisoformat(json.loads((folder / REGISTER).read_text(encoding="utf-8"))["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if held > now:
        raise BadInputError(
            str(folder), f"already holds lists of {held:%Y-%m-%d %H:%M} UTC, which is later than this moment.",
            remedy="Give a later --as-of, or another folder.",
        )  # fmt: skip


def _kept_or(path: Path, message: bytes, signer: Signer) -> bytes:
    """Return the list in *path* where *signer* signed the same there before (ES256 signs differently each time)."""
    try:
        held = path.read_bytes()
        before, after = parse_sign1(held), parse_sign1(message)
    except (OSError, Sign1RefusedError):
        return message
    same = (before.payload, before.headers) == (after.payload, after.headers)
    return held if same and check_signature(before, signer.public_key, signer.algorithm) else message


def _checker(context: ElectionContext, ring: KeyRing, trust: bytes, status: bytes) -> Checker:
    profile = context.profile
    language = profile.languages[0]
    places = context.geography.regions
    return Checker(
        title=profile.election.title,
        election=context.election,
        languages=profile.languages,
        zone=profile.election.timezone,
        roots=tuple(key.raw for key in _pinned(ring)),
        trust=trust,
        status=status,
        roles={profile.role_code(role): {language: profile.role_word(role)} for role in profile.known_roles},
        regions={region.code: {language: region.name} for region in places},
        notices={region.code: {language: region.notice.text} for region in places if region.notice},
        organisations={code: {language: organisation.name} for code, organisation in context.organisations.items()},
    )


def public_jwk(key: TrustedKey) -> dict[str, Any]:
    """Return a published key as JWK (RFC 7517), with its window, state and purpose."""
    window = {"nbf": int(key.not_before.timestamp()), "exp": int(key.not_after.timestamp())}
    return jwk_of(key.public_key, key.key_id) | window | {"state": key.state.value, "purpose": key.purpose.value}
