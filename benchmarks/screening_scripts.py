"""Names of native script in Latin letters, by standards that the scorer's own tables know nothing of.

Cyrillic: how passports and maps write it (ICAO Doc 9303, BGN/PCGN, the tables of Ukraine and Bulgaria), how libraries
and scholars do (ISO 9 without its marks), and how it is heard in France and Germany.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LETTERS: Final = dict(zip("абвгдезиклмнопрстуфъьы", "abvgdeziklmnoprstuf__y", strict=True))


def _standard(text: str) -> Mapping[str, str]:
    own = dict(part.split("=") for part in text.split())
    return {letter: sound.replace("_", "") for letter, sound in (_LETTERS | own).items()}


CYRILLIC: Final[Mapping[str, Mapping[str, str]]] = {
    "ru ICAO": _standard("ё=e ж=zh й=i х=kh ц=ts ч=ch ш=sh щ=shch э=e ю=iu я=ia ъ=ie"),
    "ru BGN/PCGN": _standard("ё=yo ж=zh й=y х=kh ц=ts ч=ch ш=sh щ=shch э=e ю=yu я=ya"),
    "ru scholarly": _standard("ё=e ж=z й=j х=h ц=c ч=c ш=s щ=sc э=e ю=ju я=ja"),
    "ru French": _standard("ё=io ж=j й=i х=kh ц=ts ч=tch ш=ch щ=chtch э=e ю=iou я=ia у=ou г=gu"),
    "ru German": _standard("в=w з=s ё=jo ж=sch й=j х=ch ц=z ч=tsch ш=sch щ=schtsch э=e ю=ju я=ja"),
    "uk 2010": _standard("г=h ґ=g є=ie ж=zh и=y і=i ї=i й=i х=kh ц=ts ч=ch ш=sh щ=shch ю=iu я=ia ’=_ '=_"),
    "uk BGN/PCGN": _standard("г=h ґ=g є=ye ж=zh и=y і=i ї=yi й=y х=kh ц=ts ч=ch ш=sh щ=shch ю=yu я=ya ’=_ '=_"),
    "bg 2009": _standard("ж=zh й=y х=h ц=ts ч=ch ш=sh щ=sht ъ=a ь=y ю=yu я=ya"),
    "bg BGN/PCGN": _standard("ж=zh й=y х=kh ц=ts ч=ch ш=sh щ=sht ъ=u ь=_ ю=yu я=ya"),
}
"""Letter by letter: language and standard."""

LOCALES: Final = {"ru": "ru_RU", "uk": "uk_UA", "bg": "bg_BG"}


def romanised(native: str, standard: str) -> str:
    letters = CYRILLIC[standard]
    return "".join(letters.get(letter, letter) for letter in native.lower()).title()
