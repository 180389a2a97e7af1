"""Asking people about notices, and what they answer: by a one-time link, by reply, or on a signed paper."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import ConsentWay, NoticeAnswered
from domain.application.nomination import Nomination
from domain.application.status import ACCREDITED
from domain.assignment.consents import ENDS_A_PLACE, Consent, ConsentRequest, Consents
from domain.election.geography import Notice, Region
from domain.errors import UnknownThingError
from domain.letters.asking import link_token
from domain.letters.envelope import LetterKind
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, LanguageCode, NoticeId, UtcTime
from flows.assignment.misplaced import in_shut_regions
from flows.context import ElectionContext, database, election_context
from flows.letters.application_letters import ApplicationLetters
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused

_WAITS: Final = frozenset({Consent.ASKED, Consent.LAPSED, Consent.DECLINED})


def ask_for_consents(store: Store, context: ElectionContext) -> Counter[str]:
    """Ask each of :func:`to_be_asked`, who have the time to mend; what is not in force asks nobody any more."""
    _close_overtaken(store, context)
    asked: Counter[str] = Counter()
    asked_before = store.consents.standing(context.election).requests.keys()
    for case, region, notice in to_be_asked(store, context):
        _ask(store, context, case, region, notice, asked_before)
        asked["consents"] += 1
    return asked


def _close_overtaken(store: Store, context: ElectionContext) -> None:
    """Let no letter ask about a notice that no region has any more."""
    in_force = {notice.id for _, notice in _noticed(context.geography.regions)}
    overtaken = store.consents.standing(context.election).open_about_others(in_force)
    for request in overtaken:
        store.consents.close(request.application_id, request.notice, now=context.now)
    keys, ids = [request.letter for request in overtaken], [request.application_id for request in overtaken]
    if overtaken:
        store.letters.overtake(context.election, (LetterKind.CONSENT,), ids, now=context.now, keys=keys)


def to_be_asked(store: Store, context: ElectionContext) -> list[tuple[Case, Region, Notice]]:
    """Return each accredited person whom a notice in force concerns and who was not asked about that version.

    It concerns who is placed in its region, and who accepted, or was announced to accept, any version of it.
    """
    regions = [region for region in context.geography.regions if region.notice and not region.no_deployment]
    if not regions:
        return []
    standing, now = store.consents.standing(context.election), context.now
    accredited = store.applications.all_in(context.election, *ACCREDITED)
    people = store.people.current([application.id for application in accredited])
    return [
        (Case(application, people[application.id]), region, notice)
        for application in accredited
        for region, notice in _noticed(regions)
        if application.id in people
        and standing.of(application.id, notice.id, now=now) is Consent.NOT_ASKED
        and _concerns(notice, region, application, people[application.id], standing)
    ]


def _noticed(regions: Sequence[Region]) -> Iterator[tuple[Region, Notice]]:
    return ((region, region.notice) for region in regions if region.notice)


def _concerns(
    notice: Notice, region: Region, application: Application, nomination: Nomination, standing: Consents
) -> bool:
    known = (*nomination.accepted_notices, *standing.answers.get(application.id, {}))
    return application.region == region.code or any(said.partition(":")[0] == notice.code for said in known)


def _ask(
    store: Store, context: ElectionContext, case: Case, region: Region, notice: Notice,
    asked_before: Collection[tuple[UUID, NoticeId]],
) -> None:  # fmt: skip
    due, mark = context.profile.cure_due(context.now), secrets.token_hex(16)
    letter = ApplicationLetters.at(context).consent(case, region, notice, due=due, mark=mark)
    known = case.application.id
    if (known, notice.id) in asked_before:  # this very version, before another one that is in force no more
        letter = letter.revised(key=f"{letter.key}:{mark[:8]}")
    request = ConsentRequest(
        application_id=known, notice=notice.id, letter=letter.key, asked_at=context.now, due_at=due
    )
    secret = store.elections.secret(context.election)
    store.consents.ask(context.election, request, token=link_token(secret, letter.key, mark))
    store.outbox.put(context.election, letter, now=context.now)


def ask_now(election: ElectionCode, *, now: UtcTime) -> int:
    """Ask everybody who is to be asked; returns how many letters are queued. Repeating asks nobody again."""
    context = election_context(election, now)
    with open_store(database()) as store:
        return ask_for_consents(store, context)["consents"]


class _Answer(NamedTuple):
    notice: NoticeId
    accepted: bool
    way: ConsentWay
    language: LanguageCode


def _recorded(
    store: Store, context: ElectionContext, application: Application, said: _Answer, *, by: Actor
) -> Application:
    _, notice = context.geography.noticed(said.notice)
    event = NoticeAnswered(
        application_id=application.id, at=context.now, actor=by, **said._asdict(),
        text_sha256=notice.sha256_in(said.language),
    )  # fmt: skip
    store.consents.close(application.id, said.notice, now=context.now)
    return store.applications.record(application, event)


class OpenConsent(Frozen):
    """What the page of a link shows: nothing of the person but the case number."""

    case_number: str
    region: str
    notice: NoticeId
    text: str
    until: UtcTime


def asked_by_link(election: ElectionCode, token: str, *, language: LanguageCode, now: UtcTime) -> OpenConsent:
    """Return what the link asks; raises :class:`UnknownThingError` for one that counts no more, or never did."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        request, application, region, notice = _behind(store, context, token)
    return OpenConsent(
        case_number=application.case_number, region=region.name, notice=notice.id, text=notice.said_in(language),
        until=request.ends or request.due_at,
    )  # fmt: skip


