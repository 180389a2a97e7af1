"""Rosters: every office's list as workbook and pages, with its changes, and summaries for regional commissions."""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast
from unicodedata import normalize
from uuid import UUID, uuid5

from pydantic import TypeAdapter, model_validator

from domain.application.application import Application
from domain.application.case import Case
from domain.application.status import ON_LISTS, Status
from domain.assignment.acknowledgements import Recipient
from domain.election.geography import Office, Region, RegionalContact
from domain.letters.envelope import Attachment, Envelope
from domain.values import Frozen, OfficeCode, OrganisationCode, RegionCode
from flows.assignment.plans.places import Places, Who
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters, RosterNumbers, competent_office
from flows.settings import settings
from flows.storage.files import file_store
from notifications.assignment.roster_pages import PDF, RegionSummary, roster_pdf, summary_pdf
from notifications.assignment.rosters import (
    MEDIA_TYPE,
    REMOVED,
    LiaisonLine,
    Roster,
    RosterLine,
    StaffLine,
    roster_filename,
    roster_workbook,
)
from notifications.letters.lines import CompetentOffice


class RosterEntry(Frozen):
    """How somebody stands on an office's list. Ids and codes only; two lists differ where an entry does."""

    region: RegionCode
    partners: tuple[str, ...] = ()
    """Ids of applications; an interpreter may have two."""
    credential: Literal["issued", "to follow", "suspended"]
    serial: str = ""
    site: str = ""

    @model_validator(mode="before")
    @classmethod
    def _as_plans_before_wrote_it(cls, written: object) -> object:
        """Read region, partners, credential and perhaps site in this order: so they stood in plans until 2026-11."""
        if not isinstance(written, list):
            return written
        region, partners, credential, *site = (str(mark) for mark in cast("list[object]", written))
        return {"region": region, "partners": tuple(partners.split()), "credential": credential, "site": "".join(site)}


Entries: TypeAlias = dict[str, RosterEntry]
"""Who stands on a list, by id."""

_ENTRIES: Final = TypeAdapter(Entries)
_NAMESPACE: Final = UUID("0f4c8a0e-53c1-4f0b-8d6e-2b1f6a7c9d11")


class SentBefore(NamedTuple):
    """The last version that an office was sent, who stood on it, and which staff sent to it were named."""

    version: int = 0
    entries: Entries = {}  # noqa: RUF012 -- nothing writes into it
    staff: tuple[str, ...] = ()


class ListLetter(NamedTuple):
    """A letter with the list or a summary of it, and who is to say that it arrived."""

    recipient: Recipient
    code: OfficeCode | RegionCode
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class OfficeList:
    """What one office is sent: the letter, and what the next version is compared with."""

    office: OfficeCode
    version: int
    entries: Entries
    staff: tuple[str, ...]
    letters: tuple[ListLetter, ...]
    """To the office, and to the commission's representatives and local administrations of the regions that changed."""


def last_lists(
    sent: Iterable[tuple[UUID, Mapping[OfficeCode, dict[str, Any]]]], *, but: UUID
) -> dict[OfficeCode, SentBefore]:
    """Return the last version that each office was sent by plans, in their order, and what stood on it."""
    found: dict[OfficeCode, dict[str, Any]] = {}
    for plan, rosters in sent:
        if plan != but:
            found |= rosters
    return {
        office: SentBefore(kept["version"], _ENTRIES.validate_python(kept["lines"]), tuple(kept.get("staff", ())))
        for office, kept in found.items()
    }


def team_label(region: RegionCode, person: str, partners: Sequence[str]) -> str:
    """Return what a team is called: its region and four letters that only another pair would change.

    Whoever has two *partners* goes with their team and bears its name.
    """
    drawn = uuid5(_NAMESPACE, " ".join(sorted(partners if len(partners) > 1 else (person, *partners))))
    return f"{region}-{b32encode(drawn.bytes)[:4].decode()}"


