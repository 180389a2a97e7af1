"""What is planted and how often, what the engine must make of it, and what one organisation mends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from domain.application.roles import Role
from domain.election.profile import ElectionProfile
from flows.rehearsal.package.cases import RehearsalCase, written_anew
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.people import host, person, respelled
from flows.rehearsal.package.pictures.zones import DIGIT_PLACES, with_wrong_digit, zone
from flows.rehearsal.package.separation import Crowd
from flows.rehearsal.package.truth import CasePath, PlantedProblem, RowOutcome, TruthRow

SHARES: Final[dict[PlantedProblem, float]] = {
    PlantedProblem.EXPIRED_DOCUMENT: 0.009,
    PlantedProblem.WRONG_CHECK_DIGIT: 0.009,
    PlantedProblem.DOUBLE_NOMINATION: 0.010,
    PlantedProblem.CONFLICT_DECLARED: 0.010,
    PlantedProblem.BAD_EMAIL: 0.009,
    PlantedProblem.MISSING_PHOTO: 0.007,
    PlantedProblem.HOST_NATIONAL: 0.006,
    PlantedProblem.MALFORMED: 0.006,
    PlantedProblem.WATCH_LIST_NAMESAKE: 0.006,
    PlantedProblem.OTHER_SPELLING: 0.008,
    PlantedProblem.MISSING_IDENTITY_PAGE: 0.007,
    PlantedProblem.ZONE_DIFFERS: 0.009,
    PlantedProblem.MISSING_PLEDGE: 0.008,
    PlantedProblem.UNDER_AGE: 0.005,
}
"""The share of all rows that has each problem; late files and those of organisations not admitted come on top."""

_PAIRS: Final = {PlantedProblem.DOUBLE_NOMINATION, PlantedProblem.OTHER_SPELLING}
_LARGEST_SHARE: Final = 1 / 3
"""However small the rehearsal, at most this share of its rows has something planted."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What planting needs besides the row: where chance comes from, the seed, the rules."""

    seed: int
    profile: ElectionProfile
    chance: Random
    crowd: Crowd


