"""What only the other rows of a list show: one number or one address for everybody, short numbers, what M means."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

from domain.application.nomination import Nomination, Remark, folded
from domain.intake.folding import plain, western_digits
from domain.intake.nominations_file import RowRead
from domain.intake.plausibility.cleaning import unguarded
from domain.placeholders import is_placeholder

_EVERYBODY: Final = 3
"""People who share a number or an address before it is told of; two may be a couple, or one person sent twice."""
_SERIES: Final = 5
"""Numbers of one issuer that show how long its numbers are."""
_MOST: Final = 0.7
"""The share of them that is equally long; of ten numbers that lose their zeros, nine keep their length."""

Row = TypeVar("Row")
Remarks = Iterator[tuple[int, Remark]]


class SharedValues:
    """Finds, in one pass over a list of any length, which numbers and addresses several people have.

    Marks tell nothing by themselves. A value is looked at as it came, a person by name and birth date.
    """

    def __init__(self) -> None:
        self._holders: dict[int, int | tuple[int, int]] = {}
        self._letters: set[str] = set()
        self._shared = array("q")

    def add(self, cells: Mapping[str, str]) -> None:
        """Count a row as it came."""
        if (letter := sex_letter(cells)) in TELLING and letter not in self._letters:
            self._letters.add(letter)
            self._shared.append(_mark(_sex(letter)))
        texts = [*_values(cells.get("document_number", ""), cells.get("email", ""))]
        person = hash((_name(f"{cells.get('given_names', '')} {cells.get('surname', '')}"), cells.get("birth_date")))
        for text in texts:
            before = self._holders.setdefault(key := hash(text), person)
            if isinstance(before, tuple):
                if person not in before and before != _TOLD:
                    self._holders[key] = _TOLD
                    self._shared.append(_mark(text))
            elif before != person:
                self._holders[key] = before, person

    @property
    def marks(self) -> array[int]:
        """The marks of what three people or more have, and of letters for sex beside which others change meaning."""
        return self._shared


def remarked(rows: Sequence[Nomination], shared: Container[int] = ()) -> list[Nomination]:
    """Return *rows*, in their order, with what they show about each other noted on them.

    *shared* are the marks of :class:`SharedValues` of the whole list, where these rows are a part of it.
    """
    found: defaultdict[int, list[Remark]] = defaultdict(list)
    alike = {*_number_of_everybody(rows), *_address_of_everybody(rows), *_of_whole_list(rows, shared)}
    for place, remark in (*sorted(alike, key=lambda placed: (placed[0], placed[1].field)), *_shorter_numbers(rows)):
        found[place].append(remark)
    return [row.revised(remarks=(*row.remarks, *found[place])) if place in found else row
            for place, row in enumerate(rows)]  # fmt: skip


def compared(rows: Sequence[Row], shared: Container[int] = ()) -> list[Row]:
    """Return *rows*, read from one list, with what those about people show about each other noted on them."""
    sent = [row for row in rows if isinstance(row, RowRead)]
    letters = [sex_letter(row.cells) for row in sent]
    meant = meanings({*letters, *(letter for letter in TELLING if shared and _mark(_sex(letter)) in shared)})
    read = [with_sex(row.nomination, letter, meant) for row, letter in zip(sent, letters, strict=True)]
    people = iter(remarked(read, shared))
    return [row.revised(nomination=next(people)) if isinstance(row, RowRead) else row for row in rows]


_TOLD: Final = (0, 0)
_RULES: Final = {"number": ("document_number", "number_repeated"), "address": ("email", "email_shared")}


def _values(number: str, email: str) -> Iterator[str]:
    if (bare := _bare(western_digits(number).upper())) and not is_placeholder(number):
        yield f"number\x1f{bare}"
    if address := unguarded(email).strip().casefold():
        yield f"address\x1f{address}"


def _sex(letter: str) -> str:
    return f"sex\x1f{letter}"


def _mark(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def _of_whole_list(rows: Sequence[Nomination], shared: Container[int]) -> Remarks:
    if not shared:
        return
    for place, row in enumerate(rows):
        for text in _values(row.document_number, row.email):
            if _mark(text) in shared:
                field, rule = _RULES[text.partition("\x1f")[0]]
                yield place, Remark(field=field, rule=rule)


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
    return _name(row.name), row.born


def _name(name: str) -> str:
    return " ".join(sorted(folded(name).split()))


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


TELLING: Final = frozenset("hvf")
"""Letters beside which M may mean something else than alone."""
_ASK: Final = ""


def sex_letter(cells: Mapping[str, str]) -> str:
    """Return the letter that a row has for sex, in small; empty for a word or nothing.

    >>> [sex_letter({"sex": text}) for text in (" M.", "mujer", "")]
    ['m', '', '']
    """
    text = plain(cells.get("sex", ""))
    return text if len(text) == 1 else ""


def meanings(letters: Collection[str]) -> dict[str, str]:
    """Return what M and H mean in a column of *letters*, where it is not what they mean alone; empty: to be asked.

    >>> [meanings(set(column)) for column in ("mf", "hm", "hf", "hmf", "mv")]
    [{}, {'h': 'M', 'm': 'F'}, {'h': 'M', 'm': ''}, {'h': 'M', 'm': ''}, {'m': ''}]
    """
    if "h" in letters:
        return {"h": "M", "m": _ASK if {"f", "v"} & {*letters} else "F"}
    return {"m": _ASK} if "v" in letters else {}


def with_sex(nomination: Nomination, letter: str, meant: Mapping[str, str]) -> Nomination:
    """Return *nomination* with what its *letter* is *meant* for in the column."""
    if letter not in meant:
        return nomination
    known = {*nomination.unreadable} - {"sex"}
    unreadable = known if meant[letter] else known | {"sex"}
    return nomination.revised(sex=meant[letter], unreadable=tuple(sorted(unreadable)))
