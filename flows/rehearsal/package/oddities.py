"""Further people of a rehearsal: nonsense that must be asked about, and real people whose documents say little.

They come after everybody else, from random numbers of their own, so that a rehearsal without them stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from domain.election.profile import ElectionProfile
from flows.rehearsal.package.cases import RehearsalCase, another_case, written_anew
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.people import states
from flows.rehearsal.package.pictures.unusable import Unusable
from flows.rehearsal.package.pictures.zones import without_day_of_birth, without_expiry, zone
from flows.rehearsal.package.separation import Crowd
from flows.rehearsal.package.truth import CasePath, PlantedProblem

SHARE: Final = 0.02
"""Of all rows; at least one where the rehearsal has a file to put it in, and from so many rows on one of each kind."""
_EACH_KIND_FROM: Final = 100
_FROM: Final = 40_000_000
"""People are numbered from here, so that nobody is drawn twice."""


def with_oddities(every: Sequence[RehearsalCase], seed: int, profile: ElectionProfile) -> list[RehearsalCase]:
    """Return *every* row and, at the ends of their files, the further ones."""
    ends: dict[str, RehearsalCase] = {case.batch.stem: case for case in every if _may_hold(case)}
    if not ends:
        return list(every)
    crowd = Crowd(case.person for case in every)
    added: defaultdict[str, list[RehearsalCase]] = defaultdict(list)
    number = _FROM
    least = len(KINDS) if len(every) >= _EACH_KIND_FROM else 1
    for place in range(max(least, round(SHARE * len(every)))):
        stem = list(ends)[place % len(ends)]
        last = (added[stem] or [ends[stem]])[-1]
        while True:
            reference = f"F{place + 1:04d}"
            case = another_case(last.batch, last.row + 1, reference, seed=seed, number=number, profile=profile)
            number += 1
            if crowd.has_nobody_like(case.person):
                break
        list(KINDS.values())[place % len(KINDS)](case, _Ground(seed, profile))
        added[stem].append(case)
    return [
        kept
        for case in every
        for kept in (case, *(added[case.batch.stem] if ends.get(case.batch.stem) is case else ()))
    ]


def _may_hold(case: RehearsalCase) -> bool:
    return case.batch.kind == "csv" and not case.batch.is_late and case.batch.sponsor.admitted


class _Ground:
    """Seed, rules, and a stream of random numbers for each row."""

    def __init__(self, seed: int, profile: ElectionProfile) -> None:
        self.seed = seed
        self.profile = profile

    def chance(self, case: RehearsalCase) -> Random:
        return stream(self.seed, "oddity", case.batch.stem, case.row)


def _ask(case: RehearsalCase, problem: PlantedProblem, column: str, text: str) -> None:
    """Write nonsense into a cell, and leave out the zone, which would show what is meant."""
    case.cells |= {column: text, "mrz": ""}
    case.found(problem, "D06", path=CasePath.INCOMPLETE)


def _number(case: RehearsalCase, ground: _Ground) -> None:
    odd = ("applied for", "-", "1.23457E+08", "MAR-04", "2004-03-01 00:00:00", "N/A", "оформляется", "申请中")
    _ask(case, PlantedProblem.ODD_NUMBER, "document_number", ground.chance(case).choice(odd))


def _name(case: RehearsalCase, ground: _Ground) -> None:
    chance, surname = ground.chance(case), case.cells["surname"]
    odd = ("To be confirmed", "Delegate 3", f"{surname[:2]}?{surname[2:]}", f"Dr. {surname}", f"{surname[:2]}&eacute;n")
    _ask(case, PlantedProblem.ODD_NAME, "surname", chance.choice(odd))


def _twice_encoded(case: RehearsalCase, ground: _Ground) -> None:
    """Write the name as programs do that take UTF-8 for a code page of Windows, once or twice."""
    surname = case.cells["surname"]
    text = f"{surname[:2]}é{surname[2:]}"
    for _ in range(ground.chance(case).choice((1, 2))):
        text = text.encode().decode("cp1252")
    _ask(case, PlantedProblem.TWICE_ENCODED, "surname", text)


def _code(case: RehearsalCase, ground: _Ground) -> None:
    column = ground.chance(case).choice(("nationality", "document_issuer"))
    _ask(case, PlantedProblem.ODD_CODE, column, ground.chance(case).choice(("ZZZ", "QQQ", "UTO")))


def _address(case: RehearsalCase, ground: _Ground) -> None:
    address = case.cells["email"]
    odd = (f"{address}; desk.{address}", f"{address}.", f"noemail@{address.partition('@')[2]}")
    _ask(case, PlantedProblem.ODD_ADDRESS, "email", ground.chance(case).choice(odd))


def _calendar(case: RehearsalCase, ground: _Ground) -> None:
    del ground
    born = case.person.birth_date
    _ask(case, PlantedProblem.OTHER_CALENDAR, "birth_date", f"{born.year + 543}-{born:%m}-28")


def _stands(case: RehearsalCase, problem: PlantedProblem, lines: tuple[str, str], **cells: str) -> None:
    """Let the document print *lines*, which say the same as *cells*: nothing is to be asked."""
    case.zone = lines
    case.cells |= {"sex": case.person.sex, "mrz": "/".join(lines), **cells}
    case.found(problem, path=CasePath.CLEARED)


def _of_one_name(case: RehearsalCase, ground: _Ground) -> None:
    name = case.person.name
    somebody = replace(case.person, name=replace(name, given_names="", native=""))
    address = case.cells["email"]
    written_anew(case, somebody, ground.seed, ground.profile)
    case.cells |= {"given_names": ground.chance(case).choice(("-", "FNU", "XXX")), "email": address, "native_name": ""}


def _one_name(case: RehearsalCase, ground: _Ground) -> None:
    _of_one_name(case, ground)
    _stands(case, PlantedProblem.ONE_NAME, case.zone)


def _one_name_unproved(case: RehearsalCase, ground: _Ground) -> None:
    _of_one_name(case, ground)
    case.cells["mrz"] = ""
    case.found(PlantedProblem.ONE_NAME_UNPROVED, "D04", path=CasePath.REVIEW)


def _year_of_birth(case: RehearsalCase, ground: _Ground) -> None:
    del ground
    lines = without_day_of_birth(zone(case.person))
    _stands(case, PlantedProblem.YEAR_OF_BIRTH, lines, birth_date=f"{case.person.birth_date.year}")


def _no_expiry(case: RehearsalCase, ground: _Ground) -> None:
    del ground
    _stands(case, PlantedProblem.NO_EXPIRY, without_expiry(zone(case.person)), document_expiry="unlimited")


def _stateless(case: RehearsalCase, ground: _Ground) -> None:
    lines = zone(case.person, nationality="XXA")
    said = ground.chance(case).choice(("XXA", "stateless", "apatride"))
    _stands(case, PlantedProblem.STATELESS, lines, nationality=said)


def _two_citizenships(case: RehearsalCase, ground: _Ground) -> None:
    own = case.person.issuer
    other = ground.chance(case).choice([code for code in states() if code != own])
    between = ground.chance(case).choice((" and ", "/", " ", " & "))
    _stands(case, PlantedProblem.TWO_CITIZENSHIPS, zone(case.person), nationality=f"{other}{between}{own}")


def _file_names(case: RehearsalCase, ground: _Ground) -> None:
    """Name the pictures as telephones, Windows and spreadsheets write names; the files are called as ever."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda name: rf"C:\Office\Pictures\{name}",
        lambda name: name.upper(),
        lambda name: name.replace(".jpg", ".jpeg"),
        lambda name: f"file:{'/' * 3}C:/Our%20people/{name}",
        lambda name: f'"{name}" ',
        lambda name: name.removesuffix(".jpg"),
    )
    way = ground.chance(case).choice(ways)
    case.cells |= {column: way(case.cells[column]) for column in ("photo", "identity_page")}
    case.found(PlantedProblem.ODD_FILE_NAMES, path=CasePath.CLEARED)


