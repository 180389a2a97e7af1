"""What only the other rows of a list show: one number or one address for everybody, numbers shorter than the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from domain.application.nomination import Nomination, Remark, folded
from domain.intake.nominations_file import RowRead
from domain.placeholders import is_placeholder

_EVERYBODY: Final = 3
"""People who share a number or an address before it is told of; two may be a couple, or one person sent twice."""
_SERIES: Final = 5
"""Numbers of one issuer that show how long its numbers are."""
_MOST: Final = 0.7
"""The share of them that is equally long; of ten numbers that lose their zeros, nine keep their length."""

Row = TypeVar("Row")
Remarks = Iterator[tuple[int, Remark]]


def remarked(rows: Sequence[Nomination]) -> list[Nomination]:
    """Return *rows*, in their order, with what they show about each other noted on them."""
    found: defaultdict[int, list[Remark]] = defaultdict(list)
    for place, remark in (*_number_of_everybody(rows), *_address_of_everybody(rows), *_shorter_numbers(rows)):
        found[place].append(remark)
    return [row.revised(remarks=(*row.remarks, *found[place])) if place in found else row
            for place, row in enumerate(rows)]  # fmt: skip


def compared(rows: Sequence[Row]) -> list[Row]:
    """Return *rows*, read from one list, with what those about people show about each other noted on them."""
    people = iter(remarked([row.nomination for row in rows if isinstance(row, RowRead)]))
    return [row.revised(nomination=next(people)) if isinstance(row, RowRead) else row for row in rows]


def _number_of_everybody(rows: Sequence[Nomination]) -> Remarks:
    shared = _shared(rows, lambda row: "" if is_placeholder(row.document_number) else _bare(row.document_number))
    return ((place, Remark(field="document_number", rule="number_repeated")) for place in shared)


def _address_of_everybody(rows: Sequence[Nomination]) -> Remarks:
    shared = _shared(rows, lambda row: row.email.casefold())
    return ((place, Remark(field="email", rule="email_shared")) for place in shared)


def _shared(rows: Sequence[Nomination], value: Callable[[Nomination], str]) -> Iterator[int]:
    """Yield the places of rows whose value is that of several other people too."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if said := value(row):
            places[said].append(place)
    for holders in places.values():
        if len(holders) >= _EVERYBODY and len({_person(rows[place]) for place in holders}) >= _EVERYBODY:
            yield from holders


def _person(row: Nomination) -> tuple[str, str]:
    return " ".join(sorted(folded(row.name).split())), row.born


def _shorter_numbers(rows: Sequence[Nomination]) -> Remarks:
    """Yield numbers of digits alone that are shorter than nearly all others of their issuer: zeros may be lost."""
    series: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if _bare(row.document_number).isdigit():
            series[row.document_issuer, row.document_kind].append(place)
    for places in series.values():
        usual = _usual_length(len(_bare(rows[place].document_number)) for place in places)
        for place in places:
            number = _bare(rows[place].document_number)
            if len(number) < usual:
                yield place, Remark(field="document_number", rule="number_shorter", likely=number.zfill(usual))


def _usual_length(lengths: Iterable[int]) -> int:
    """Return the length that most numbers have; 0 where there are too few, or none prevails."""
    counted = Counter(lengths)
    (length, often), total = max(counted.items(), key=lambda entry: entry[1]), sum(counted.values())
    return length if total >= _SERIES and often >= _MOST * total else 0


def _bare(number: str) -> str:
    return "".join(filter(str.isalnum, number))
