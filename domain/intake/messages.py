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
from email.policy import Compat32
from itertools import count
from typing import Annotated, Any, Final

from authres import AuthenticationResultsHeader
from authres.core import AuthResError
from pydantic import Field

from domain.errors import BadInputError
from domain.values import Frozen

TABLES: Final = (
    ".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".jsonl", ".ndjson", ".zip", ".numbers", ".gsheet",
)  # fmt: skip
"""Endings of files that can hold nominations, or are meant to; ``.txt`` too where nothing else is attached."""
PICTURES: Final = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".pdf", ".heic", ".heif", ".webp", ".tif", ".tiff", ".avif",
)  # fmt: skip
"""Endings of photographs and documents, such as can be used and such as are sent all the same."""
WRAPPED: Final = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".cab", ".lzh", ".msg", ".p7m", ".pgp")
"""Endings of files that hold others and cannot be opened: whoever reads them says what they are."""
_TNEF: Final = b"\x78\x9f\x3e\x22"
"""How the file begins in which Outlook packs attachments (MS-OXTNEF, 2.1.3.2), often called winmail.dat."""
LONGEST_NAME: Final = 255
"""Bytes of a file's name in most file systems; a longer one is cut before its ending."""
_PASSED_FOR: Final = {"dkim": (("header", "d"), ("header", "i")), "spf": (("smtp", "mailfrom"),)}
"""The properties that say for which domain a method passed (RFC 8601, 2.7)."""
MOST_PARTS: Final = 2000
MOST_RESULTS: Final = 50
LONGEST_RESULT: Final = 5000
_ATOM: Final = r'[^\s<>@,;:()"\[\]\\]+'
_ADDRESS: Final = rf"({_ATOM}@{_ATOM})"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_BARE: Final = re.compile(_ADDRESS)
_NAMED: Final = re.compile(rf'((?:{_QUOTED}|[^"<>])*)<(?:mailto:)?{_ADDRESS}>')
"""The two forms of one mailbox (RFC 5322, 3.4) without comments. What fits neither names nobody: guessing is what
forgers live on."""
_IN_NAME: Final = re.compile(_ADDRESS)
_LEADING: Final = re.compile(rf"((?:{_QUOTED}|[^\"()<>])*)\([^()]*\)")
"""A comment (RFC 5322, 3.2.2) outside quotation marks, and what stands before it."""
_DEEPEST_COMMENT: Final = 20
_DEEPEST_MESSAGE: Final = 3
"""Messages within messages, sent on as files."""
_APPLE_DOUBLE: Final = "application/applefile"
"""What macOS keeps of a file beside it (RFC 1740), under the file's own name."""
_ENDINGS: Final = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.ms-excel": ".xls",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "application/ms-tnef": ".dat",
    "application/vnd.ms-outlook": ".msg",
    "application/pkcs7-mime": ".p7m",
}
"""What ends the name of a file of each type, where its sender's program left that out."""
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>")


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
    is_from_several: bool = False
    """From names more than one address."""
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
        for attachment in self.attached:
            known.update(
                f"{attachment.name}\x1f{hashlib.sha256(attachment.content).hexdigest()}\x1e".encode("utf-8", "replace")
            )
        return known.hexdigest()

    @property
    def tables(self) -> tuple[Attached, ...]:
        """The attached files that can hold nominations."""
        found = tuple(attachment for attachment in self.attached if attachment.name.lower().endswith(TABLES))
        return found or tuple(attachment for attachment in self.attached if attachment.name.lower().endswith(".txt"))

    @property
    def wrapped(self) -> tuple[Attached, ...]:
        """The attached files that hold others and cannot be opened."""
        return tuple(
            enclosed
            for enclosed in self.attached
            if enclosed.name.lower().endswith(WRAPPED) or enclosed.content[:4] == _TNEF
        )

    @property
    def has_pictures(self) -> bool:
        """Whether photographs or documents came with it."""
        return any(attachment.name.lower().endswith(PICTURES) for attachment in self.attached)

    @property
    def enclosures(self) -> tuple[Attached, ...]:
        """The other attached files: photographs and documents that rows may name."""
        tables = {table.name for table in (*self.tables, *self.wrapped)}
        return tuple(attachment for attachment in self.attached if attachment.name not in tables)

    def is_vouched_for(self, server: str) -> bool:
        """Return whether *server* says that the sender's own domain is genuine (RFC 8601): by DMARC first.

        Where no DMARC policy is published, a DKIM signature or SPF of that domain, or of one above or below it, will
        do. A field that cannot be read, or names another domain as the sender's, vouches for nobody. The server must
        remove such fields under its own name from what comes in (RFC 8601, 5), as servers do.
        """
        domain = comparable(self.sender).rpartition("@")[2]
        try:
            return _vouched(_results(self.results, server), domain)
        except ValueError:
            return False


