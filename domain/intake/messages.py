"""Reading a message (RFC 5322, RFC 2045) that anybody may have sent: sender, who vouches for it, attachments."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from itertools import count
from typing import Annotated, Final

from pydantic import Field

from domain.errors import BadInputError
from domain.values import Frozen

TABLES: Final = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".jsonl", ".ndjson", ".zip")
"""Endings of files that can hold nominations; ``.txt`` too where nothing else is attached."""
MOST_PARTS: Final = 2000
_ATOM: Final = r'[^\s<>@,;:()"\[\]\\]+'
_ADDRESS: Final = rf"({_ATOM}@{_ATOM})"
_FROM: Final = (
    re.compile(rf"{_ADDRESS}(?:\s*\([^()]*\))?"),
    re.compile(rf'(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:()\\]*)\s*<{_ADDRESS}>'),
)
"""The two forms of one mailbox (RFC 5322, 3.4). What fits neither names nobody: guessing is what forgers live on."""
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_PROPERTY: Final = re.compile(r"\b(?:header\.(?:from|d|i)|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]+)")


class Attached(Frozen):
    """A file that came with a message; its name cannot lead anywhere."""

    name: Annotated[str, Field(repr=False)]
    content: Annotated[bytes, Field(repr=False)]


class ReadMessage(Frozen):
    """The headers of a message and its attachments."""

    message_id: Annotated[str, Field(repr=False)] = ""
    """As it can be answered; empty where it has none or an unusable one."""
    sender: Annotated[str, Field(repr=False)] = ""
    """The address in From; empty unless there is exactly one."""
    subject: Annotated[str, Field(repr=False)] = ""
    is_automatic: bool = False
    """A program sent it (RFC 3834): it is not answered, so that two programs never write to each other for ever."""
    attached: Annotated[tuple[Attached, ...], Field(repr=False)] = ()
    results: Annotated[tuple[str, ...], Field(repr=False)] = ()
    """The fields Authentication-Results."""

    def __str__(self) -> str:
        return "message"

    @property
    def digest(self) -> str:
        """The SHA-256 of what is attached, names and contents."""
        known = hashlib.sha256()
        for one in self.attached:
            known.update(f"{one.name}\x1f{hashlib.sha256(one.content).hexdigest()}\x1e".encode("utf-8", "replace"))
        return known.hexdigest()

    @property
    def tables(self) -> tuple[Attached, ...]:
        """The attached files that can hold nominations."""
        found = tuple(one for one in self.attached if one.name.lower().endswith(TABLES))
        return found or tuple(one for one in self.attached if one.name.lower().endswith(".txt"))

    @property
    def enclosures(self) -> tuple[Attached, ...]:
        """The other attached files: photographs and documents that rows may name."""
        tables = {one.name for one in self.tables}
        return tuple(one for one in self.attached if one.name not in tables)

    def is_vouched_for(self, server: str) -> bool:
        """Return whether *server* says that DMARC, DKIM or SPF passed for the sender's own domain (RFC 8601).

        The server must remove such fields under its own name from what comes in (RFC 8601, 5), as servers do.
        """
        domain = comparable(self.sender).rpartition("@")[2]
        return any(_passed(field, server, domain) for field in self.results)


def read_message(content: bytes) -> ReadMessage:
    """Return what is in *content*; raises :class:`BadInputError` for what cannot be read."""
    try:
        message = email.message_from_bytes(content)
        return ReadMessage(
            message_id=_message_id(message),
            sender=_sender(message),
            subject=_words(message.get("Subject", ""))[:200],
            is_automatic=_is_automatic(message),
            attached=tuple(_attached(message)),
            results=tuple(_words(field)[:5000] for field in (message.get_all("Authentication-Results") or [])[:50]),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError) as error:
        raise BadInputError("message", "cannot be read.", remedy="Ask the sender to send it again.") from error


def comparable(address: str) -> str:
    """Return *address* so that two spellings of one mailbox are equal: letters in one case, the domain as in the DNS.

    >>> comparable("Desk@Mission.EXAMPLE")
    'desk@mission.example'
    """
    local, _, domain = address.strip().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local.casefold()}@{domain.casefold()}"


def _words(raw: object) -> str:
    """Return a header as one line of text."""
    try:
        text = str(make_header(decode_header(str(raw))))
    except (ValueError, LookupError, MessageError):
        text = str(raw)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _message_id(message: Message) -> str:
    found = _MESSAGE_ID.fullmatch(str(message.get("Message-ID", "")).strip())
    return found[0] if found else ""


def _sender(message: Message) -> str:
    fields = message.get_all("From") or []
    text = " ".join(str(fields[0])[:1000].split()) if len(fields) == 1 else ""
    if not text.isprintable():
        return ""
    return next((found[1] for form in _FROM if (found := form.fullmatch(text))), "")[:320]


def _is_automatic(message: Message) -> bool:
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    bulk = str(message.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    return said != "no" or bulk or str(message.get("Return-Path", "")).strip() == "<>" or "List-Id" in message


def _attached(message: Message) -> Iterator[Attached]:
    taken: set[str] = set()
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            raise ValueError("more parts than anybody attaches")
        if part.is_multipart() or not (name := _free(_name(part), taken)):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            taken.add(name)
            yield Attached(name=name, content=content)


def _name(part: Message) -> str:
    """Return the file name of *part* without any folder; empty for what is no file."""
    named = part.get_filename()
    if named is None:
        return "nominations.csv" if part.get_content_type() == "text/csv" else ""
    last = _words(named).replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, ending = last.strip().lstrip(".").rpartition(".")
    return f"{stem[:40]}{dot}{ending[:15]}"


def _free(name: str, taken: set[str]) -> str:
    """Return *name*, numbered where another file of the same message has it already."""
    stem, dot, ending = name.rpartition(".")
    numbered = (f"{stem}-{number}{dot}{ending}" for number in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _passed(field: str, server: str, domain: str) -> bool:
    """Return whether *field* was written by *server* and holds a pass for *domain*, or one above or below it."""
    text = field
    while (shorter := _COMMENT.sub(" ", text)) != text:
        text = shorter
    author, *results = text.split(";")
    if not domain or author.casefold().split()[:1] != [server.casefold()]:
        return False
    return any(
        re.match(r"\s*(?:dmarc|dkim|spf)(?:/\d+)?\s*=\s*pass\b", result, re.IGNORECASE)
        and any(_is_aligned(found.rpartition("@")[2], domain) for found in _PROPERTY.findall(result))
        for result in results
    )


def _is_aligned(found: str, domain: str) -> bool:
    other = comparable(f"x@{found}").rpartition("@")[2]
    return "." in other and (other == domain or domain.endswith(f".{other}") or other.endswith(f".{domain}"))
