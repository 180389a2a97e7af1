"""Keys of personal data, one for each value and each file, in a store of their own outside the database.

A key is kept wrapped under the master key, bound to whose it is and what it opens. Whoever erases destroys keys: what
lies in older copies of the database, of its log or of the files then opens no more (decision 0022).
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from db.bulk import in_batches
from db.engine import READ_ONLY, engine_for
from db.tables.encryption import MARK, NAME, Wanted
from domain.errors import BadInputError, UnavailableError

_NONCE: Final = 12
_NEIGHBOURS: Final = 400
_MOST_HELD: Final = 50_000
_SPARE: Final = 50
_INDEX: Final = b"index"
_AT_ONCE: Final = 5_000

_metadata = MetaData()
_keys = Table(
    "personal_key",
    _metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("person", String(32), index=True),
    Column("place", String(400), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
)
_master = Table("index_key", _metadata, Column("wrapped", LargeBinary, nullable=False))
"""One row: the key of hashes by which values are found. Whoever opens it has the right master key."""
_since = Table("master_key", _metadata, Column("since", String(32), nullable=False))
"""One row: since when the keys are under this master key. Older stores do not have it."""


class UnreadableError(UnavailableError):
    """A value that its key does not open where it stands."""


class KeyGoneError(UnavailableError):
    """The key was destroyed, or was never in this store."""


class PersonalKeys:
    """The store of keys at one address, as the holder of the master key sees it."""

    def __init__(self, url: str, master: bytes) -> None:
        self._url = url
        self._wrap = AESGCM(master)
        self._engine = _engine(url)
        self._spare: dict[str, list[tuple[str, AESGCM]]] = {}
        self._held: dict[str, _Held] = {}
        self._turn = RLock()
        self._index = self._index_row = b""
        self._is_settled = True

    @property
    def is_made(self) -> bool:
        """Whether there is a store at the address."""
        try:
            with self._reading() as connection:
                return bool(inspect(connection).has_table(_keys.name))
        except DBAPIError:
            return False

    def make(self) -> None:
        """Make an empty store under this master key."""
        with self._turn, self._writing() as connection:
            _metadata.create_all(connection)
            connection.execute(insert(_master), {"wrapped": self._wrapped(os.urandom(32), _INDEX)})
            _note_since(connection)

    def check(self) -> None:
        """Raise :class:`BadInputError` where there is no store, or where it is under another master key."""
        if self._index:
            return
        if not self.is_made:
            raise BadInputError(
                self._address, "there are no personal keys: what is kept about people cannot be opened.",
                remedy="Bring them back from their own backup, or name their place in ACCREDIT_PERSONAL_KEYS_URL.",
            )  # fmt: skip
        with self._reading() as connection:
            wrapped = connection.scalar(select(_master.c.wrapped)) or b""
        try:
            self._index = self._unwrapped(wrapped, _INDEX)
        except InvalidTag as error:
            raise BadInputError(
                "master key", f"is not the one under which the personal keys in {self._address} are.",
                remedy="Give the one that belongs to them: ACCREDIT_MASTER_KEY, or the file master.key. If a change of "
                "it was cut off: accredit keys rotate-master",
            ) from error  # fmt: skip
        self._index_row = wrapped

    def rewrap(self, master: bytes) -> int:
        """Bring all keys under another *master* key, or none of them; returns how many.

        Others who still have the old one then write nothing, and are told to start anew. A key that was tampered with
        stays as it is: it opened nothing before.
        """
        self.check()
        wrap, count, last = AESGCM(master), 0, 0
        index_row = _sealed(wrap, self._index, _INDEX)
        with self._turn, self._writing() as connection:
            self._require_unchanged(connection, becomes=index_row)
            while rows := connection.execute(_following(last)).all():
                fresh = [{"at": row.number, "fresh": self._under(wrap, row)} for row in rows]
                rewrapped = update(_keys).where(_keys.c.number == bindparam("at"))
                connection.execute(rewrapped.values(wrapped=bindparam("fresh")), fresh)
                count, last = count + len(rows), rows[-1].number
            _metadata.create_all(connection)
            _note_since(connection)
        self._wrap, self._index_row = wrap, index_row
        self._held.clear()
        self._forget_pages()
        self._is_settled = False
        self.settle()  # before anybody gives the old master key away
        return count

    @property
    def since(self) -> datetime | None:
        """Since when the keys are under this master key; None where nobody noted it."""
        with self._reading() as connection:
            if not inspect(connection).has_table(_since.name):
                return None
            said = connection.scalar(select(_since.c.since))
        return datetime.fromisoformat(said) if said else None

    def new(self, wanted: Sequence[Wanted]) -> list[tuple[str, AESGCM]]:
        """Return a fresh key, with its name, for each that is *wanted*; they last once they are settled."""
        self.check()
        rows = [_Fresh(os.urandom(16).hex(), holder) for holder in wanted]
        with self._turn, self._writing() as connection:
            connection.execute(insert(_keys), [row.columns(self._wrapped) for row in rows])
            self._require_unchanged(connection)
            self._is_settled = False
        return [(row.name, AESGCM(row.key)) for row in rows]

    def spare(self, place: str) -> tuple[str, AESGCM]:
        """Return a fresh key, with its name, that opens one of many like things; they are made in advance, together."""
        with self._turn:
            ready = self._spare.setdefault(place, [])
            if not ready:
                ready += self.new([Wanted(place)] * _SPARE)
            return ready.pop()

    def get(self, name: str) -> AESGCM:
        """Return the key called *name*; raises :class:`KeyGoneError`."""
        held = self._held.get(name) or self._found(name)
        if held is None:
            raise KeyGoneError(f"The key that opens this is not in {self._address}: it was erased, or never there.")
        return self._opened(held)

    def handed_out(self, names: Collection[str]) -> list[dict[str, str | None]]:
        """Return the keys called *names* as they open, for another store of keys; those that are gone are left out."""
        self.check()
        found: list[dict[str, str | None]] = []
        with self._reading() as connection:
            for part in in_batches(sorted(names)):
                for row in connection.execute(select(_keys).where(_keys.c.name.in_(part))):
                    key = self._unwrapped(row.wrapped, _bound(row.name, row.person, row.place))
                    said = {"name": row.name, "person": row.person, "place": row.place}
                    found.append(said | {"key": b64encode(key).decode()})
        return found

    def taken_in(self, keys: Sequence[Mapping[str, str | None]]) -> int:
        """Keep keys that another store handed out, under their names; returns how many were not here already."""
        self.check()
        with self._turn, self._writing() as connection:
            parts = in_batches([str(key["name"]) for key in keys])
            here = {
                name
                for part in parts
                for name in connection.scalars(select(_keys.c.name).where(_keys.c.name.in_(part)))
            }
            fresh = [
                {"name": name, "person": key["person"], "place": place,
                 "wrapped": self._wrapped(b64decode(str(key["key"])), _bound(name, key["person"], place))}
                for key in keys if (name := str(key["name"])) not in here and (place := str(key["place"]))
            ]  # fmt: skip
            if fresh:
                connection.execute(insert(_keys), fresh)
            self._is_settled = not fresh and self._is_settled
        self.settle()
        return len(fresh)

    def settle(self) -> None:
        """Return once every key that was made is on the disk: a row that names a key must not be kept without it.

        SQLite itself would see to that at each commit, or at none; here once for each transaction of the database.
        """
        with self._turn:
            if self._is_settled or self._engine.dialect.name != "sqlite":
                return
            for file in (Path(f"{self._address}-wal"), Path(self._address)):
                if file.exists():
                    _to_disk(file)
            self._is_settled = True

    def encrypted(self, contents: Sequence[tuple[Wanted, bytes]]) -> list[str]:
        """Return each content under a fresh key, which the text names; bound to its place."""
        fresh = self.new([wanted for wanted, _ in contents])
        return [
            MARK + name + b64encode(_sealed(key, content, wanted.place.encode())).decode()
            for (name, key), (wanted, content) in zip(fresh, contents, strict=True)
        ]

    def decrypted(self, text: str, place: str) -> bytes:
        """Return the content that was encrypted for *place*; raises :class:`UnreadableError`."""
        if (name := key_name(text)) is None:
            raise UnreadableError(f"{place} is not encrypted. Run: accredit db upgrade")
        try:
            content = b64decode(text[len(MARK) + NAME :])
            return self.get(name).decrypt(content[:_NONCE], content[_NONCE:], place.encode())
        except KeyGoneError as error:
            raise KeyGoneError(f"{place}: {error}") from error
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(f"{place} was changed, or moved here from another place.") from error

    def index(self, text: str) -> str:
        """Return HMAC-SHA256 of *text* under a key of this store."""
        self.check()
        return hmac.digest(self._index, text.encode(), "sha256").hex()

    def person_of(self, places: Collection[str]) -> dict[str, str]:
        """Return whose the newest key of each of *places* is, where it is anybody's."""
        found: dict[str, str] = {}
        if not places:
            return found
        with self._reading() as connection:
            for part in in_batches(list(places)):
                query = select(_keys.c.place, _keys.c.person).where(
                    _keys.c.place.in_(part), _keys.c.person.is_not(None)
                )
                found |= {row.place: row.person for row in connection.execute(query.order_by(_keys.c.number))}
        return found

    def destroy(
        self,
        *,
        names: Collection[str] = (),
        people: Collection[str] = (),
        but: Collection[str] = (),
        thorough: bool = True,
    ) -> int:
        """Destroy the keys called *names*, older ones of the same places, and all of *people*; returns how many.

        Those that are called as in *but* stay. Unless it is *thorough*, the store's log keeps them for a while.
        """
        self.check()
        with self._turn:
            with self._writing() as connection:
                gone = {number for part in in_batches(list(names)) for number in _named(connection, part)}
                for part in in_batches(list(people)):
                    theirs = connection.execute(select(_keys.c.number, _keys.c.name).where(_keys.c.person.in_(part)))
                    gone |= {row.number for row in theirs if row.name not in but}
                for numbers in in_batches(sorted(gone)):
                    connection.execute(delete(_keys).where(_keys.c.number.in_(numbers)))
            self._held.clear()
            if thorough:
                self._forget_pages()
        return len(gone)

    @property
    def _address(self) -> str:
        url = self._engine.url
        return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(**{READ_ONLY: True})

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            problem = f"The personal keys in {self._address} cannot be written. Nothing is lost; run the command again."
            raise UnavailableError(problem) from error

    def _require_unchanged(self, connection: Connection, *, becomes: bytes = b"") -> None:
        """Raise :class:`BadInputError` where somebody changed the master key since this process read it.

        Where it *becomes* another here, nobody else writes keys until that is done.
        """
        if becomes and connection.dialect.name == "postgresql":
            connection.execute(text(f"LOCK TABLE {_keys.name} IN SHARE ROW EXCLUSIVE MODE"))
        if becomes:
            ours = update(_master).where(_master.c.wrapped == self._index_row).values(wrapped=becomes)
            is_ours = connection.execute(ours).rowcount == 1
        else:
            is_ours = connection.scalar(select(_master.c.wrapped)) == self._index_row
        if not is_ours:
            raise BadInputError("master key", "was changed while this ran.", remedy="Start it again; nothing was lost.")

    def _under(self, wrap: AESGCM, row: Any) -> bytes:
        bound = _bound(row.name, row.person, row.place)
        try:
            return _sealed(wrap, self._unwrapped(row.wrapped, bound), bound)
        except InvalidTag:
            return bytes(row.wrapped)

    def _wrapped(self, key: bytes, bound: bytes) -> bytes:
        return _sealed(self._wrap, key, bound)

    def _unwrapped(self, wrapped: bytes, bound: bytes) -> bytes:
        return self._wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound)

    def _opened(self, held: _Held) -> AESGCM:
        if held.opened is None:
            try:
                held.opened = AESGCM(self._unwrapped(held.wrapped, held.bound))
            except InvalidTag as error:
                with self._reading() as connection:
                    self._require_unchanged(connection)
                raise KeyGoneError(f"A key in {self._address} was changed, and opens nothing.") from error
        return held.opened

    def _found(self, name: str) -> _Held | None:
        """Look for a key, and take its neighbours along: who reads one value of a chunk reads the others, too."""
        self.check()
        with self._reading() as connection:
            number = connection.scalar(select(_keys.c.number).where(_keys.c.name == name))
            if number is None:
                return None
            near = _keys.c.number.between(number - 5, number + _NEIGHBOURS)
            rows = connection.execute(select(_keys).where(near)).all()
        if len(self._held) > _MOST_HELD:
            self._held.clear()
        self._held |= {row.name: _Held(row.wrapped, _bound(row.name, row.person, row.place)) for row in rows}
        return self._held[name]

    def _forget_pages(self) -> None:
        """Empty SQLite's log, in which destroyed keys still stand; freed pages were overwritten as they were freed."""
        if self._engine.dialect.name == "sqlite":
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.close()


