"""An invented election that is already decided: who sent whom when, and how long each decision took.

Nothing is run: arrivals are those of the rehearsal (its organisations, lists and days), decisions are drawn. What is
decided together shares its luck: each day has its own backlog and each list its own pace, so that people of one list
are not independent of each other. A bias can be planted; its strength is an odds ratio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp, log
from random import Random
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.oversight.cases import Grouping, Origin, Outcome, ReportCase
from domain.oversight.fairness.contrasts import contrasts
from domain.values import Frozen
from flows.rehearsal.package.batches import NominationBatch, batches
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.resources import read, valdara

_ROLES: Final[dict[Role, float]] = {
    Role.SHORT_TERM_OBSERVER: 0.78,
    Role.LONG_TERM_OBSERVER: 0.12,
    Role.CORE_TEAM: 0.04,
    Role.INTERPRETER: 0.06,
}
_MIXED: Final = frozenset({"international_organisation", "parliament", "ngo"})
_OFFICERS: Final = 10
_OFFICES: Final = 3


class Bias(Frozen):
    """A bias to plant: whose cases, and how much."""

    kind: Literal["refusal", "delay", "both"]
    by: Literal["nationality", "organisation"]
    group: Annotated[str, Field(description="code of the country or organisation", pattern=r"^[A-Z0-9-]{2,32}$")]
    odds: Annotated[float, Field(gt=0, description="of refusal, or of a longer wait, against everybody else")] = 4.0
    people: Annotated[
        int | None, Field(ge=1, description="make the group so large; else it is as large as it comes")
    ] = None

    @classmethod
    def read(cls, written: str) -> Self:
        """Return the bias written as ``refusal:nationality:XAG:4:60``; the odds and the people can be left out."""
        names = ("kind", "by", "group", "odds", "people")
        parts = written.split(":")
        try:
            return cls.model_validate_strings(dict(zip(names, parts, strict=len(parts) > len(names))))
        except ValueError as error:
            raise BadInputError(
                "--bias",
                f"{written[:40]!r} is not a bias.",
                remedy="Write refusal:nationality:XAG:4:60, or less of it.",
            ) from error


class Pace(Frozen):
    """How the invented authority works."""

    refused: Annotated[float, Field(gt=0, lt=1, description="share of cases refused on the case")] = 0.035
    """46 of 1,355 in a real election (practice, section 2)."""
    withdrawn: Annotated[float, Field(ge=0, lt=1)] = 0.02
    incomplete: Annotated[float, Field(ge=0, lt=1, description="share that had to be mended first")] = 0.25
    hours: Annotated[float, Field(gt=0, description="median from the complete file to the decision")] = 30.0
    spread: Annotated[float, Field(gt=0, description="of one case, on the scale of logarithms (logistic)")] = 0.5
    day_spread: Annotated[float, Field(ge=0, description="of a day's backlog (normal)")] = 0.5
    list_spread: Annotated[float, Field(ge=0, description="of what is sent together (normal)")] = 0.3
    care_spread: Annotated[
        float, Field(ge=0, description="of organisations' care with papers, on the scale of log odds; 0: all alike")
    ] = 0.0


@dataclass(slots=True)
class _Drawn:
    """Somebody before anything is decided."""

    origin: Origin
    file: int


def decided_election(
    applications: int, seed: int, *, profile: ElectionProfile, pace: Pace | None = None, bias: Bias | None = None
) -> tuple[ReportCase, ...]:
    """Return every case of an invented election of this size, decided; the same arguments give the same cases.

    Raises :class:`BadInputError` where nobody belongs to the group of *bias*.
    """
    chance = stream(seed, "decided")
    people = list(_people(batches(applications, seed, profile), chance))
    if bias is not None:
        people = _with_group(people, bias, chance)
        if not any(_is_meant(person.origin, bias) for person in people):
            raise BadInputError(bias.group, "nobody belongs to this group.", remedy="Name another, or a larger number.")
    working = pace or Pace()
    luck = _Luck(working, chance)
    return tuple(_decided(person, luck, bias, chance) for person in people)


def rehearse_bias(written: str, *, applications: int, seed: int) -> tuple[Bias, list[dict[str, str | int | bool]]]:
    """Return the planted bias and what stands out in the election that it was planted in."""
    bias, rules = Bias.read(written), valdara()
    cases = decided_election(applications, seed, profile=rules, bias=bias)
    last = max(case.decided_at for case in cases if case.decided_at)
    found = contrasts(cases, Grouping(rules.zone, {}), now=last)
    return bias, [
        {
            "question": each.question.value.replace("_", " "), "by": each.dimension.value.replace("_", " "),
            "group": each.group, "files": each.files, "odds": f"{each.odds:.1f} ({each.low:.1f}-{each.high:.1f})",
            "verdict": each.verdict.value.replace("_", " "),
            "planted": (each.dimension.value, each.group) == (bias.by, bias.group),
        }
        for each in found
        if each.asks_for_review
    ]  # fmt: skip


def _people(sent: Sequence[NominationBatch], chance: Random) -> Iterator[_Drawn]:
    states = [*read("land.yaml")["states"]]
    weights = [1 / (place + 2) for place in range(len(states))]
    roles, shares = [*_ROLES], [*_ROLES.values()]
    for number, batch in enumerate(sent):
        sponsor = batch.sponsor
        for _ in range(batch.size):
            is_own = sponsor.kind.value not in _MIXED and chance.random() < 0.9  # noqa: PLR2004 -- some bring a neighbour
            held = [sponsor.country if is_own else chance.choices(states, weights)[0]]
            if chance.random() < 0.06:  # noqa: PLR2004 -- two citizenships
                held.append(chance.choice(states))
            origin = Origin(
                UUID(int=chance.getrandbits(128)), sponsor.code, sponsor.kind, chance.choices(roles, shares)[0],
                tuple(dict.fromkeys(held)), batch.received_at,
            )  # fmt: skip
            yield _Drawn(origin, number)


def _with_group(people: list[_Drawn], bias: Bias, chance: Random) -> list[_Drawn]:
    """Return *people* with the group of *bias* as large as it says: others become members, as they came."""
    if bias.people is None:
        return people
    rest = [person for person in people if not _is_meant(person.origin, bias)]
    mixed = [person for person in rest if person.origin.kind.value in _MIXED]
    wanted = bias.people - (len(people) - len(rest))
    for person in chance.sample(mixed, max(0, min(wanted, len(mixed)))):
        if bias.by == "nationality":
            person.origin = replace(person.origin, nationalities=(bias.group,))
        else:
            person.origin = replace(person.origin, organisation=bias.group)
    return people


def _is_meant(origin: Origin, bias: Bias) -> bool:
    return bias.group in (origin.nationalities if bias.by == "nationality" else (origin.organisation,))


class _Luck:
    """What cases share: the backlog of a day, the pace of a list, an organisation's care."""

    def __init__(self, pace: Pace, chance: Random) -> None:
        self.pace, self._chance = pace, chance
        self._known: dict[tuple[str, object], float] = {}

    def pace_of(self, person: _Drawn) -> float:
        """Return what is added to the logarithm of the wait of everybody of that day, and of that list."""
        shared = self._of("day", person.origin.received_at.date(), self.pace.day_spread)
        return shared + self._of("list", (person.file, person.origin.organisation), self.pace.list_spread)

    def care_of(self, person: _Drawn) -> float:
        """Return what is added to the log odds of refusal of an organisation's people."""
        return self._of("care", person.origin.organisation, self.pace.care_spread)

    def _of(self, kind: str, key: object, spread: float) -> float:
        if (kind, key) not in self._known:
            self._known[kind, key] = self._chance.gauss(0, spread) if spread else 0.0
        return self._known[kind, key]


