"""An invented register as registers are: families, namesakes, one-word names, missing and rounded dates, slips.

Half of the people live in families that share a surname, an address, or the whole chain of the father's names. One in
five dates is missing, one in ten is the first of January. One in four people stands there again, with one or two slips
of `screening_people`, a part left out, a date with two digits exchanged or none. Nothing here knows the scorer's rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.screening_people import APPLYING, LISTED, SLIPS, people

CHAINS_TEXT = (
    "Ahmad Mahmud Salih Hasan Yusuf Ibrahim Khalid Umar Mustafa Tariq Jamil Nabil Faris Karim Rashid Samir Walid Hamza "
    "Idris Munir Zayd Anwar Bilal Dawud Habib Imran Jabir Latif Majid Nasir Qasim Rafiq Sabir Tahir Usama Wasim Yahya"
)
CHAINS = CHAINS_TEXT.split()
ALONE_TEXT = "Suparno Hartono Wibowo Sulastri Rahmat Budiman Slamet Wahyu Sutrisno Lestari Ngozi Amina Tenzin Dorji"
ALONE = ALONE_TEXT.split()


class Record(NamedTuple):
    record_id: str
    person: int
    name: str
    birth_date: str
    postcode: str
    phone: str


def register(*, count: int, seed: int) -> list[Record]:
    """Return *count* records in a settled order; equal ``person`` means the same one."""
    chance = random.Random(seed)
    found: list[Record] = []
    for number, (name, born, postcode, phone) in enumerate(_persons(chance, count=count, seed=seed)):
        for _ in range(1 + (chance.random() < 0.25) + (chance.random() < 0.05)):
            again = any(record.person == number for record in found[-3:])
            written = _written(name, chance) if again else name
            shown = _dated(born, chance, again=again)
            place = postcode if chance.random() < 0.8 else ""
            reached = phone if chance.random() < 0.3 else ""
            found.append(Record(f"r{len(found):06}", number, written, shown, place, reached))
        if len(found) >= count:
            break
    chance.shuffle(found)
    return found[:count]


def _persons(chance: random.Random, *, count: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    drawn = iter(people(LISTED + APPLYING, count=count, seed=seed))
    made = 0
    while made < count:
        kind, size = chance.random(), chance.randint(2, 5)
        postcode = str(chance.randint(10_000, 13_999))
        if kind < 0.2:
            father = chance.sample(CHAINS, 3)
            names = [" ".join((given, *father)) for given in chance.sample(CHAINS, size)]
        elif kind < 0.5:
            household = [next(drawn) for _ in range(size)]
            surname = household[0].name.split()[-1]
            names = [f"{member.name.split()[0]} {surname}" for member in household]
        elif kind < 0.54:
            names = [chance.choice(ALONE)]
        else:
            names = [next(drawn).name]
        for name in names:
            made += 1
            born = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            born = born[:5] + "01-01" if chance.random() < 0.1 else born
            yield name, born, postcode, f"+999{chance.randrange(10**8):08}"


def _written(name: str, chance: random.Random) -> str:
    parts = name.split()
    for _ in range(chance.choice((0, 1, 1, 2))):
        kind = chance.choice([kind for kind in SLIPS if kind not in {"two slips", "joined", "middle name added"}])
        parts = " ".join(SLIPS[kind](parts, chance)).split()
    if len(parts) > 2 and chance.random() < 0.3:
        del parts[chance.randrange(1, len(parts))]
    return " ".join(parts)


def _dated(born: str, chance: random.Random, *, again: bool) -> str:
    draw = chance.random()
    if draw < 0.2:
        return ""
    if draw < 0.25:
        return born[:4]
    if again and draw < 0.35:
        digits = list(born)
        place = chance.choice((3, 6, 9))
        digits[place] = str(chance.randint(0, 9)) if place != 6 else "1"
        return "".join(digits) if digits[5:7] != ["1", "9"] else born
    return born
