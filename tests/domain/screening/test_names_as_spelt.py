"""Names as the world spells them: kinds of spelling that are one name, what an officer is told, and what stays two."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations

import pytest

from domain.screening.duplicates import compare_people
from domain.screening.index import MemoryIndex
from domain.screening.names.compounds import compound_parts
from domain.screening.names.forms import name_form
from domain.screening.names.reach import MOST_BOUNDED, within_reach
from domain.screening.names.romanisations import are_romanisations, romanisations
from domain.screening.names.similarity import compare_names
from domain.screening.screening import PRESET, screen
from domain.screening.screening_hit import REVIEWED, ScreeningHit
from domain.screening.subject import ListEntry, ReferenceList, Subject

LIST = ReferenceList(list_id="l", owner="o", legal_basis="b", version_hash="0" * 64)
DAY = "1980-02-03"


def hit(name: str, other: str, *, born: str = "") -> ScreeningHit | None:
    """Return the hit that needs a look when *name* is screened against a list that holds *other* and others."""
    index = MemoryIndex()
    entries = [("1", other), ("2", "Zorislava Pelmond"), ("3", "Berick Corquist")]
    index.add_list(LIST, (ListEntry(list_id="l", subject_id=number, names=(text,), birth_dates=(born,) if born else ())
                          for number, text in entries))  # fmt: skip
    found = screen(Subject(subject_id="p", names=(name,), birth_dates=(born,) if born else ()), index)
    return next((kept for kept in found.hits if kept.entry_id == "1" and kept.band in REVIEWED), None)


SERVANTS = [
    ("Abdulah Zarqi", "Abdullah Zarqi"),
    ("Abdul Hamid Zarqi", "Abdulhamid Zarqi"),
    ("Adbul Hamid Zarqi", "Abdulhamid Zarqi"),
    ("Abdoul Hamid Zarqi", "Abd al-Hamid Zarqi"),
    ("Abdula Zarqi", "Abd Allah Zarqi"),
    ("Abdallah Zarqi", "Abdoullah Zarqi"),
    ("Abdurrahman Zarqi", "Abd ar-Rahman Zarqi"),
    ("Abdelrahman Zarqi", "Abderrahman Zarqi"),
]  # fmt: skip
SHORTENED = [
    ("Mohd Salih Zarqi", "Muhammad Salih Zarqi"),
    ("Muh. Salih Zarqi", "Mohammed Salih Zarqi"),
    ("Mhd Zarqi", "Mohamad Zarqi"),
    ("Md Salih Zarqi", "Mohammad Salih Zarqi"),
    ("M. Salih Zarqi", "Mohammad Salih Zarqi"),
    ("Mehmet Zarqi", "Mohammed Zarqi"),
]  # fmt: skip
SHORT = [
    ("Tova Das", "Tova Dass"),
    ("Tova Ahn", "Tova An"),
    ("Donn Pelgard", "Don Pelgard"),
    ("Aung Sann Zarr", "Aung San Zarr"),
    ("Rabi Pelgard", "Rabbi Pelgard"),
    ("U Thaung Zarr", "Thaung Zarr"),
    ("Daw Thaung Zarr", "Thaung Zarr"),
    ("Sheikh Salih Zarqi", "Salih Zarqi"),
    ("Haji Salih Zarqi", "Salih Zarqi"),
    ("Hon. Tova Pelgard", "Tova Pelgard"),
    ("Tariq bin Salih Zarqi", "Tariq Salih Zarqi"),
    ("Tova van der Pelgard", "Tova Pelgard"),
]  # fmt: skip
CYRILLIC = [
    ("Yury Zhargin", "Iurii Zhargin"),
    ("Alexey Zhargin", "Aleksei Zhargin"),
    ("Ilya Zhargin", "Ilia Zhargin"),
    ("Youssef Zarqi", "Yousuf Zarqi"),
    ("Vasily Zhargin", "Vasili Borovich Zhargin"),
    ("Đorđe Zhargić", "Djordje Zhargich"),
    ("Sergiy Belhayko", "Serhii Belgaiko"),
    ("Hristo Shumov", "Khristo Schumow"),
    ("Lazarev Boris", "Lasarew Boris"),
]  # fmt: skip
OF_FAITH = [
    ("Nuruddin Zarqi", "Nour Eddine Zarqi"),
    ("Salahuddin Zarqi", "Salah al-Din Zarqi"),
    ("Tariq Essaadi", "Tariq al-Saadi"),
    ("Shamsuddin Zarqi", "Chams Eddine Zarqi"),
    ("Tariq Ettamri", "Tariq at-Tamri"),
    ("Noureddine Zarqi", "Nuradin Zarqi"),
]  # fmt: skip
PERSIAN = [
    ("رضا پژمان", "Reza Pezhman"),
    ("ذبیح چراغی", "Zabih Cheraghi"),
    ("ضیا گیلانوند", "Zia Gilanvand"),
    ("ظاهر ژرفند", "Zaher Zharfand"),
    ("قاسم فریدونی", "Ghasem Fereyduni"),
    ("فاطمه وزیری", "Fatemeh Vaziri"),
    ("Fatemeh Vaziri", "Fatima Waziri"),
    ("Fereydun Zharfand", "Faridoon Zharfand"),
    ("Zia Gilanvand", "Ziya Gilanvand"),
    ("Eshagh Zarqi", "اسحاق زرقی"),
    ("Elham Zarqi", "الهام زرقی"),
    ("علی کریمی", "Ali Karimi"),
]  # fmt: skip
ARABIC = [
    ("Fahd Ach Charqi", "Fahd al-Sharqi"),
    ("Tariq Er-Rawi", "Tariq al Rawi"),
    ("Oudei Zarqaoui", "Uday Zarqawi"),
    ("Aomair Echcharqi", "Umayr Sharqi"),
    ("Zohair Sowaidee", "Zouheir Sououeidi"),
    ("Aicha Zowahiree", "Aaisha Zawahiri"),
    ("Nouaim Badowee", "Nuaym Al Badaui"),
]  # fmt: skip
EASTERN = [
    ("Pak Chol Min", "Park Cheolmin"),
    ("Ri Yong Su", "Lee Young-soo"),
    ("Yi Yong-su", "Youngsoo Lee"),
    ("Hsu Chih-wei", "Xu Zhiwei"),
    ("Chih-wei Hsu", "Xu Zhiwei"),
    ("Jung-chen Hsiao", "Xiao Rongzhen"),
    ("An Sang Kyong", "Sangkyung Ahn"),
    ("Đỗ Ngọc Thảo", "Thao Ngoc Do"),
    ("Nguyễn Văn Hùng", "Hung Nguyen Van"),
]  # fmt: skip
LINKED = [
    ("Tova Dellapelm", "Tova Della Pelm"),
    ("Tova Vanderpelm", "Tova van der Pelm"),
    ("Ruy Dospelms", "Rui dos Pelms"),
    ("Salma Benzarqi", "Salma Ben Zarqi"),
    ("Abdellatif Zarqi", "Abdel Latif Zarqi"),
]  # fmt: skip
TWINS = [
    ("Mykola Hryhorzhenko", "Nikolai Grigorzhenko"),
    ("Petro Zhargin", "Pyotr Zhargin"),
    ("Katsiaryna Zhargina", "Ekaterina Zhargina"),
    ("Mihail Zhargin", "Mykhaylo Zhargin"),
]  # fmt: skip
KINDS = (SERVANTS, SHORTENED, SHORT, CYRILLIC, OF_FAITH, PERSIAN, ARABIC, EASTERN, LINKED, TWINS)


@pytest.mark.parametrize(("name", "other"), [pair for kind in KINDS for pair in kind])
def test_spellings_of_one_name_are_found_both_ways_and_explained(name: str, other: str) -> None:
    for one, two in ((name, other), (other, name)):
        found = hit(one, two, born=DAY if name == "Mehmet Zarqi" else "")
        assert found is not None, (one, two)
        assert sum(part.contribution for part in found.evidence) == pytest.approx(found.score, abs=1e-9)
        assert all(part.reason for part in found.evidence)


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("Yury Zhargin", "Iurii Zhargin", "“yury” and “iurii” are two ways of writing one name in Latin letters"),
        ("Tova Dass", "Tova Das", "“dass” and “das” differ in the length of a letter only"),
        ("Mehmet Zarqi", "Mohammed Zarqi", "“mehmet” and “mohammed” are forms of one name in two languages"),
        ("Petro Zhargin", "Pyotr Zhargin", "“petro” and “pyotr” are forms of one name in two languages"),
        ("Tova Dellapelm", "Tova Della Pelm", "the names are equal when written without spaces"),
        (
            "Marko Dellapelm",
            "Marco Della Pelm",
            "“dellapelm” stands in both names, in one of them written as several words",
        ),
        ("Pak Chol Min", "Park Cheolmin", "“pak” and “park” agree as romanised Korean (100 %)"),
        (
            "Mohd Zarqi",
            "Muhammad Zarqi",
            (
                "the names are equal once titles are set aside, Md and its like are read as Muhammad, and names with "
                "Abdul-, al-Din or an article are read by their parts"
            ),
        ),
        ("علی کریمی", "Ali Karimi", "consonants “krm” and “krm” agree (100 %), and so do the long vowels"),
        ("Hsu Chih-wei", "Xu Zhiwei", "“chihwei” and “zhiwei” agree as romanised Mandarin (100 %)"),
    ],
)
def test_the_evidence_says_in_words_why_two_spellings_are_one(name: str, other: str, reason: str) -> None:
    pair = compare_people(*(Subject(subject_id=side, names=(text,)) for side, text in (("a", name), ("b", other))))
    assert reason in [part.reason for part in pair.evidence]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Maria Zarqi", "Mario Zarqi"),
        ("Eli Zarqi", "Ali Zarqi"),
        ("Elena Pelmond", "Alina Pelmond"),
        ("Abdul Hamid Zarqi", "Abdul Karim Zarqi"),
        ("Bernardine Pelm", "Bernard Pelm"),
        ("Kim Min-ho", "Kim Min-ja"),
        ("Wang Wei", "Wang Hui"),
        ("Ana Pelmond", "Ina Pelmond"),
        ("Nuruddin Zarqi", "Badruddin Zarqi"),
        ("علی حسینی", "Ali Hassan"),
        ("Uday Zarqi", "Adi Zarqi"),
        ("Petro Zhargin", "Pavlo Zhargin"),
        ("Tova Dellapelm", "Tova Della Zarr"),
    ],
)
def test_two_names_stay_two(name: str, other: str) -> None:
    assert hit(name, other) is None


def test_compounds_are_parted_wherever_they_are_written_together() -> None:
    parted = [list(compound_parts(name.split())) for name in ("abdelrahman", "abd allah", "saifuddin", "nadine")]
    assert parted == [["abd", "rahman"], ["abdullah"], ["saif", "din"], ["nadine"]]


def test_what_is_ruled_out_beforehand_could_not_have_reached_the_least_score() -> None:
    every = [name for kind in KINDS for pair in kind for name in pair]
    forms = [name_form(name) for name in dict.fromkeys(every)]
    for form in forms:
        kept = within_reach([form], [[other] for other in forms], least=min(PRESET.weak, MOST_BOUNDED))
        for other, among in zip(forms, kept, strict=True):
            assert among or compare_names(form, other).score < PRESET.weak, (form.raw, other.raw)


_PIECES = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "y",
    "ou",
    "oo",
    "ee",
    "ie",
    "ei",
    "ai",
    "au",
    "ow",
    "aw",
    "ev",
    "av",
    "iy",
    "ii",
    "uu",
    "iou",
    "ue",
    "ui",
    "b",
    "c",
    "ck",
    "d",
    "dd",
    "g",
    "gu",
    "k",
    "l",
    "ll",
    "m",
    "n",
    "nn",
    "p",
    "q",
    "qu",
    "r",
    "rr",
    "s",
    "ss",
    "sz",
    "sh",
    "kh",
    "t",
    "ts",
    "tt",
    "tz",
    "v",
    "w",
    "x",
    "z",
    "zh",
    "al",
    "el",
    "en",
    "er",
    "et",
    "es",
]


def test_words_that_some_practice_reads_alike_are_never_told_apart_by_what_is_looked_at_first() -> None:
    chance = random.Random(9)
    words = {"".join(chance.choices(_PIECES, k=chance.randint(3, 5))) for _ in range(15_000)}
    readers = defaultdict[str, list[str]](list)
    for word in sorted(words):
        for reading in romanisations(word):
            readers[reading].append(word)
    pairs = {pair for alike in readers.values() for pair in combinations(alike, 2)}
    assert len(pairs) > 300
    assert [pair for pair in pairs if not are_romanisations(*pair)] == []