def _decided(person: _Drawn, luck: _Luck, bias: Bias | None, chance: Random) -> ReportCase:
    pace, origin = luck.pace, person.origin
    case = ReportCase(origin, complete_at=_complete(origin.received_at, pace, chance))
    if chance.random() < pace.withdrawn:
        return replace(case, outcome=Outcome.WITHDRAWN)
    pushed = log(bias.odds) if bias and _is_meant(origin, bias) else 0.0
    refused = log(pace.refused / (1 - pace.refused)) + luck.care_of(person)
    if bias and bias.kind != "delay":
        refused += pushed
    waited = log(pace.hours) + luck.pace_of(person) + pace.spread * _logistic(chance)
    if bias and bias.kind != "refusal":
        waited += pace.spread * pushed
    is_refused = chance.random() < 1 / (1 + exp(-refused))
    officer = chance.randrange(_OFFICERS)
    return replace(
        case,
        decided_at=(case.complete_at or origin.received_at) + timedelta(hours=exp(waited)),
        outcome=Outcome.REFUSED if is_refused else Outcome.ACCREDITED,
        lead=chance.choice((ReasonCode.R02, ReasonCode.R02, ReasonCode.R02, ReasonCode.R06)) if is_refused else None,
        decided_by=f"OFF-{officer + 1:02d}",
        office=f"RO-{officer % _OFFICES + 1}",
    )


def _complete(received: datetime, pace: Pace, chance: Random) -> datetime:
    if chance.random() >= pace.incomplete:
        return received
    return received + timedelta(hours=chance.expovariate(1 / 30.0))


def _logistic(chance: Random) -> float:
    drawn = 0.01 + 0.98 * chance.random()
    return log(drawn / (1 - drawn))
