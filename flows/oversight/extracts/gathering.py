"""What stands in an extract: the lines of a table, read at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from db.store import Store
from domain.application.application import Application, case_number
from domain.assignment.plan import Team, Teaming
from domain.oversight.extracts import (
    ApplicationLine,
    CredentialLine,
    ExtractTable,
    FigureLine,
    Line,
    PlaceLine,
)
from domain.values import ElectionCode, UtcTime
from flows.oversight.reporting import gather, names_of, report_of
from notifications.pages.report_sheets import Sheet, Sheets

Cases = Mapping[UUID, Application]


def case_lines(store: Store, election: ElectionCode, table: ExtractTable, cases: Cases) -> Iterator[Line]:
    """Yield the lines of a *table* about *cases*; the others are left out."""
    return _OF_CASES[table](store, election, cases)


def figure_lines(election: ElectionCode, *, now: UtcTime) -> Iterator[FigureLine]:
    """Yield the figures that the public may have."""
    gathered = gather(election, now=now)
    for sheet in Sheets(report_of(gathered), "en", names_of(gathered.context)).all():
        yield from _figures(sheet)


def _figures(sheet: Sheet) -> Iterator[FigureLine]:
    named = 2 if sheet.heads[1:2] == ("what",) else 1
    for row in sheet.rows:
        group = " / ".join(str(cell) for cell in row[:named])
        for figure, value in zip(sheet.heads[named:], row[named:], strict=True):
            yield FigureLine(table=sheet.name, group=group, figure=figure, value=value)


def _applications(store: Store, election: ElectionCode, cases: Cases) -> Iterator[Line]:  # noqa: ARG001 -- as the others
    names = ApplicationLine.model_fields.keys() - {"case", "reasons"}
    for case in cases.values():
        said = {name: getattr(case, name) for name in names}
        yield ApplicationLine(case=case.case_number, reasons="; ".join(case.reasons), **said)


def _credentials(store: Store, election: ElectionCode, cases: Cases) -> Iterator[Line]:
    names = CredentialLine.model_fields.keys() - {"case", "id"}
    for line in store.credentials.ledger(election).lines:
        if line.application_id in cases:
            said = {name: getattr(line, name) for name in names}
            yield CredentialLine(case=case_number(line.application_id), id=line.application_id, **said)


def _places(store: Store, election: ElectionCode, cases: Cases) -> Iterator[Line]:
    plan = store.plans.latest(election)
    if plan is None:
        return
    teaming = Teaming.model_validate(plan.teams, strict=False) if plan.teams else None
    teams = _team_numbers(teaming.teams if teaming else ())
    for person, region in sorted(plan.placements.items()):
        if case := cases.get(UUID(person)):
            said = {name: getattr(case, name) for name in ("id", "organisation", "role", "status", "region", "office")}
            site = teaming.sites.get(person) if teaming else None
            yield PlaceLine(
                plan=plan.id, case=case.case_number, planned_region=region, team=teams.get(person), site=site, **said
            )


def _team_numbers(teams: Sequence[Team]) -> dict[str, int]:
    return {person: number for number, team in enumerate(teams, start=1) for person in team.members}


_OF_CASES: Final[Mapping[ExtractTable, Callable[[Store, ElectionCode, Cases], Iterator[Line]]]] = {
    ExtractTable.APPLICATIONS: _applications,
    ExtractTable.CREDENTIALS: _credentials,
    ExtractTable.PLAN: _places,
}
