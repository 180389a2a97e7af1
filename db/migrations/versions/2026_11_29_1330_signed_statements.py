"""Signed statements: one record an election, founded here for elections that are older; codes of authenticators go."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import db.tables.base
from domain.application.chain import GENESIS
from domain.credentials.claims import TEST_ISSUER
from domain.statements.authority import Enrolled, Founding
from domain.statements.canonical import canonical, digest_of
from domain.statements.officers import Officer
from domain.statements.record import Entry, EntryKind
from domain.statements.signatures import FileKey

revision = "0006_statements"
down_revision = "0005_notes"

_GONE = ("code_attempts", "lock_minutes")
_election = sa.table(
    "election", sa.column("code", sa.String), sa.column("profile", db.tables.base.Json), sa.column("geography", db.tables.base.Json),
    sa.column("rules_sha256", sa.String),
)  # fmt: skip
_officer = sa.table(
    "officer", sa.column("election", sa.String), sa.column("code", sa.String), sa.column("body", db.tables.base.Json),
    sa.column("public_key", sa.String), sa.column("keys", db.tables.base.Json),
)  # fmt: skip
_application = sa.table(
    "application", sa.column("id", sa.Uuid), sa.column("election", sa.String), sa.column("version", sa.Integer),
    sa.column("head", sa.String),
)  # fmt: skip
_acts = ("organisation_act", "officer_act", "erasure", "journal")


def upgrade() -> None:
    """Go forward."""
    statement = op.create_table(
        "statement",
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("signature", db.tables.base.Json, nullable=True),
        sa.Column("recorded_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("election", "sequence", name=op.f("pk_statement")),
        sa.UniqueConstraint("election", "digest", "entry", name=op.f("uq_statement_election_digest_entry")),
    )
    op.create_table(
        "statement_words",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("cases", db.tables.base.Json, nullable=False),
        sa.Column("body", db.tables.base.Json, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_statement_words")),
    )
    with op.batch_alter_table("decision") as batch:
        batch.add_column(sa.Column("statement", sa.String(length=64), nullable=True))
    with op.batch_alter_table("officer") as batch:
        batch.add_column(sa.Column("keys", db.tables.base.Json, nullable=False, server_default="[]"))
    op.drop_table("used_proof")
    op.drop_table("code_lock")
    for election in op.get_bind().execute(sa.select(_election)).mappings().all():
        op.bulk_insert(statement, [_founding(dict(election), _without_codes(dict(election)))])
    _keep_keys()
    with op.batch_alter_table("officer") as batch:
        batch.alter_column("keys", existing_type=db.tables.base.Json, server_default=None)
        batch.drop_column("public_key")
        batch.drop_column("code_secret")


def _keep_keys() -> None:
    for row in op.get_bind().execute(sa.select(_officer).where(_officer.c.public_key.is_not(None))).all():
        keys = [FileKey(public=row.public_key).model_dump(mode="json")]
        here = (_officer.c.election == row.election, _officer.c.code == row.code)
        op.execute(sa.update(_officer).where(*here).values(keys=keys))


def _without_codes(election: dict[str, Any]) -> str:
    """Take the rules about codes out of the election's rules; returns the hash of what is left."""
    profile = election["profile"]
    profile["desk"] = {name: value for name, value in profile.get("desk", {}).items() if name not in _GONE}
    bodies = {"profile": profile, "geography": election["geography"]}
    rules = hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()
    changed = sa.update(_election).where(_election.c.code == election["code"])
    op.execute(changed.values(profile=profile, rules_sha256=rules))
    return rules


def _founding(election: dict[str, Any], rules: str) -> dict[str, Any]:
    """Return the founding entry of an election that is older than the record, with the heads of what it has."""
    connection, code, now = op.get_bind(), election["code"], datetime.now(UTC)
    officers = connection.execute(sa.select(_officer).where(_officer.c.election == code)).mappings().all()
    cases = connection.execute(sa.select(_application).where(_application.c.election == code)).mappings().all()
    heads = {str(case["id"]): f"{case['version']} {case['head']}" for case in cases}
    founding = Founding(
        election=code,
        officers=tuple(
            Enrolled(
                officer=Officer.model_validate(row["body"]),
                keys=(FileKey(public=row["public_key"]),) if row["public_key"] else (),
            )
            for row in officers
        ),
        rules_sha256=rules,
        rehearsal=election["profile"].get("credential", {}).get("issuer") == TEST_ISSUER,
        heads=heads | {table: str(_count(table, code)) for table in _acts},
        founded_at=now,
    )
    said = founding.model_dump(mode="json")
    entry = Entry(
        election=code, sequence=1, entry=EntryKind.FOUNDING, kind="", digest=digest_of(said),
        document=canonical(said).decode(), signature=None, recorded_at=now, hash=GENESIS,
    )  # fmt: skip
    return entry.model_dump() | {"entry": "founding", "hash": entry.linked(GENESIS)}


def _count(table: str, election: str) -> int:
    rows = sa.table(table, sa.column("election", sa.String))
    query = sa.select(sa.func.count()).select_from(rows).where(rows.c.election == election)
    return op.get_bind().scalar(query) or 0