def office_lists(
    context: ElectionContext,
    places: Places,
    people: Mapping[UUID, Application],
    who: Who,
    before: Mapping[OfficeCode, SentBefore],
    *,
    staff: Mapping[OfficeCode, Sequence[StaffLine]],
) -> list[OfficeList]:
    """Return the lists that changed since *before*, one for each office; *people* holds all now or then on one.

    *staff* is who is sent to help, by office.
    """
    here: dict[OfficeCode, list[Application]] = {code: [] for code in before}
    for person in people.values():
        if person.office and person.status in ON_LISTS:
            here.setdefault(person.office, []).append(person)
    found: list[OfficeList] = []
    for code, present in sorted(here.items()):
        version, old, helpers = before.get(code, SentBefore())
        now = {str(application.id): _entry(application, places) for application in present}
        sent = tuple(staff.get(code, ()))
        if (now, tuple(map(str, sent))) != (old, helpers):
            gone = [people[UUID(case)] for case in sorted(old.keys() - now.keys()) if UUID(case) in people]
            drawing = _Drawing(context, context.geography.office(code), version + 1, now, old, sent)
            found.append(drawing.drawn(places.plan, _cases(present, who), _cases(gone, who)))
    return found


def _cases(people: Sequence[Application], who: Who) -> list[Case]:
    """Return *people* with who they are; whose data were erased is left out."""
    known = who([person.id for person in people])
    return [Case(person, known[person.id]) for person in people if person.id in known]


def _entry(application: Application, places: Places) -> RosterEntry:
    known = str(application.id)
    return RosterEntry(
        region=str(application.region),
        partners=tuple(places.partners.get(known, ())),
        credential=_state(application),
        serial=application.serial or "",
        site=places.sites.get(known, ""),
    )


