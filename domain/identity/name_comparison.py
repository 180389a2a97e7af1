"""Names as a document prints them against names as a form writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from domain.identity.check_digits import FILLER
from domain.identity.transliteration import Fit, Unit, fit, is_transliterable, transliterate, units


class ComparisonOutcome(StrEnum):
    """Whether two statements agree; ``ABSENT`` where one side makes none that can be compared."""

    SAME = "SAME"
    COMPATIBLE = "COMPATIBLE"
    DIFFERENT = "DIFFERENT"
    ABSENT = "ABSENT"


class Reason(StrEnum):
    """Why statements that are not letter for letter the same have the outcome they have."""

    NOT_STATED = "not stated on one side"
    UNREADABLE = "cannot be read in the zone"
    SCRIPT = "written in a script that cannot be compared"
    OTHER_CODE = "another code for the same"
    PARTLY_UNKNOWN = "partly unknown in the document"
    STATES_NO_NATIONALITY = "the document's code names no nationality"
    CHECK_DIGIT_INCLUDED = "the check digit was typed with the number"
    LOOK_ALIKE = "differs in look-alike characters only"
    CENTURY = "differs in the century only"
    DAY_AND_MONTH_SWAPPED = "day and month are swapped"
    SPELLING = "another allowed transliteration"
    CUT = "cut to fit the document"
    ORDER = "in another order"
    TITLE = "a title stands on one side"
    MISSING_NAME = "a given name stands on one side only"
    FAMILY_NAME = "a further family name stands on one side only"


_TITLES: Final = frozenset(
    {"MR", "MRS", "MS", "MISS", "MX", "DR", "PROF", "DRS", "ING", "DIPL", "MAG", "IR", "SIR", "DAME", "LORD", "LADY"}
    | {"HE", "HON", "REV", "FR", "JR", "SR", "II", "III", "IV", "PHD", "MD"}
)
"""Words left over on one side that are no name; a word that both sides have is paired before this is asked."""

_BIRTH_NAME_MARKS: Final = frozenset(
    {"NEE", "NE", "GEB", "GEBOREN", "EPOUSE", "EP", "EPSE", "VVE", "VEUVE", "DITE", "DIT", "NATA", "NATO", "VDA"}
)
"""Words that part a name held by marriage from one held by birth; in zones they stand among the names."""


class PrintedNames(NamedTuple):
    """The names of a zone: A-Z, single blanks, perhaps cut at the end of the field."""

    surname: str
    given_names: str
    may_be_cut: bool


class WrittenNames(NamedTuple):
    """The names of a form, in any script."""

    surname: str
    given_names: str


class NameAgreement(NamedTuple):
    """Whether names agree, and by what allowance."""

    outcome: ComparisonOutcome
    reasons: tuple[Reason, ...] = ()


class _Word(NamedTuple):
    """A word of the form: as ICAO recommends to print it, and all ways to write it."""

    recommended: str
    ways: tuple[Unit, ...]


@dataclass(slots=True)
class _Part:
    """The words of one name, those that found their counterpart taken away."""

    written: list[_Word]
    printed: list[str]


@dataclass(slots=True)
class _Alignment:
    """The state of pairing words across surname and given names."""

    surname: _Part
    given: _Part
    may_be_cut: bool
    pairs: int = 0
    reasons: set[Reason] = field(default_factory=set[Reason])


def compare_names(printed: PrintedNames, written: WrittenNames) -> NameAgreement:
    """Return how *printed* agrees with *written*.

    ``SAME``: letter for letter the transliteration ICAO recommends. ``COMPATIBLE``: another allowed one, a cut
    tail, another order, a title, a missing given name or a further family name. Names in a script without a
    table, and Arabic ones printed by sound instead of by letter, are ``ABSENT``: they cannot be compared here.
    """
    if not (printed.surname or printed.given_names) or not (written.surname or written.given_names).strip():
        return NameAgreement(ComparisonOutcome.ABSENT, (Reason.NOT_STATED,))
    if not is_transliterable(f"{written.surname} {written.given_names}"):
        return NameAgreement(ComparisonOutcome.ABSENT, (Reason.SCRIPT,))
    if (printed.surname, printed.given_names) == (_recommended(written.surname), _recommended(written.given_names)):
        return NameAgreement(ComparisonOutcome.SAME)
    agreement = _as_wholes(printed, written) or _word_by_word(printed, written)
    if agreement.outcome is ComparisonOutcome.DIFFERENT and _is_arabic(written):
        return NameAgreement(ComparisonOutcome.ABSENT, (Reason.SCRIPT,))
    return agreement


def _recommended(name: str) -> str:
    return transliterate(name).replace(FILLER, " ")


def _is_arabic(written: WrittenNames) -> bool:
    return any("\u0600" <= character <= "\u06ff" for character in written.surname + written.given_names)


def _as_wholes(printed: PrintedNames, written: WrittenNames) -> NameAgreement | None:
    """Return the agreement if each name as a whole is a way to write the other, words run together included."""
    pairs = ((printed.surname, written.surname), (printed.given_names, written.given_names))
    fits = [_whole_fit(one, other, may_be_cut=printed.may_be_cut) for one, other in pairs]
    if Fit.NONE in fits:
        return None
    return NameAgreement(ComparisonOutcome.COMPATIBLE, (Reason.CUT if Fit.CUT in fits else Reason.SPELLING,))


def _whole_fit(printed: str, written: str, *, may_be_cut: bool) -> Fit:
    if not printed:
        return Fit.NONE if written.strip() else Fit.WHOLE
    return fit(units(written) or (), printed.replace(" ", FILLER), may_be_cut=may_be_cut)


def _word_by_word(printed: PrintedNames, written: WrittenNames) -> NameAgreement:
    """Pair the words, first within surname and given names, then across; what is left decides."""
    surname = _Part(_words(written.surname), printed.surname.split())
    given = _Part(_words(written.given_names), printed.given_names.split())
    alignment = _Alignment(surname, given, printed.may_be_cut)
    for one, other in ((surname, surname), (given, given), (surname, given), (given, surname)):
        _pair(alignment, one, other)
    return _judged(alignment)


def _words(name: str) -> list[_Word]:
    """Return the words of *name*; hyphens part words."""
    parted = "".join(" " if units(letter) == ((FILLER, ""),) else letter for letter in name)
    return [_Word(transliterate(word), units(word) or ()) for word in parted.split() if transliterate(word)]


def _pair(alignment: _Alignment, one: _Part, other: _Part) -> None:
    """Take away each printed word of *one* that writes a word of *other*, and say by what allowance."""
    before = list(other.written)
    last_place = -1
    for word in list(one.printed):
        # A field that is too short loses its end, and names inside it shrink to initials (Doc 9303-4 section 4.2.3).
        may_be_cut = alignment.may_be_cut and (len(word) == 1 or word is one.printed[-1])
        fits = [fit(candidate.ways, word, may_be_cut=may_be_cut) for candidate in other.written]
        best = max(fits, default=Fit.NONE)
        if best is Fit.NONE:
            continue
        partner = other.written.pop(fits.index(best))
        place = before.index(partner)
        if one is not other or place < last_place:
            alignment.reasons.add(Reason.ORDER)
        if best is Fit.CUT:
            alignment.reasons.add(Reason.CUT)
        last_place = place
        alignment.pairs += 1
        one.printed.remove(word)


def _judged(alignment: _Alignment) -> NameAgreement:
    surname, given, reasons = alignment.surname, alignment.given, alignment.reasons
    for part in (surname, given):
        _drop_what_is_no_name(part, reasons)
    conflict = any(part.written and part.printed for part in (surname, given))
    if not alignment.pairs or conflict or _too_little_shared(alignment):
        return NameAgreement(ComparisonOutcome.DIFFERENT)
    if surname.written or surname.printed:
        reasons.add(Reason.FAMILY_NAME)
    if given.written or given.printed:
        reasons.add(Reason.MISSING_NAME)
    return NameAgreement(ComparisonOutcome.COMPATIBLE, tuple(sorted(reasons or {Reason.SPELLING})))


def _drop_what_is_no_name(part: _Part, reasons: set[Reason]) -> None:
    left = {word.recommended for word in part.written} | set(part.printed)
    if left & _TITLES:
        reasons.add(Reason.TITLE)
    dropped = _TITLES | _BIRTH_NAME_MARKS
    part.written = [word for word in part.written if word.recommended not in dropped]
    part.printed = [word for word in part.printed if word not in dropped]


def _too_little_shared(alignment: _Alignment) -> bool:
    """Say whether words remain on both sides, or one pair is all that holds longer names together."""
    written = len(alignment.surname.written) + len(alignment.given.written)
    printed = len(alignment.surname.printed) + len(alignment.given.printed)
    return bool(written and printed) or (alignment.pairs == 1 and written + printed > 1)
