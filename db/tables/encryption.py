"""Columns whose values are encrypted, each under a key of its own and bound to its table, column and row.

A value is encrypted when its row is written, whoever writes it, and opened when it is read: the column's type asks the
database for the row's key beside the value. A value that was moved to another row or column does not open. What is
empty is stored as it is; of a document those members stay open that are codes and that SQL looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Connection, Dialect, Engine, Insert, String, Table, TypeDecorator, Update, event

from db.tables.base import Document
from domain.errors import UnavailableError

MARK: Final = "enc1:"
"""What an encrypted text begins with; the name of its key follows."""
NAME: Final = 32
"""Characters of that name."""
_APART: Final = "\x1f"
_MEMBER: Final = "encrypted"
_COLUMNS: Final = "encrypted columns"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that is wanted: for what stands in one place, of one person where it is of one."""

    place: str
    person: str | None = None


class Keys(Protocol):
    """Who encrypts and opens values; see :class:`db.personal_keys.PersonalKeys`."""

    def encrypted(self, contents: Sequence[tuple[Wanted, bytes]]) -> list[str]:
        """Return each content under a fresh key."""
        ...

    def decrypted(self, text: str, place: str) -> bytes:
        """Return the content that was encrypted for *place*; raises :class:`UnavailableError` where none opens."""
        ...

    def person_of(self, places: Sequence[str]) -> Mapping[str, str]:
        """Return whose each of *places* is, where it is anybody's."""
        ...

    def settle(self) -> None:
        """Return once every key that was made is on the disk."""
        ...

    def check(self) -> None:
        """Raise :class:`BadInputError` where there are none, or where the master key is another."""
        ...

    def index(self, text: str) -> str:
        """Return a hash of *text* that tells nothing to whoever has not the keys."""
        ...


def _nobody() -> Keys:
    raise UnavailableError("No personal keys were named: nothing about people can be read or written.")


_finders: list[Callable[[], Keys]] = [_nobody]
_leaves: ContextVar[bool] = ContextVar("leaves what is unreadable", default=False)


def use_keys(find: Callable[[], Keys]) -> Callable[[], Keys]:
    """Let *find* tell the keys from now on, for every database of this process; returns what told them before."""
    before, _finders[:] = _finders[0], [find]
    return before


def settle_keys() -> None:
    """Let every key that was made be on the disk, before what names it is kept."""
    _finders[0]().settle()


def check_keys() -> None:
    """Raise :class:`BadInputError` where the keys are missing or are others."""
    _finders[0]().check()


def index_of(address: str) -> str | None:
    """Return by what an e-mail address is found, however it is written; None for none."""
    written = address.strip().lower()
    return _finders[0]().index(written) if written else None


def secret_for(purpose: str) -> bytes:
    """Return 32 bytes that whoever has not the keys cannot know, the same each time for one *purpose*."""
    return bytes.fromhex(_finders[0]().index(f"secret\0{purpose}"))