def plant(every: list[RehearsalCase], seed: int, profile: ElectionProfile) -> None:
    """Change rows of *every* so that each problem has its share, at least once where there is room."""
    ground = Ground(seed, profile, stream(seed, "problems"), Crowd(case.person for case in every))
    free = [case for case in every if not case.truth.problems]
    ground.chance.shuffle(free)
    room = int(len(every) * _LARGEST_SHARE)
    for problem, share in SHARES.items():
        for _ in range(max(1, round(share * len(every)) // (2 if problem in _PAIRS else 1))):
            room -= 2 if problem in _PAIRS else 1
            if room < 0:
                return
            _plant_once(problem, free, ground)


def _plant_once(problem: PlantedProblem, free: list[RehearsalCase], ground: Ground) -> None:
    case = free.pop(_unlike_others(free, ground) if problem is PlantedProblem.WATCH_LIST_NAMESAKE else -1)
    if problem not in _PAIRS:
        _PLANTS[problem](case, ground)
        return
    partner = next((other for other in free if other.batch.sponsor.code != case.batch.sponsor.code), None)
    if partner is not None:
        free.remove(partner)
        _plant_pair(problem, case, partner, ground)


def _unlike_others(free: list[RehearsalCase], ground: Ground) -> int:
    """Return the place of the last free row whose person nobody else could be taken for: the list is to meet one."""
    backwards = range(len(free) - 1, -1, -1)
    return next((place for place in backwards if ground.crowd.has_nobody_like(free[place].person)), -1)


def _plant_pair(problem: PlantedProblem, case: RehearsalCase, partner: RehearsalCase, ground: Ground) -> None:
    """Make *partner* nominate the person of *case* again; the document number stays the same."""
    somebody = case.person
    written_anew(partner, somebody, ground.seed, ground.profile)
    if problem is PlantedProblem.OTHER_SPELLING:
        again = respelled(somebody)
        # The document prints the first spelling, so a zone beside the second would be a problem of its own.
        partner.cells |= {"surname": again.name.surname, "given_names": again.name.given_names, "mrz": ""}
    for one, other in ((case, partner), (partner, case)):
        one.found(problem, "D08", path=CasePath.REVIEW)
        one.truth = one.truth.revised(partner=other.name)
        if one.cells["role"] == Role.INTERPRETER and host().code not in somebody.nationalities:
            continue
        one.cells["role"] = _role_for(somebody.nationalities, one.cells["role"])


def _role_for(nationalities: tuple[str, ...], role: str) -> str:
    """Return *role*, or interpreter for a host national: the pair is to have one problem only."""
    return Role.INTERPRETER.value if host().code in nationalities else role


def _missing_photo(case: RehearsalCase, ground: Ground) -> None:
    _leave_out(case, "photo", ground)
    case.found(PlantedProblem.MISSING_PHOTO, "D01", path=CasePath.INCOMPLETE)


def _missing_identity_page(case: RehearsalCase, ground: Ground) -> None:
    _leave_out(case, "identity_page", ground)
    case.found(PlantedProblem.MISSING_IDENTITY_PAGE, "D01", path=CasePath.INCOMPLETE)


def _leave_out(case: RehearsalCase, column: str, ground: Ground) -> None:
    """Leave the file out, and for half of the rows its name too."""
    case.missing.add(column)
    if ground.chance.random() < 1 / 2:
        case.cells[column] = ""


def _expired(case: RehearsalCase, ground: Ground) -> None:
    """Let the document end before election day, or too soon after it."""
    expiry = ground.profile.election.day + timedelta(days=ground.chance.choice((-400, -90, -20, -1, 3, 20)))
    written_anew(case, replace(case.person, document_expiry=expiry), ground.seed, ground.profile)
    case.found(PlantedProblem.EXPIRED_DOCUMENT, "D03", path=CasePath.INCOMPLETE)


def _wrong_check_digit(case: RehearsalCase, ground: Ground) -> None:
    case.cells |= _sex_and_zone(case, with_wrong_digit(case.zone, ground.chance.choice(DIGIT_PLACES)))
    case.found(PlantedProblem.WRONG_CHECK_DIGIT, "D04", path=CasePath.REVIEW)


def _zone_differs(case: RehearsalCase, ground: Ground) -> None:
    """Let the zone, in order by itself, state another number, day of birth or expiry than the form."""
    somebody, days = case.person, timedelta(days=ground.chance.randint(1, 9))
    other = ground.chance.choice(
        (
            replace(somebody, document_number=somebody.document_number[:-2] + somebody.document_number[:-3:-1]),
            replace(somebody, birth_date=somebody.birth_date + days),
            replace(somebody, document_expiry=somebody.document_expiry + days),
        )
    )
    if zone(other) == zone(somebody):
        other = replace(somebody, birth_date=somebody.birth_date + days)
    case.cells |= _sex_and_zone(case, zone(other))
    case.found(PlantedProblem.ZONE_DIFFERS, "D04", path=CasePath.REVIEW)


def _sex_and_zone(case: RehearsalCase, lines: tuple[str, str]) -> dict[str, str]:
    return {"sex": case.person.sex, "mrz": "/".join(lines)}


def _bad_email(case: RehearsalCase, ground: Ground) -> None:
    local, _, domain = case.cells["email"].partition("@")
    case.cells["email"] = ground.chance.choice(
        (f"{local} at {domain}", f"{local}@@{domain}", f"{local}@{domain.replace('.', '..', 1)}", local)
    )
    case.found(PlantedProblem.BAD_EMAIL, "D06", path=CasePath.INCOMPLETE)


def _missing_pledge(case: RehearsalCase, ground: Ground) -> None:
    del ground
    case.cells["pledge_accepted_on"] = ""
    case.found(PlantedProblem.MISSING_PLEDGE, "D06", path=CasePath.INCOMPLETE)


def _conflict_declared(case: RehearsalCase, ground: Ground) -> None:
    del ground
    case.cells["conflict_declared"] = "yes"
    case.found(PlantedProblem.CONFLICT_DECLARED, "D08", path=CasePath.REVIEW)


def _host_national(case: RehearsalCase, ground: Ground) -> None:
    """Propose a host national as an observer; one in two holds another citizenship too."""
    somebody = person(case.person.number, seed=ground.seed, election_day=ground.profile.election.day, state=host())
    second = ground.chance.choice(((), ("XAA",)))
    case.cells["role"] = _observer(case.cells["role"])
    written_anew(case, replace(somebody, nationalities=(host().code, *second)), ground.seed, ground.profile)
    case.found(PlantedProblem.HOST_NATIONAL, "R04", path=CasePath.REVIEW)


def _observer(role: str) -> str:
    return role if role != Role.INTERPRETER else Role.SHORT_TERM_OBSERVER.value


def _under_age(case: RehearsalCase, ground: Ground) -> None:
    """Let the person be of age one to five hundred days after election day."""
    day, age = ground.profile.election.day, ground.profile.eligibility.minimum_age or 18
    birthday = date(day.year - age, day.month, day.day) + timedelta(days=ground.chance.randint(1, 500))
    case.cells["role"] = _role_for(case.person.nationalities, case.cells["role"])
    written_anew(case, replace(case.person, birth_date=birthday), ground.seed, ground.profile)
    case.found(PlantedProblem.UNDER_AGE, "D08", path=CasePath.REVIEW)


def _namesake(case: RehearsalCase, ground: Ground) -> None:
    """Mark the person for the watch list, which takes name and birth date from the marked rows."""
    del ground
    case.found(PlantedProblem.WATCH_LIST_NAMESAKE, "D08", path=CasePath.REVIEW)


def _malformed(case: RehearsalCase, ground: Ground) -> None:
    """Leave out who is meant, or what tells the person from others, or write beyond the last column."""
    kinds = ("nobody", "untold", "too many cells") if case.batch.kind == "csv" else ("nobody", "untold")
    match ground.chance.choice(kinds):
        case "nobody":
            case.cells |= dict.fromkeys(("surname", "given_names", "native_name", "mrz"), "")
        case "untold":
            case.cells |= dict.fromkeys(("reference", "document_number", "birth_date", "mrz"), "")
            case.truth = case.truth.revised(reference="")
        case _:
            case.spare_cells = ("see the attached letter", "", "2")
    case.found(PlantedProblem.MALFORMED, path=CasePath.RETURNED)
    case.truth = case.truth.revised(row_outcome=RowOutcome.RETURNED)


_PLANTS: Final[dict[PlantedProblem, Callable[[RehearsalCase, Ground], None]]] = {
    PlantedProblem.MISSING_PHOTO: _missing_photo,
    PlantedProblem.MISSING_IDENTITY_PAGE: _missing_identity_page,
    PlantedProblem.EXPIRED_DOCUMENT: _expired,
    PlantedProblem.WRONG_CHECK_DIGIT: _wrong_check_digit,
    PlantedProblem.ZONE_DIFFERS: _zone_differs,
    PlantedProblem.BAD_EMAIL: _bad_email,
    PlantedProblem.MISSING_PLEDGE: _missing_pledge,
    PlantedProblem.CONFLICT_DECLARED: _conflict_declared,
    PlantedProblem.HOST_NATIONAL: _host_national,
    PlantedProblem.UNDER_AGE: _under_age,
    PlantedProblem.WATCH_LIST_NAMESAKE: _namesake,
    PlantedProblem.MALFORMED: _malformed,
}


def namesakes(every: list[RehearsalCase]) -> Iterator[RehearsalCase]:
    """Yield the rows whose person the watch list is to name."""
    return (case for case in every if PlantedProblem.WATCH_LIST_NAMESAKE in case.truth.problems)


MENDABLE: Final = frozenset(
    {
        PlantedProblem.MISSING_PHOTO, PlantedProblem.MISSING_IDENTITY_PAGE, PlantedProblem.EXPIRED_DOCUMENT,
        PlantedProblem.BAD_EMAIL, PlantedProblem.MISSING_PLEDGE, PlantedProblem.MALFORMED,
    }
)  # fmt: skip
_OF_A_RETURNED_ROW: Final = ("reference", "surname", "given_names", "photo", "identity_page")
"""What is written in any case, for the row and its pictures to be found again."""


def plan_mending(every: Sequence[RehearsalCase], right: Sequence[Mapping[str, str]]) -> None:
    """Write into the truth of one organisation's rows what it mends; *right* are the cells before anything was planted.

    It is the organisation with the most kinds of mendable mistakes, one of whose rows went back if there is such a
    one; of equals the one with the fewest rows.
    """
    mistakes: defaultdict[str, list[int]] = defaultdict(list)
    for place, case in enumerate(every):
        if len(case.truth.problems) == 1 and case.truth.problems[0] in MENDABLE:
            mistakes[case.truth.organisation].append(place)
    if not mistakes:
        return
    chosen = max(sorted(mistakes), key=lambda code: _worth([every[place].truth for place in mistakes[code]]))
    for place in mistakes[chosen]:
        case = every[place]
        case.truth = case.truth.revised(mends=_mends(case, right[place]))


def _worth(rows: Iterable[TruthRow]) -> tuple[bool, int, int]:
    known = list(rows)
    returned = any(row.row_outcome is RowOutcome.RETURNED for row in known)
    return returned and len(known) > 1, len({row.problems for row in known}), -len(known)


def _mends(case: RehearsalCase, right: Mapping[str, str]) -> dict[str, str]:
    always = _OF_A_RETURNED_ROW if case.truth.row_outcome is RowOutcome.RETURNED else tuple(sorted(case.missing))
    return {column: text for column, text in right.items() if text != case.cells[column] or column in always}