@dataclass(slots=True)
class _Held:
    """A key as it is kept, and opened once it was asked for."""

    wrapped: bytes
    bound: bytes
    opened: AESGCM | None = None


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A key that was just made."""

    name: str
    wanted: Wanted
    key: bytes = field(default_factory=lambda: os.urandom(32), repr=False)

    def columns(self, wrap: Any) -> dict[str, Any]:
        """Return the row that keeps it, wrapped."""
        bound = _bound(self.name, self.wanted.person, self.wanted.place)
        return {
            "name": self.name, "person": self.wanted.person, "place": self.wanted.place,
            "wrapped": wrap(self.key, bound),
        }  # fmt: skip


def _following(last: int) -> Select[Any]:
    return select(_keys).where(_keys.c.number > last).order_by(_keys.c.number).limit(_AT_ONCE)


def _note_since(connection: Connection) -> None:
    connection.execute(delete(_since))
    connection.execute(insert(_since), {"since": datetime.now(UTC).isoformat(timespec="seconds")})


def _named(connection: Connection, names: Sequence[str]) -> set[int]:
    """Return the numbers of the keys called *names*, and of what stood in the same places of values before them."""
    rows = connection.execute(select(_keys.c.number, _keys.c.place).where(_keys.c.name.in_(names))).all()
    places = {row.place for row in rows if "/" in row.place}
    query = select(_keys.c.number, _keys.c.place).where(_keys.c.place.in_(places)).order_by(_keys.c.number)
    there = connection.execute(query).all()
    newest = {row.place: row.number for row in there}
    return {row.number for row in rows} | {row.number for row in there if row.number != newest[row.place]}


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file)


def key_name(text: str) -> str | None:
    """Return the name of the key that an encrypted text gives; None for one that is not encrypted."""
    return text[len(MARK) : len(MARK) + NAME] if text.startswith(MARK) else None


def _bound(name: str, person: str | None, place: str) -> bytes:
    return "\x1f".join((name, person or "", place)).encode()


def _sealed(key: AESGCM, content: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, content, bound)


def _engine(url: str) -> Engine:
    engine = engine_for(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _careful)
    return engine


def _careful(connection: Any, _record: object) -> None:
    """Let nothing stand in freed pages."""
    connection.execute("PRAGMA secure_delete=ON")
