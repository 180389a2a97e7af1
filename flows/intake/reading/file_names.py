"""Names of files as people, telephones and systems write them: found by what is meant, never guessed between two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar
from urllib.parse import unquote
from zipfile import ZipInfo

from rapidfuzz import fuzz, process

Key = TypeVar("Key", bound=Hashable)

_DRIVE: Final = re.compile(r"^(?:file:/*)?[A-Za-z]:[\\/]|^\\\\")
"""The beginning of a path on somebody's own machine or network."""
_SAME_ENDING: Final = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif", "heif": "heic"}
_ENDINGS: Final = frozenset({*_SAME_ENDING, "jpg", "png", "pdf", "tif", "heic", "webp", "gif", "bmp", "avif"})
_AROUND: Final = ' "“”„«»;,'
"""What people write around a name."""
_NEAR: Final = 75.0
"""Percent of likeness from which another file is worth naming."""
_UTF8: Final = 0x800
"""General purpose bit 11 of a ZIP entry: the name is UTF-8 (APPNOTE.TXT, 4.4.4)."""
_UNICODE_PATH: Final = 0x7075
"""The extra field with the name in UTF-8 (APPNOTE.TXT, 4.6.9)."""
_OLD_ENCODINGS: Final = (
    "utf-8", "cp437", "cp866", "cp850", "cp852", "cp1251", "cp1252", "cp1250", "cp1256", "cp720", "cp932", "gb18030",
    "cp949", "cp950", "cp737", "cp857", "cp862", "cp855", "cp1125", "cp775", "cp1253", "cp1254", "cp1255", "cp1257",
    "cp1258", "cp874", "koi8-r", "koi8-u", "mac_roman", "mac_cyrillic", "euc_jp",
)  # fmt: skip
"""What names without that bit are written in, by the system that packed them."""


@lru_cache(maxsize=4096)
def comparable(name: str) -> str:
    r"""Return a file's path as it is compared: systems differ in capitals, strokes, blanks and how they write accents.

    Of a path on somebody's own machine only the name counts.

    >>> comparable("C:\\Users\\x\\Scan 1.JPG")
    'scan 1.jpg'
    """
    parts = [part for part in map(_plain, re.split(r"[\\/]+", name)) if part not in {"", "."}]
    return "/".join(parts[-1:] if is_own_path(name) else parts)


def is_own_path(name: str) -> bool:
    """Return whether *name* is a path on somebody's own machine or network, as programs of Windows give it."""
    return bool(_DRIVE.match(name))


def _plain(text: str) -> str:
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFC", kept.casefold()).split()).strip(_AROUND)


def _rungs(name: str) -> tuple[str, ...]:
    """Return what a file is known by, the surest first: its path, its name, and its name more and more loosely."""
    path = comparable(name)
    last = path.rpartition("/")[2]
    stem, ending = _parted(last)
    same = f"{stem}.{_SAME_ENDING.get(ending, ending)}"
    loose = _loose(stem)
    return path, f"/{last}", f"//{same}", f"//{stem}.", f"//{loose}?" if loose else ""


def _parted(name: str) -> tuple[str, str]:
    """Return the name before its ending, and the ending; a system that hides endings makes people write them twice."""
    stem, ending = name, ""
    while True:
        before, dot, last = stem.rpartition(".")
        if not (dot and before and last in _ENDINGS):
            return stem, ending
        stem, ending = before, ending or last


def _loose(stem: str) -> str:
    """Return *stem* with a line for each sign: so mail programs write what some system forbids, or %20 for a blank.

    Digits of all scripts are one, and so is every *i*: Turkish has two, which capitals do not tell apart elsewhere.
    """
    plain = unquote(stem).replace("i\u0307", "i").replace("\u0131", "i")
    signs = re.sub(r"[\W_]+", "_", plain).strip("_")
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)


@dataclass(frozen=True, slots=True)
class Names(Generic[Key]):
    """Files by all that they are known by; what several are known by finds none of them."""

    by_rung: tuple[Mapping[str, Key | None], ...]
    shown: tuple[str, ...]
    """The names, for people."""

    @classmethod
    def of(cls, files: Iterable[tuple[Key, Iterable[str]]]) -> Names[Key]:
        """Return the index of *files*, each with the names it may have: one, or a guess for each encoding."""
        rungs: tuple[dict[str, set[Key]], ...] = tuple({} for _ in range(5))
        shown: list[str] = []
        for key, names in files:
            for place, name in enumerate(names):
                if not place:
                    shown.append(name)
                for known, rung in zip(_rungs(name), rungs, strict=True):
                    if known:
                        rung.setdefault(known, set()).add(key)
        single = tuple({known: next(iter(keys)) if len(keys) == 1 else None for known, keys in rung.items()}
                       for rung in rungs)  # fmt: skip
        return cls(single, tuple(shown))

    def find(self, name: str) -> Key | None:
        """Return the one file that *name* means; None where there is none, or more than one of the same likeness."""
        for known, rung in zip(_rungs(name), self.by_rung, strict=True):
            if known in rung:
                return rung[known]
        return None

    def is_shared(self, name: str) -> bool:
        """Return whether *name* means several files alike, so that none of them is found."""
        return any(known in rung for known, rung in zip(_rungs(name), self.by_rung, strict=True)) and not self.find(
            name
        )

    def nearest(self, name: str) -> str:
        """Return the name that looks most like *name*, or stands in it; empty where none does.

        Of pictures that are numbered, another number is another picture: 2.jpg is not likely meant by 1.jpg.
        """
        wanted = comparable(name).rpartition("/")[2]
        names = {shown: comparable(shown).rpartition("/")[2] for shown in self.shown}
        if within := [shown for shown, known in names.items() if known in wanted]:
            return max(within, key=len)
        alike = {shown: known for shown, known in names.items() if _numbers(known) == _numbers(wanted)}
        found = process.extractOne(wanted, alike, scorer=fuzz.ratio, score_cutoff=_NEAR)
        return found[2] if found else ""


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def names_of(member: ZipInfo) -> Iterator[str]:
    """Yield what a member of an archive may be called; several names where it does not say its encoding.

    Which of them is right is shown by the rows: one of them names it so.
    """
    if (said := _unicode_path(member.extra)) is not None:
        yield said
    if member.flag_bits & _UTF8 or member.filename.isascii():
        yield member.filename
    if member.filename.isascii():
        return
    # Some archivers say UTF-8 of names that another one had read wrongly before.
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return
    for encoding in _OLD_ENCODINGS:
        try:
            yield raw.decode(encoding)
        except UnicodeDecodeError:
            continue


def _unicode_path(extra: bytes) -> str | None:
    while len(extra) >= 4:  # noqa: PLR2004 -- an identifier and a length
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _UNICODE_PATH and size > 5:  # noqa: PLR2004 -- a version and a checksum go first
            try:
                return extra[9 : 4 + size].decode("utf-8")
            except UnicodeDecodeError:
                return None
        extra = extra[4 + size :]
    return None