def read_message(content: bytes) -> ReadMessage:
    """Return what is in *content*; raises :class:`BadInputError` for what cannot be read."""
    try:
        message = _opened(content)
        return ReadMessage(
            message_id=_message_id(message),
            sender=_sender(message),
            is_from_several=_is_from_several(message),
            subject=_words(message.get("Subject", ""))[:200],
            is_automatic=_is_automatic(message),
            attached=tuple(_attached(message)),
            results=_said_of_sender(message),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError) as error:
        raise BadInputError("message", "cannot be read.", remedy="Ask the sender to send it again.") from error


def _said_of_sender(message: Message) -> tuple[str, ...]:
    """Return the fields Authentication-Results; none where they are so many that one could hide behind the others."""
    fields = message.get_all("Authentication-Results") or []
    return (
        tuple(" ".join(str(field).split())[:LONGEST_RESULT] for field in fields) if len(fields) <= MOST_RESULTS else ()
    )


class _InUtf8(Compat32):
    """Reads header fields in UTF-8 (RFC 6532), which many programs write without saying so."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


_READING: Final = _InUtf8()


def _opened(content: bytes) -> Message:
    return email.message_from_bytes(content, policy=_READING)


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
    return one_mailbox(str(fields[0])) if len(fields := message.get_all("From") or []) == 1 else ""


def _is_from_several(message: Message) -> bool:
    found = {comparable(address) for field in message.get_all("From") or [] for address in _IN_NAME.findall(str(field))}
    return len(found) > 1


def one_mailbox(field: str) -> str:
    """Return the address where *field* (From) names exactly one; empty for none, several, or an unclear one.

    People write names with parentheses, which are comments (RFC 5322, 3.2.2), with commas and colons that should be
    quoted, and programs put the address itself in place of the name. Another address in place of the name, encoded or
    not, is what forgers do: it names nobody.

    >>> one_mailbox("Lirit Shishat (Assembly) <desk@mission.example>")
    'desk@mission.example'
    >>> one_mailbox("desk@mission.example <other@mission.example>")
    ''
    """
    text = " ".join(field[:1000].split())
    if not text.isprintable():
        return ""
    for _ in range(_DEEPEST_COMMENT):
        if (shorter := _LEADING.sub(r"\1", text, count=1)) == text:
            break
        text = shorter
    text = text.strip().rstrip(",;")
    if bare := _BARE.fullmatch(text):
        return bare[1][:320]
    named = _NAMED.fullmatch(text)
    if named is None:
        return ""
    said = _words(named[1])
    others = {comparable(address) for address in _IN_NAME.findall(said.replace('"', " ").replace("'", " "))}
    clear = others <= {comparable(named[2])} and (others or "@" not in said)
    return named[2][:320] if clear else ""


def _is_automatic(message: Message) -> bool:
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    bulk = str(message.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    return said != "no" or bulk or str(message.get("Return-Path", "")).strip() == "<>" or "List-Id" in message


def _attached(message: Message) -> Iterator[Attached]:
    """Yield the files. Pictures of one name and different content stand in numbered folders: none is the other."""
    files = list(_files(message))
    pictures: dict[str, list[bytes]] = {}
    for name, content in files:
        if name.lower().endswith(PICTURES) and content not in pictures.setdefault(name, []):
            pictures[name].append(content)
    taken: set[str] = set()
    for name, content in files:
        same = pictures.get(name, [])
        own = f"{same.index(content) + 1}/{name}" if len(same) > 1 else name if same else _free(name, taken)
        if own not in taken:
            taken.add(own)
            yield Attached(name=own, content=content)


def _files(message: Message, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the files, with those of messages that were sent on as files."""
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            raise ValueError("more parts than anybody attaches")
        if part.is_multipart() or part.get_content_type() == _APPLE_DOUBLE or not (name := _name(part)):
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if name.lower().endswith(".eml") and depth < _DEEPEST_MESSAGE:
            yield from _files(_opened(content), depth + 1)
        else:
            yield name, content


