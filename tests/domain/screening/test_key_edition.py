"""Stored keys carry an edition; this fails where keys were changed and the edition was not."""

from __future__ import annotations

import hashlib

from domain.screening.applicants import applicant_keys
from domain.screening.keys import KEYS_EDITION, sought_keys, stored_keys
from domain.screening.subject import Subject

NAMES = (
    "Ava Marit Lindengard", "Corvo, João de Sá", "Dr. Abdul Hamid al-Saadi", "Mohd Nuruddin bin Yousuf",
    "Iurii Vasil'ev", "Đorđe Šulić", "Pak Chong-hui", "Hsu Chih-wei", "U Than Das", "Nguyen Van Anh", "Fahd Ech Charqi",
    "Юрий Щербаков", "Γεώργιος Παπαδάκης", "عبد الرحمن الساعدي", "ضیا پورچی زاده", "יוסף כהן",
    "김민수", "徐志偉", "ヨハン・リンド", "გიორგი",
)  # fmt: skip
PINNED = {"keys-4": "46d5ef5a84c95a07c7b7b52b9979c64251589e89b064ac11f39c7773c9021828"}


def test_keys_do_not_change_without_their_edition() -> None:
    people = [
        Subject(subject_id="p", names=(name,), birth_dates=("1980-02-03",), documents=("X 12",)) for name in NAMES
    ]
    keys = [sorted(map(str, make(person))) for person in people for make in (stored_keys, sought_keys, applicant_keys)]
    assert hashlib.sha256(repr(keys).encode()).hexdigest() == PINNED[KEYS_EDITION]