def _state(application: Application) -> Literal["issued", "to follow", "suspended"]:
    if application.status is Status.SUSPENDED:
        return "suspended"
    return "issued" if application.serial else "to follow"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One office's list being drawn up."""

    context: ElectionContext
    office: Office
    version: int
    now: Entries
    old: Entries
    staff: tuple[StaffLine, ...]

    def drawn(self, plan: UUID, present: Sequence[Case], gone: Sequence[Case]) -> OfficeList:
        """Return the list with its letters; files are kept, nothing else is written."""
        own = ListLetter(Recipient.OFFICE, self.office.code, self.letter(plan, present, gone))
        letters = (own, *self.summaries(plan, present))
        return OfficeList(self.office.code, self.version, self.now, tuple(map(str, self.staff)), letters)

    def letter(self, plan: UUID, present: Sequence[Case], gone: Sequence[Case]) -> Envelope:
        roster = self._roster(present, gone)
        regions = Counter(self._region(case).name for case in present)
        workbook = self._kept(roster_workbook(roster), "xlsx", MEDIA_TYPE)
        change = Counter(line.change for line in roster.lines)
        numbers = RosterNumbers(
            version=self.version,
            regions=dict(sorted(regions.items())),
            added=change["new"],
            changed=change["changed"],
            removed=change[REMOVED],
        )
        attachments = (workbook, self._kept(roster_pdf(roster), "pdf", PDF), *self._summaries(present))
        return ApplicationLetters.at(self.context).roster(
            self.office, plan, numbers=numbers, attachments=attachments, asked=self._asked(plan)
        )

    def _asked(self, plan: UUID) -> dict[str, Any]:
        """Return what a letter says of its answer; a closed office, which nobody is at, is asked for none."""
        hours = self.context.profile.letters.acknowledge_hours
        if hours is None or not self.context.geography.is_open(self.office.code, on=self.context.day):
            return {}
        mark = uuid5(_NAMESPACE, f"{plan} {self.office.code} {self.version}").hex
        return {"due": self.context.now + timedelta(hours=hours), "mark": mark if settings().desk_url else ""}

    def _kept(self, content: bytes, ending: str, media_type: str) -> Attachment:
        name = roster_filename(self.office.code, self.version, ending)
        return Attachment(filename=name, media_type=media_type, content=file_store().put(content))

    def _roster(self, present: Sequence[Case], gone: Sequence[Case]) -> Roster:
        election = self.context.profile.election
        names = {str(case.application.id): case.nomination.name for case in (*present, *gone)}
        lines = [self._line(case, self._change(case), names) for case in present]
        lines += [self._line(case, REMOVED, names) for case in gone]
        return Roster(
            election_title=election.title,
            office=self.office.name,
            acting_for=", ".join(self._acted_for()),
            version=self.version,
            drawn_up_at=self.context.now,
            timezone=election.timezone,
            notices=tuple(_notices(self._regions())),
            liaisons=tuple(self._liaisons(present)),
            staff=self.staff,
            lines=tuple(
                sorted(
                    lines, key=lambda line: (line.change == REMOVED, normalize("NFKD", line.name).casefold(), line.team)
                )
            ),
        )

    def _liaisons(self, present: Sequence[Case]) -> Iterable[LiaisonLine]:
        people: Counter[OrganisationCode] = Counter(case.application.organisation for case in present)
        for code in sorted(people):
            sponsor = self.context.organisations[code]
            contact = sponsor.liaison.model_dump() if sponsor.liaison else {}
            yield LiaisonLine(organisation=sponsor.name, people=people[code], **contact)

    def _change(self, case: Case) -> str:
        known = str(case.application.id)
        if self.version == 1 or self.old.get(known) == self.now[known]:
            return ""
        return "changed" if known in self.old else "new"

    def _line(self, case: Case, change: str, names: Mapping[str, str]) -> RosterLine:
        """Return the line of *case*; *names* are those of everybody on the list, to say who goes with whom."""
        nomination, known = case.nomination, str(case.application.id)
        entry = self.now.get(known) or self.old[known]
        region = self.context.geography.region(entry.region)
        return RosterLine(
            name=nomination.name,
            own_script_name=nomination.native_name,
            role=self.context.profile.role_word(case.application.role),
            organisation=self.context.organisations[case.application.organisation].name,
            languages=nomination.languages,
            region=region.name,
            team=team_label(region.code, known, entry.partners) if entry.partners else "",
            partners=tuple(sorted(names[mate] for mate in entry.partners if mate in names)),
            site=entry.site,
            arrival=nomination.arrival.isoformat() if nomination.arrival else "",
            departure=nomination.departure.isoformat() if nomination.departure else "",
            notice=region.notice.id if region.notice else "",
            phone=nomination.phone if change != REMOVED else "",
            email=nomination.email if change != REMOVED else "",
            credential=entry.credential,
            serial=entry.serial,
            change=change,
        )

    def _region(self, case: Case) -> Region:
        return self.context.geography.region(str(case.application.region))

    def _regions(self) -> list[Region]:
        land, day = self.context.geography, self.context.day
        return [region for region in land.regions if land.serving(region.office, on=day).code == self.office.code]

    def _acted_for(self) -> list[str]:
        homes = sorted({region.office for region in self._regions()} - {self.office.code})
        return [self.context.geography.office(code).name for code in homes]

    def _summaries(self, present: Sequence[Case]) -> Iterable[Attachment]:
        """Yield a summary of each region with people: numbers, dates and the office's contact, nobody's name."""
        for region in self._regions():
            people = [case for case in present if case.application.region == region.code]
            if people:
                yield self._page(region, people)

    def _page(self, region: Region, people: Sequence[Case], recipient: Recipient = Recipient.COMMISSION) -> Attachment:
        summary = summary_pdf(self._summary(region, people, recipient))
        less = "administration-" if recipient is Recipient.ADMINISTRATION else ""
        name = f"summary-{less}{region.code.lower()}-v{self.version}.pdf"
        return Attachment(filename=name, media_type=PDF, content=file_store().put(summary))

    def summaries(self, plan: UUID, present: Sequence[Case]) -> Iterable[ListLetter]:
        """Yield a letter to each recipient in each region that changed: its page and numbers, nobody's name."""
        changed, letters = self._changed_regions(), ApplicationLetters.at(self.context)
        for region in self._regions():
            people = [case for case in present if case.application.region == region.code]
            for recipient, contact in _recipients(region) if region.code in changed else ():
                numbers = self._numbers(region, people, recipient) | self._asked(plan)
                letter = letters.summary(
                    region, contact, self._contact(region), numbers, key=_key(plan, region, recipient)
                )
                attached = self._page(region, people, recipient)
                yield ListLetter(recipient, region.code, letter.revised(attachments=(attached,)))

    def _changed_regions(self) -> set[str]:
        """Return the regions in which somebody is now or was before, and stands otherwise on the list."""
        people = [known for known in {*self.now, *self.old} if self.now.get(known) != self.old.get(known)]
        return {entries[known].region for entries in (self.now, self.old) for known in people if known in entries}

    def _contact(self, region: Region) -> CompetentOffice:
        return competent_office(self.context.geography, region.office, on=self.context.day)

    def _numbers(self, region: Region, people: Sequence[Case], recipient: Recipient) -> dict[str, Any]:
        """Return what *recipient* is told; in which teams and at how many sites is not for the local administration."""
        first, last = self._days()
        told: dict[str, Any] = {
            "version": self.version, "people": len(people), "first_day": region.present_from or first,
            "last_day": region.present_until or last,
        }  # fmt: skip
        if recipient is Recipient.ADMINISTRATION:
            return told
        entries = {known: self.now[known] for known in (str(case.application.id) for case in people)}
        teams = {team_label(region.code, known, entry.partners) for known, entry in entries.items() if entry.partners}
        return told | {"teams": len(teams), "sites": len({entry.site for entry in entries.values()} - {""})}

    def _days(self) -> tuple[date, date]:
        """Return the first and the last day on which the office looks after people."""
        land = self.context.geography
        return max(land.serves_from, self.office.opens_on), land.last_day()

    def _summary(self, region: Region, people: Sequence[Case], recipient: Recipient) -> RegionSummary:
        land, office, election = self.context.geography, self.office, self.context.profile.election
        numbers = self._numbers(region, people, recipient)
        heard = () if recipient is Recipient.ADMINISTRATION else people
        spoken = Counter(code for case in heard for code in case.nomination.languages)
        return RegionSummary(
            election_title=election.title,
            region=region.name,
            office=office.name,
            acting_for="" if region.office == office.code else land.office(region.office).name,
            contact=tuple(part for part in (office.contact, office.email, office.phone) if part),
            version=self.version,
            drawn_up_at=self.context.now,
            timezone=election.timezone,
            first_day=f"{numbers['first_day']:%Y-%m-%d}",
            last_day=f"{numbers['last_day']:%Y-%m-%d}",
            people=numbers["people"],
            teams=numbers.get("teams"),
            sites=numbers.get("sites", 0),
            languages=tuple(sorted(spoken.items())),
            notices=tuple(_notices([region])),
        )


def _recipients(region: Region) -> Iterator[tuple[Recipient, RegionalContact]]:
    if region.commission:
        yield Recipient.COMMISSION, region.commission
    if region.local_administration:
        yield Recipient.ADMINISTRATION, region.local_administration


def _key(plan: UUID, region: Region, recipient: Recipient) -> str:
    return f"{region.code}:{plan}" if recipient is Recipient.COMMISSION else f"{region.code}:{recipient}:{plan}"


def _notices(regions: Iterable[Region]) -> Iterable[str]:
    for region in regions:
        if region.notice:
            yield f"{region.notice.id} {region.name}: {' '.join(region.notice.text.split())}"


def record_of(lists: Iterable[OfficeList]) -> dict[OfficeCode, dict[str, Any]]:
    """Return *lists* as the plan keeps them."""
    return {
        drawn.office: {
            "version": drawn.version, "lines": _ENTRIES.dump_python(drawn.entries, mode="json"),
            **({"staff": list(drawn.staff)} if drawn.staff else {}),
        }
        for drawn in lists
    }  # fmt: skip
