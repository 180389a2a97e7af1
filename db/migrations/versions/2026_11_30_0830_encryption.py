"""What is said of people is encrypted; what stood there openly is encrypted now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from db.tables.base import Json
from db.tables.catalogue import Base
from db.tables.encryption import EncryptedDocument, encrypted_columns, index_of

revision = "0017_encryption"
down_revision = "0020_restorations"

_COLUMNS = (
    ("letter", "body"), ("person", "body"), ("note", "text"), ("clearance", "ground"), ("decision", "facts"),
    ("agenda", "ruling"), ("statement_words", "body"), ("screening_hit", "body"), ("cleared_pair", "reason"),
    ("intake_file", "notes"), ("intake_chunk", "notes"), ("returned_row", "problem"), ("returned_row", "remedy"),
    ("returned_row", "message"), ("returned_row", "cells"), ("incoming_message", "sender"),
    ("incoming_message", "subject"), ("incoming_message", "attachments"), ("organisation", "body"),
    ("organisation_act", "facts"), ("reference_entry", "body"),
)  # fmt: skip
_SHORT = (("clearance", "ground", 200), ("incoming_message", "sender", 320), ("incoming_message", "subject", 200))
"""Texts whose columns are too short for what is encrypted."""
_BATCH = 500


def upgrade() -> None:
    """Go forward."""
    op.add_column("person", sa.Column("email_index", sa.String(64)))
    op.create_index("ix_person_email_index", "person", ["email_index"])
    for name, column, length in _SHORT:
        with op.batch_alter_table(name) as batch_op:
            batch_op.alter_column(column, existing_type=sa.String(length), type_=sa.String())
    told: Callable[[str, int], object] = context.config.attributes.get("told", _nobody)
    for place in _COLUMNS:
        kind = dict(encrypted_columns(_table(place)))[place[1]]
        for count, rows in _batches(place, _open_text(place), owner=kind.person):
            if private := [row for row in rows if kind.is_private(row[place[1]])]:
                op.get_bind().execute(_by_key(_table(place)), [_found_by(row, place) for row in private])
            told(".".join(place), count)


def downgrade() -> None:
    """Go back: open everything again."""
    for place in _COLUMNS:
        table = _table(place)
        columns = [
            sa.column(place[1], _open_type(place)),
            *(sa.column(key.name, key.type) for key in table.primary_key),
        ]
        for _, rows in _batches(place, table.columns[place[1]]):
            op.get_bind().execute(_by_key(sa.table(table.name, *columns), table), rows)
    for name, column, length in _SHORT:
        with op.batch_alter_table(name) as batch_op:
            batch_op.alter_column(column, existing_type=sa.String(), type_=sa.String(length))
    op.drop_index("ix_person_email_index", "person")
    op.drop_column("person", "email_index")


def _found_by(row: dict[str, Any], place: tuple[str, str]) -> dict[str, Any]:
    return row | {"email_index": index_of(row["body"]["email"])} if place == ("person", "body") else row


def _nobody(place: str, rows: int) -> None:
    """Nobody wants to hear how far it has come."""


def _table(place: tuple[str, str]) -> sa.Table:
    return Base.metadata.tables[place[0]]


def _open_type(place: tuple[str, str]) -> Any:
    return Json if isinstance(_table(place).columns[place[1]].type, EncryptedDocument) else sa.String()


def _open_text(place: tuple[str, str]) -> Any:
    return sa.cast(sa.column(place[1]), sa.Text).label(place[1])


def _by_key(written: Any, table: sa.Table | None = None) -> sa.Update:
    keys = (written if table is None else table).primary_key
    which = [written.columns[key.name] == sa.bindparam(f"{written.name}_{key.name}") for key in keys]
    return sa.update(written).where(*which)


def _batches(place: tuple[str, str], said: Any, *, owner: str = "") -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield how many rows were read, and the next of them: their keys, whose they are and what they say."""
    table = _table(place)
    keys = [key.label(f"{table.name}_{key.name}") for key in table.primary_key]
    owners = [table.columns[owner]] if owner and not table.columns[owner].primary_key else []
    query = sa.select(*keys, *owners, said).select_from(table).where(sa.column(place[1]).is_not(None))
    is_text = _open_type(place) is not Json or said is table.columns[place[1]]
    found = [dict(row) for row in op.get_bind().execute(query).mappings()]
    for start in range(0, len(found), _BATCH):
        rows = found[start : start + _BATCH]
        plain = rows if is_text else [row | {place[1]: json.loads(row[place[1]])} for row in rows]
        yield start + len(rows), plain
