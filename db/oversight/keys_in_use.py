"""Which personal keys the values of the database name: what an erasure no longer names, nobody needs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from db.tables.catalogue import Base
from db.tables.encryption import MARK, NAME, encrypted_columns

_PLACE: Final = {"sqlite": func.instr, "postgresql": func.strpos}


def keys_in_use(session: Session) -> set[str]:
    """Return the names of all keys under which values of the database are encrypted now."""
    place = _PLACE[session.get_bind().dialect.name]
    found = set[str]()
    for table in Base.metadata.sorted_tables:
        for name, _ in encrypted_columns(table):
            kept = cast(table.columns[name], Text)
            known = func.substr(kept, place(kept, MARK) + len(MARK), NAME)
            found |= {*session.scalars(select(known).where(place(kept, MARK) > 0))}
    return found
