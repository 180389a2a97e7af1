"""The public register: organisations, counts, policies and clocks at one moment, and what changed since the last.

It names organisations; people only where the law publishes them, and interpreters never (practice, sections 3 and 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field

from domain.application.application import Application
from domain.application.clocks import Clock
from domain.application.roles import Role
from domain.application.status import Status
from domain.election.policies import Policy, PolicyKind
from domain.organisations.organisation import OrganisationKind, OrganisationStatus
from domain.values import CountryCode, ElectionCode, Frozen, Grown, LanguageCode, OrganisationCode, UtcTime

FORM: Final = "accredit-register/1"
_CLOCKS: Final[Mapping[Status, Clock]] = {
    Status.IN_VETTING: Clock.DECISION,
    Status.IN_REVIEW: Clock.DECISION,
    Status.DEFERRED: Clock.DEFERRAL,
    Status.UNDER_APPEAL: Clock.APPEAL,
}
"""The authority's own time limits, by the status in which they run."""


class OrganisationEntry(Frozen):
    """One organisation. What is None the profile does not publish."""

    code: OrganisationCode
    name: str
    kind: OrganisationKind
    country: CountryCode
    standing: OrganisationStatus
    admitted_on: date | None = None
    accredited: Annotated[Mapping[Role, int] | None, Field(description="people accredited now, by role")] = None
    decided: Annotated[Mapping[date, int] | None, Field(description="accreditations granted, by day")] = None
    names: Annotated[tuple[str, ...] | None, Field(description="of observers, where a law publishes them")] = None


class PolicyEntry(Frozen):
    """One version of a policy, in the words of its authority."""

    id: str
    version: int
    kind: PolicyKind
    authority: str
    ground: str
    text: str
    in_force_from: date | None = None
    in_force_to: date | None = None
    in_force: bool

    @classmethod
    def of(cls, policy: Policy, *, in_force: bool) -> Self:
        """Return what is published of *policy*."""
        said = policy.model_dump(include={"id", "version", "kind", "authority", "ground", "text", "in_force_to"})
        return cls(**said, in_force_from=policy.in_force_from or policy.published_on, in_force=in_force)


class ClockEntry(Frozen):
    """How many cases wait for the authority under one kind of time limit, and how many have waited too long."""

    clock: Clock
    running: int
    late: int


class VoteEntry(Frozen):
    """Another vote of the same election: a run-off or a repetition, or the vote before it."""

    election: ElectionCode
    title: str
    day: date
    organisations: tuple[OrganisationEntry, ...] = ()
    """As in that vote's own register, without names. Most people are in both: nothing is to be added up."""


class PublicRegister(Grown):
    """All of it at one moment."""

    later: ClassVar = ("roles", "votes")

    form: Literal["accredit-register/1"] = FORM
    election: ElectionCode
    title: str
    as_of: UtcTime
    names_ground: Annotated[str, Field(description="the law that publishes names; empty: none are")] = ""
    organisations: tuple[OrganisationEntry, ...] = ()
    policies: tuple[PolicyEntry, ...] = ()
    clocks: tuple[ClockEntry, ...] = ()
    roles: Annotated[
        Mapping[Role, Mapping[LanguageCode, str]], Field(description="words for roles that only this election has")
    ] = {}
    votes: tuple[VoteEntry, ...] = ()

    @property
    def content(self) -> dict[str, object]:
        """What it says, whenever it says so."""
        return self.model_dump(exclude={"as_of"})


class ChangeKind(StrEnum):
    """What can differ between two registers."""

    ORGANISATION_NEW = "organisation_new"
    ORGANISATION_GONE = "organisation_gone"
    STANDING = "standing"
    ACCREDITED = "accredited"
    VOTE_NEW = "vote_new"
    POLICY_NEW = "policy_new"
    POLICY_BEGINS = "policy_begins"
    POLICY_ENDS = "policy_ends"
    RUNNING = "running"
    LATE = "late"


class Change(Frozen):
    """One difference, as codes and numbers; words are made of it."""

    kind: ChangeKind
    about: str
    before: str = ""
    after: str = ""


def clocks_of(applications: Iterable[Application], *, now: UtcTime) -> tuple[ClockEntry, ...]:
    """Return every kind of clock of the authority, with how many run and how many are late (practice, S5)."""
    due = [(_CLOCKS[case.status], case.due_at) for case in applications if case.status in _CLOCKS and case.due_at]
    return tuple(
        ClockEntry(
            clock=clock,
            running=sum(kind is clock for kind, _ in due),
            late=sum(kind is clock and end < now for kind, end in due),
        )
        for clock in dict.fromkeys(_CLOCKS.values())
    )


def changes(before: PublicRegister, after: PublicRegister) -> tuple[Change, ...]:
    """Return what *after* says otherwise than *before*: organisations, other votes, then policies, then clocks."""
    return (
        *_of_organisations(before.organisations, after.organisations),
        *_of_votes(before.votes, after.votes),
        *_of_policies(before.policies, after.policies),
        *_of_clocks(before.clocks, after.clocks),
    )


def _of_organisations(before: Sequence[OrganisationEntry], after: Sequence[OrganisationEntry]) -> Iterator[Change]:
    held, now = ({entry.code: entry for entry in entries} for entries in (before, after))
    for code, entry in now.items():
        if (old := held.get(code)) is None:
            yield Change(kind=ChangeKind.ORGANISATION_NEW, about=entry.name, after=entry.standing)
            continue
        if old.standing is not entry.standing:
            yield Change(kind=ChangeKind.STANDING, about=entry.name, before=old.standing, after=entry.standing)
        was, is_now = (sum((state.accredited or {}).values()) for state in (old, entry))
        if was != is_now:
            yield Change(kind=ChangeKind.ACCREDITED, about=entry.name, before=str(was), after=str(is_now))
    for code, old in held.items():
        if code not in now:
            yield Change(kind=ChangeKind.ORGANISATION_GONE, about=old.name)


def _of_votes(before: Sequence[VoteEntry], after: Sequence[VoteEntry]) -> Iterator[Change]:
    held = {vote.election: vote for vote in before}
    for vote in after:
        if (old := held.get(vote.election)) is None:
            yield Change(kind=ChangeKind.VOTE_NEW, about=vote.title)
            continue
        for change in _of_organisations(old.organisations, vote.organisations):
            yield change.revised(about=f"{vote.title}: {change.about}")


def _of_policies(before: Sequence[PolicyEntry], after: Sequence[PolicyEntry]) -> Iterator[Change]:
    held = {(entry.id, entry.version): entry.in_force for entry in before}
    for entry in after:
        about, was = f"{entry.id}:{entry.version}", held.get((entry.id, entry.version))
        if was is None:
            yield Change(kind=ChangeKind.POLICY_NEW, about=about)
        elif was != entry.in_force:
            yield Change(kind=ChangeKind.POLICY_BEGINS if entry.in_force else ChangeKind.POLICY_ENDS, about=about)


def _of_clocks(before: Sequence[ClockEntry], after: Sequence[ClockEntry]) -> Iterator[Change]:
    held = {entry.clock: entry for entry in before}
    for entry in after:
        old = held.get(entry.clock, ClockEntry(clock=entry.clock, running=0, late=0))
        for kind, was, is_now in (
            (ChangeKind.RUNNING, old.running, entry.running),
            (ChangeKind.LATE, old.late, entry.late),
        ):
            if was != is_now:
                yield Change(kind=kind, about=entry.clock, before=str(was), after=str(is_now))
