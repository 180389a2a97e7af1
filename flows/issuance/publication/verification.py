"""Checking a credential at headquarters: the same rules as at a polling station, with the ledger as status list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.store import open_reader
from domain.credentials.foreign import other_kind
from domain.credentials.ring import KeyRing
from domain.credentials.status_list import StatusList, status_list_at
from domain.credentials.verdict import PREFIX, Verdict, as_typed, is_serial, judge
from domain.errors import BadInputError
from domain.identity.images import sniffed
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import database
from flows.issuance.signing.keys import load_ring
from flows.runtime.processes.readers import Reader, plain_content
from flows.settings import settings

_WHAT_TO_GIVE: Final = f"Give text that begins with {PREFIX}, or the path of a PNG, JPEG or PDF."


def tokens_of(what: str) -> list[str]:
    """Return the tokens in *what*: the text itself, or every code in the picture or PDF of that path."""
    if (token := as_typed(what)).startswith(PREFIX):
        return [token]
    path = Path(what)
    try:
        content = plain_content(path)
    except (OSError, ValueError) as error:
        raise _no_token(what) from error
    tokens = tokens_in(content)
    if not tokens:
        remedy = "Take a sharper, larger picture." if sniffed(content) else _WHAT_TO_GIVE
        raise BadInputError(path.name, "shows no observer credential.", remedy=remedy)
    return tokens


def _no_token(what: str) -> BadInputError:
    if is_serial(what):
        return BadInputError(
            what, "is a serial number, which cannot be checked: anybody can copy it.",
            remedy="Give the code of the badge (a picture, a PDF, or its text). What became of the serial is in the "
            "register, and in: accredit credential ledger",
        )  # fmt: skip
    kind = other_kind(what)
    return BadInputError(
        what[:80], f"is {kind or 'neither a token nor a file that can be read'}.",
        remedy=_WHAT_TO_GIVE,
    )  # fmt: skip


def tokens_in(content: bytes) -> list[str]:
    """Return every different token in a picture, a PDF or a text file of one token a line."""
    with Reader() as reader:
        tokens = list(dict.fromkeys(code for code in reader.codes(content) if code.startswith(PREFIX)))
    if not tokens and content.isascii():
        lines = map(as_typed, content.decode("ascii").splitlines())
        tokens = [line for line in lines if line.startswith(PREFIX)]
    return tokens


def verify(what: str, election: ElectionCode, *, now: UtcTime) -> Verdict:
    """Return the verdict on a token, or on the first one of a picture or PDF, at *now*."""
    return verify_token(tokens_of(what)[0], election, now=now)


def verify_token(token: str, election: ElectionCode, *, now: UtcTime) -> Verdict:
    """Return the verdict on the text of a token at *now*."""
    ring = load_ring(settings().keys_folder)
    status = current_status(election, ring, now=now)
    return judge(token, now=now, trust=ring.trust_list(now=now), status=status)


class Checked(Frozen):
    """What a check of one file or text found; ``file`` is empty for text."""

    file: str = ""
    code: str
    valid: bool
    sentence: str
    serial: str | None = None
    name: str | None = None
    role: str | None = None
    organisation: str | None = None
    regions: tuple[str, ...] = ()
    valid_until: UtcTime | None = None


NO_CODE: Final = "NO_CODE"
"""Nothing in the file looks like a credential."""


class Examiner:
    """Judges any number of credentials by the keys and the ledger of one moment, read once."""

    def __init__(self, election: ElectionCode, *, now: UtcTime) -> None:
        ring = load_ring(settings().keys_folder)
        self._now = now
        self._trust = ring.trust_list(now=now)
        self._status = current_status(election, ring, now=now)

    def token(self, token: str, file: str = "") -> Checked:
        """Judge the text of a token."""
        verdict = judge(token, now=self._now, trust=self._trust, status=self._status)
        found = Checked(file=file, code=verdict.code, valid=verdict.is_valid, sentence=verdict.sentence)
        if verdict.claims is None:
            return found
        claims = verdict.claims
        facts = ("serial", "name", "role", "organisation", "regions", "valid_until")
        return found.revised(**{fact: getattr(claims, fact) for fact in facts})

    def content(self, content: bytes, file: str) -> Iterator[Checked]:
        """Judge every different credential in a picture, a PDF or a text file of one token a line."""
        tokens = tokens_in(content)
        yield from (self.token(token, file) for token in tokens)
        if not tokens:
            yield Checked(file=file, code=NO_CODE, valid=False, sentence="No observer credential was found in it.")

    def folder(self, folder: Path) -> Iterator[Checked]:
        """Judge every picture, PDF and text below *folder*, by name; one that cannot be read is reported."""
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file()):
            name = path.relative_to(folder).as_posix()
            try:
                content = plain_content(path)
            except OSError:
                content = b""
            yield from self.content(content, name)


KINDS: Final = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".txt"})


def current_status(election: ElectionCode, ring: KeyRing, *, now: UtcTime) -> StatusList:
    """Return the status list as the ledger has it at this moment."""
    with open_reader(database()) as store:
        rules = store.elections.profile(election).credential
        standings = store.credentials.standings(election)
        serials = store.credentials.beginnings(election, rules.serial_prefix)
    key_id = ring.active("status", now=now).key_id
    uri = f"urn:accreditation:{election}"
    return status_list_at(
        now, standings, uri=uri, size=rules.status_list_size, key_id=key_id, election=election, serials=serials
    )
