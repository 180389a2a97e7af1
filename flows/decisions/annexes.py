"""The annex of a session's resolution, written to a folder."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from db.store import open_reader
from domain.application.application import Application
from domain.decisions.sessions import BodySession, SessionRefusedError
from domain.values import ElectionCode
from flows.context import ElectionContext, database
from notifications.decisions.resolutions import ResolutionAnnex, ResolutionLine, annex_pdf, annex_workbook
from notifications.workbooks import timeless


def write_annex(code: str, folder: Path, *, election: ElectionCode) -> tuple[Path, Path]:
    """Write the annex of an adopted resolution as PDF and as a spreadsheet and return where; nobody is named in it."""
    with open_reader(database()) as store:
        session = store.sessions.get(election, code)
        cases = store.applications.get_many([item.application_id for item in session.agenda])
        context = ElectionContext.of(store, election, now=session.adopted_at or session.held_at)
    annex = _annex(session, cases, context)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"resolution-{annex.number}".replace("/", "-")
    pages, sheet = folder / f"{stem}.pdf", folder / f"{stem}.xlsx"
    pages.write_bytes(annex_pdf(annex))
    sheet.write_bytes(timeless(annex_workbook(annex)))
    return pages, sheet


def _annex(session: BodySession, cases: dict[UUID, Application], context: ElectionContext) -> ResolutionAnnex:
    resolution = session.resolution
    if resolution is None or session.adopted_at is None or session.signed_by is None or session.adopted_by is None:
        raise SessionRefusedError(f"{session.code} has not adopted anything yet.")
    profile = context.profile
    return ResolutionAnnex(
        election_title=profile.election.title,
        body=profile.election.host_body,
        session=session.code,
        number=resolution.number,
        held_at=session.held_at,
        adopted_at=session.adopted_at,
        timezone=profile.election.timezone,
        present=resolution.present,
        quorum=profile.desk.quorum,
        votes=(resolution.votes_for, resolution.votes_against, resolution.abstained),
        signed_by=(session.signed_by, session.adopted_by),
        lines=tuple(
            ResolutionLine(
                case_number=cases[item.application_id].case_number,
                organisation=cases[item.application_id].organisation,
                decision=item.ruling.outcome.replace("_", " "),
                reasons=", ".join(item.ruling.reasons),
                grounds="; ".join(profile.ground(reason) for reason in item.ruling.reasons),
            )
            for item in session.agenda
        ),
    )