def _name(part: Message) -> str:
    """Return the file name of *part* without any folder, with an ending; empty for what is no file."""
    named, ending = part.get_filename(), _ENDINGS.get(part.get_content_type(), "")
    if named is None:
        return f"nominations{ending}" if ending in TABLES else ""
    last = _words(named).replace("\\", "/").rstrip("/").rpartition("/")[2].strip().lstrip(".")
    return fitting(last if not last or re.search(r"\.\w{2,10}$", last) else f"{last}{ending}")


def fitting(name: str, longest: int = LONGEST_NAME) -> str:
    """Return *name* as it is, or cut before its ending to *longest* bytes, where no file system could hold it."""
    stem, dot, ending = name.rpartition(".")
    room = longest - len(ending[:15].encode("utf-8", "replace")) - 1
    if len(name.encode("utf-8", "replace")) <= longest:
        return name
    return f"{stem.encode('utf-8', 'replace')[:room].decode('utf-8', 'ignore')}{dot}{ending[:15]}"


def _free(name: str, taken: set[str]) -> str:
    """Return *name*, numbered where another file of the same message has it already."""
    stem, dot, ending = name.rpartition(".")
    numbered = (f"{stem}-{number}{dot}{ending}" for number in count(2))
    return name if name not in taken else next(candidate for candidate in numbered if candidate not in taken)


def _results(fields: tuple[str, ...], server: str) -> list[Any]:
    """Return what *server* wrote into its fields (RFC 8601, 2.2); raises ValueError for one that cannot be read."""
    found: list[Any] = []
    for field in fields:
        try:
            read: Any = AuthenticationResultsHeader.parse_value(field)
        except (AuthResError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
            if server.casefold() in field.casefold():
                raise ValueError("a field of the own server cannot be read") from error
            continue  # another server's field is none of ours
        if str(read.authserv_id).casefold() == server.casefold():
            found += read.results
    return found


def _vouched(results: list[Any], domain: str) -> bool:
    """Whether *results* say that the sender's *domain* is genuine: DMARC says so first, and its word is the last."""
    named = [value for result in results for value in _values(result, "header", "from")]
    if not domain or any(_domain(value) != domain for value in named):
        return False
    verdicts = [(str(result.result).casefold(), result) for result in results if result.method == "dmarc"]
    if any(said != "none" for said, _ in verdicts):
        return all(said == "pass" and _values(line, "header", "from") for said, line in verdicts)
    passed = [result for result in results if str(result.result).casefold() == "pass"]
    signed = [
        value for check in passed if check.method == "dkim" for name in "di" for value in _values(check, "header", name)
    ]
    sent = [value for check in passed if check.method == "spf" for value in _values(check, "smtp", "mailfrom")]
    return any(_is_aligned(_domain(value), domain) for value in (*signed, *sent))


def _values(result: Any, kind: str, name: str) -> list[str]:
    return [
        str(property_.value)
        for property_ in result.properties
        if (property_.type, property_.name) == (kind, name) and property_.value
    ]


def _domain(value: str) -> str:
    return comparable(f"x@{value.rpartition('@')[2]}").rpartition("@")[2]


def _is_aligned(found: str, domain: str) -> bool:
    return "." in found and (found == domain or domain.endswith(f".{found}") or found.endswith(f".{domain}"))
