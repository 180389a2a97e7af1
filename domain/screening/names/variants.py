"""Names with a form in each of several languages: Muhammad and Mehmet, Mykola and Nikolai.

The forms are common knowledge, and few: a table of all there are would take half of what it compares for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from domain.screening.names.romanisations import coarse_outlines, romanisations

_VARIANTS: Final = """
muhammad mohammed mohammad mohamed mohamad muhammed muhamed muhamad mehmet mehmed memet mahomet magomed mukhammad
muhammad mamadou mamadu mahamadou mohamadou mohand muhamet
yusuf yousuf yousef youssef yusef yousif yosef yossef josef joseph jozef iosif
ibrahim ibraheem brahim abraham avraham ibrahima
ismail ismael ismaila ismayil
sulayman suleiman sulaiman soliman suleyman souleymane soulaymane solomon
ayyub ayoub eyup ayub job
ahmad ahmed ahmet akhmad akhmed akhmet amadou ahmadou
"""
_SLAVIC: Final = """
mykola nikolai mikalai
volodymyr vladimir uladzimir
dmytro dmitri dzmitry dimitar
pavlo pavel paval
petro pyotr petr piatro petar
oleksandr aleksandr aliaksandr aleksandar alexander olexander
oleksiy aleksei aliaksei
serhiy sergei siarhei
andriy andrei
mykhailo mikhail mihail mihailo
yevhen evgeny yauhen evgeni
ihor igor ihar
oleh oleg aleh
kyrylo kirill kiryl
danylo daniil
maksym maxim maksim
yakiv yakov iakau
vasyl vasily vasil
hryhoriy grigory ryhor
stepan stsiapan
fedir fyodor fedor fiodar
mykyta nikita mikita
matviy matvei matsvei
tymofiy timofei tsimafei
viktor viktar
valentyn valentin valiantsin
vitaliy vitaly vital
anatoliy anatoly anatol
semen semyon siamion
heorhiy georgy heorhi georgi
artem artyom artsiom
hlib gleb
yehor yegor egor
pylyp filipp filip
olena elena yelena alena
olha olga volha
kateryna ekaterina katsiaryna yekaterina
halyna galina halina
svitlana svetlana sviatlana
tetyana tatiana tatsiana
iryna irina
nataliya natalia natallia
lyudmyla lyudmila
yuliya yulia
oksana aksana
larysa larisa
nadiya nadezhda nadzeya
khrystyna kristina hristina
"""
"""Ukrainian, Russian, Belarusian and Bulgarian, each in one spelling of many: others are known by how they sound."""


def _by_form(text: str) -> Mapping[str, str]:
    return {word: line.split()[0] for line in text.strip().splitlines() for word in line.split()}


_NAME_OF: Final = _by_form(_VARIANTS)
_SLAVIC_NAME_OF: Final = _by_form(_SLAVIC)


def are_variants(one: str, other: str) -> bool:
    """Return whether two words are forms that languages have made of one name.

    >>> are_variants("mykola", "nikolay"), are_variants("mikhaylo", "mikhail"), are_variants("mykola", "mykyta")
    (True, True, False)
    """
    name = variant_of(one)
    return bool(name) and name == variant_of(other)


@lru_cache(maxsize=1 << 14)
def variant_of(word: str) -> str:
    """Return the name that *word* is a form of, however romanised, nothing where it is none of the table's."""
    if known := _NAME_OF.get(word) or _SLAVIC_NAME_OF.get(word):
        return known
    by_sound, outlines = _by_sound()
    if outlines.isdisjoint(coarse_outlines(word)):
        return ""
    names = {by_sound[reading] for reading in _slavic_readings(word) if reading in by_sound}
    return names.pop() if len(names) == 1 else ""


def _slavic_readings(word: str) -> list[str]:
    return [reading for reading in romanisations(word) if reading[0] == "s"]


@cache
def _by_sound() -> tuple[Mapping[str, str], frozenset[str]]:
    """Return the names by how their forms sound where that tells one, and the coarse outlines of all forms."""
    found: dict[str, set[str]] = {}
    for word, name in _SLAVIC_NAME_OF.items():
        for reading in _slavic_readings(word):
            found.setdefault(reading, set()).add(name)
    outlines = frozenset(outline for word in _SLAVIC_NAME_OF for outline in coarse_outlines(word))
    return {reading: names.pop() for reading, names in found.items() if len(names) == 1}, outlines
