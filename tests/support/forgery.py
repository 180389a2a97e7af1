"""What somebody does who writes the database, and knows how the engine does it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from db.store import Store
from db.tables.base import Base
from domain.application.application import Application
from domain.application.chain import link
from domain.application.events import Event


def written(session: Session, case: UUID, *events: Event) -> None:
    """Let somebody who writes the database add *events* to a case, with every hash as the engine would have it."""
    applications, rows = Base.metadata.tables["application"], Base.metadata.tables["application_event"]
    store = Store.over(session)
    application = Application.replayed([*store.applications.history(case)])
    top = store.applications.stored_events([case])[case][-1].hash
    for event in events:
        application, top = application.after(event), link(top, event)
        body = event.model_dump(mode="json")
        row = {"application_id": case, "sequence": application.version, "kind": event.kind, "at": event.at}
        session.execute(insert(rows).values(**row, body=body, hash=top))
    now = {name: getattr(application, name) for name in Application.model_fields if name in applications.columns}
    session.execute(update(applications).where(applications.c.id == case).values(**now | {"head": top}))