@contextmanager
def leaving_unreadable() -> Generator[None]:
    """Read what does not open as it is stored, for an audit that compares it with what was written."""
    before = _leaves.set(True)
    try:
        yield
    finally:
        _leaves.reset(before)


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it is to stand in the database."""

    value: Any


class _Encrypted(TypeDecorator[Any]):
    """What both kinds of columns do: the row's key comes with the value, and only what is encrypted is written."""

    __abstract__ = True
    place: str
    person: str
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the row's key and the value, in one text."""
        keys = [_as_text(key) for key in cast("Any", column).table.primary_key]
        said: Any = sa.cast(column, sa.Text)
        for key in reversed(keys):
            said = key + _APART + said
        return sa.type_coerce(said, self)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return what was encrypted before, or is empty; anything else is a fault of the program."""
        if isinstance(value, Stored):
            return value.value
        if self.is_private(value):
            raise TypeError(f"{self.place} is written with its row's key only: see db.tables.encryption")
        return value

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:  # noqa: ARG002 -- as above
        """Return what opens the text of :meth:`column_expression`."""

        def opened(said: Any) -> Any:
            return None if said is None else self._opened(str(said))

        return opened

    def where(self, keys: Sequence[Any]) -> str:
        """Return the name of the place in the row that has *keys*."""
        return "/".join([self.place, *(key.hex if isinstance(key, UUID) else str(key) for key in keys)])

    def is_private(self, value: Any) -> bool:
        """Whether *value* may not stand in the database as it is."""
        raise NotImplementedError

    def stored(self, value: Any, encrypted: str) -> Stored:
        """Return what stands in the database for *value*."""
        raise NotImplementedError

    def _read(self, kept: str, place: str) -> Any:
        raise NotImplementedError

    def _opened(self, said: str) -> Any:
        row, _, kept = said.rpartition(_APART)
        return self._read(kept, "/".join([self.place, *row.split(_APART)]))

    def _decrypted(self, text: str, place: str, kept: Any) -> Any:
        try:
            return from_json(_finders[0]().decrypted(text, place))
        except UnavailableError:
            if _leaves.get():
                return kept
            raise


class EncryptedText(_Encrypted):
    """A text; empty ones are stored as they are."""

    impl = String
    cache_ok = True

    def __init__(self, place: str, person: str = "") -> None:
        super().__init__()
        self.place, self.person = place, person

    def is_private(self, value: Any) -> bool:
        """Whether there is any text."""
        return isinstance(value, str) and bool(value)

    def stored(self, value: Any, encrypted: str) -> Stored:  # noqa: ARG002 -- as documents
        """Return the encrypted text."""
        return Stored(encrypted)

    def _read(self, kept: str, place: str) -> Any:
        return self._decrypted(kept, place, kept) if kept else kept


class EncryptedDocument(_Encrypted):
    """A JSON document; what is in the members *bare* is stored openly as well."""

    impl = Document
    cache_ok = True
    should_evaluate_none = True

    def __init__(self, place: str, person: str = "", bare: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.place, self.person, self.bare = place, person, bare

    def is_private(self, value: Any) -> bool:
        """Whether anything is said outside of the open members."""
        if isinstance(value, dict):
            said = cast("dict[str, Any]", value)
            return any(said[name] for name in said if name not in self.bare)
        return bool(value) and isinstance(value, Sequence)

    def stored(self, value: Any, encrypted: str) -> Stored:
        """Return the encrypted document beside its open members."""
        return Stored({_MEMBER: encrypted} | self._bare(value))

    def _is_encrypted(self, document: Any) -> bool:
        return isinstance(document, dict) and _MEMBER in document

    def _bare(self, value: Any) -> dict[str, Any]:
        return {name: value[name] for name in self.bare if name in value}

    def _read(self, kept: str, place: str) -> Any:
        document: Any = from_json(kept)
        if not self._is_encrypted(document):
            if self.is_private(document) and not _leaves.get():
                raise UnavailableError(f"{place} is not encrypted. Run: accredit db upgrade")
            return document
        found = self._decrypted(document[_MEMBER], place, document)
        if found is not document and from_json(to_json(self._bare(found))) != self._bare(document):
            if _leaves.get():
                return document
            raise UnavailableError(f"{place} was changed: its open members are not those that were encrypted.")
        return found


def _as_text(key: sa.Column[Any]) -> ColumnElement[str]:
    text = sa.cast(key, sa.Text)
    return sa.func.replace(text, "-", "") if isinstance(key.type, sa.Uuid) else text


def encrypted_columns(table: Table) -> list[tuple[str, _Encrypted]]:
    """Return the encrypted columns of *table*, by name."""
    found: list[tuple[str, _Encrypted]] | None = table.info.get(_COLUMNS)
    if found is None:
        found = [(column.key, column.type) for column in table.columns if isinstance(column.type, _Encrypted)]
        table.info[_COLUMNS] = found
    return found


@event.listens_for(Engine, "before_execute", retval=True)
def _encrypt(
    connection: Connection,  # noqa: ARG001 -- SQLAlchemy's signature
    statement: Any,
    many: Any,
    single: Any,
    options: Any,  # noqa: ARG001 -- as above
) -> tuple[Any, Any, Any]:
    """Encrypt what is about to be written, for the row that it is written to."""
    if not isinstance(statement, Insert | Update) or not isinstance(statement.table, Table):
        return statement, many, single
    if not encrypted_columns(statement.table):
        return statement, many, single
    if many:
        return statement, encrypted_rows(statement.table, many), single
    return statement, many, encrypted_rows(statement.table, [single])[0] if single else single


def encrypted_rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return *rows* of *table*, as a statement would write them, with what is private encrypted for its row.

    A row has the values of its key under the names of the columns, or under ``table_column`` where it is updated.
    """
    found = list(rows)
    places: list[tuple[int, str, _Encrypted, Wanted]] = []
    for number, row in enumerate(found):
        keys = [row.get(key.key, row.get(f"{table.name}_{key.key}")) for key in table.primary_key]
        for name, kind in encrypted_columns(table):
            if kind.is_private(row.get(name)) and None not in keys:
                person = row.get(kind.person, row.get(f"{table.name}_{kind.person}")) if kind.person else None
                of = person.hex if isinstance(person, UUID) else person
                places.append((number, name, kind, Wanted(kind.where(keys), of)))
    if not places:
        return found
    keys_now = _finders[0]()
    unsaid = [
        spot for spot in places if spot[2].person and spot[3].person is None and spot[2].person not in found[spot[0]]
    ]
    known = keys_now.person_of([wanted.place for *_, wanted in unsaid])
    contents = [
        (Wanted(wanted.place, wanted.person or known.get(wanted.place)), to_json(found[number][name]))
        for number, name, _, wanted in places
    ]
    for (number, name, kind, _), text in zip(places, keys_now.encrypted(contents), strict=True):
        found[number] = {**found[number], name: kind.stored(found[number][name], text)}
    return found