def answer_by_link(
    election: ElectionCode, token: str, *, accepted: bool, language: LanguageCode, now: UtcTime
) -> Application:
    """Use the link up, and record what the person answers; raises as :func:`asked_by_link` does."""
    context = election_context(election, now)
    with open_store(database()) as store:
        _, application, _, notice = _behind(store, context, token)
        by = Actor(kind="applicant", code=application.case_number)
        return _recorded(store, context, application, _Answer(notice.id, accepted, "link", language), by=by)


def _behind(store: Store, context: ElectionContext, token: str) -> tuple[ConsentRequest, Application, Region, Notice]:
    """Return what a link is about: somebody who is still accredited, and a version that is still in force."""
    request = store.consents.behind(context.election, token, now=context.now)
    application = store.applications.get(request.application_id)
    if application.status not in ACCREDITED:
        raise UnknownThingError("consent link", "of somebody who is not accredited")
    return request, application, *context.geography.noticed(request.notice)


def record_answers(
    ids: Sequence[UUID], notice: NoticeId, by: ActingOfficer, *, accepted: bool, way: ConsentWay
) -> list[Application]:
    """Record the answers that people gave themselves, on signed paper or by reply; returns whose changed anything.

    Raises :class:`UnknownThingError` for a version that is not in force, :class:`OfficerRefusedError` for an officer
    without the role or recused from one of the organisations. Repeating changes nothing.
    """
    context = election_context(by.election, by.now)
    context.geography.noticed(notice)
    with open_store(database()) as store:
        standing, officer = store.consents.standing(by.election), store.officers.get(by.election, by.officer)
        due = [known for known in ids if standing.answers.get(known, {}).get(notice) is not accepted]
        found = store.applications.get_many(due)
        for application in found.values():
            refuse_recused(officer, application.organisation)
        if not found:
            return []
        terms = {"notice": notice, "accepted": accepted, "way": way}
        authorise(store, by, Deed(kind=ActKind.CONSENT, cases=tuple(found), terms=terms), role=OfficerRole.CASE_OFFICER)
        people = store.people.current(list(found))
        return [
            _recorded(store, context, application, _Answer(notice, accepted, way, _language(context, people, known)),
                      by=Actor.officer(by.officer))
            for known, application in sorted(found.items())
        ]  # fmt: skip


def _language(context: ElectionContext, people: dict[UUID, Nomination], known: UUID) -> LanguageCode:
    chosen = people[known].letter_language if known in people else None
    return chosen if chosen in context.profile.languages else context.profile.languages[0]


def consent_rows(election: ElectionCode, *, now: UtcTime) -> list[dict[str, str]]:
    """Return who was asked and has not accepted, or is placed without consent, one row for each person and notice.

    Who is placed where nobody is sent any more is there too, with no notice.
    """
    with open_reader(database()) as store:
        land, standing = store.elections.geography(election), store.consents.standing(election)
        accredited = store.applications.all_in(election, *ACCREDITED)
        shut = {*in_shut_regions(store, election)}
    return [
        {
            "case": application.case_number, "notice": "", "stands": "nobody is sent there",
            "placed": application.region or "", "until": "", "next": "accredit plan draft",
        }
        for application in accredited
        if application.id in shut
    ] + [
        {
            "case": application.case_number, "notice": notice.id, "stands": stands.value,
            "placed": application.region or "", "until": _until(standing, application.id, notice.id),
            "next": _next(application, region, stands),
        }
        for application in accredited
        for region, notice in _noticed(land.regions)
        if (stands := standing.of(application.id, notice.id, now=now)) in _WAITS
        or (application.region == region.code and stands is Consent.NOT_ASKED)
    ]  # fmt: skip


def _until(standing: Consents, known: UUID, notice: NoticeId) -> str:
    request = standing.requests.get((known, notice))
    return f"{request.ends:%Y-%m-%d %H:%M} UTC" if request and request.ends else ""


def _next(application: Application, region: Region, stands: Consent) -> str:
    if stands is Consent.NOT_ASKED:
        return "accredit consent ask"
    if stands in ENDS_A_PLACE and application.region == region.code:
        return "accredit plan draft"
    return ""
