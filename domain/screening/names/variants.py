"""Names that have forms of their own in several languages, and are nevertheless given to one person.

A short table, for names that a great many bear; whatever else languages have made of one name are two names.
"""

from __future__ import annotations

from typing import Final

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
_NAME_OF: Final = {word: line.split()[0] for line in _VARIANTS.strip().splitlines() for word in line.split()}


def are_variants(one: str, other: str) -> bool:
    """Return whether two words are forms that languages have made of one name."""
    return one in _NAME_OF and _NAME_OF[one] == _NAME_OF.get(other)


def variant_of(word: str) -> str:
    """Return the name that *word* is a form of, nothing where it is none of the table's."""
    return _NAME_OF.get(word, "")