def _unusable(problem: PlantedProblem, column: str, code: str, kind: Unusable) -> Callable[..., None]:
    """Return what lays a file that cannot be used in the place of the one in *column*."""

    def plant(case: RehearsalCase, ground: _Ground) -> None:
        del ground
        case.unusable[column] = kind
        case.found(problem, code, path=CasePath.INCOMPLETE)
        if kind is Unusable.BLANK_PDF:
            case.cells[column] = case.cells[column].replace(".jpg", ".pdf")

    return plant


KINDS: Final[dict[PlantedProblem, Callable[[RehearsalCase, _Ground], None]]] = {
    PlantedProblem.ODD_NUMBER: _number,
    PlantedProblem.ONE_NAME: _one_name,
    PlantedProblem.ODD_NAME: _name,
    PlantedProblem.YEAR_OF_BIRTH: _year_of_birth,
    PlantedProblem.ODD_FILE_NAMES: _file_names,
    PlantedProblem.DAMAGED_PICTURE: _unusable(PlantedProblem.DAMAGED_PICTURE, "photo", "D05", Unusable.DAMAGED),
    PlantedProblem.TWICE_ENCODED: _twice_encoded,
    PlantedProblem.BLANK_PAGE: _unusable(PlantedProblem.BLANK_PAGE, "identity_page", "D02", Unusable.BLANK_PDF),
    PlantedProblem.ODD_CODE: _code,
    PlantedProblem.STATELESS: _stateless,
    PlantedProblem.HEIC_PICTURE: _unusable(PlantedProblem.HEIC_PICTURE, "photo", "D05", Unusable.HEIC),
    PlantedProblem.OTHER_CALENDAR: _calendar,
    PlantedProblem.NO_EXPIRY: _no_expiry,
    PlantedProblem.ODD_ADDRESS: _address,
    PlantedProblem.TWO_CITIZENSHIPS: _two_citizenships,
    PlantedProblem.ONE_NAME_UNPROVED: _one_name_unproved,
}
"""In turn."""
