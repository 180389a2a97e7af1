"""The photographs and identity pages of a package, drawn in several processes where there are many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from PIL import Image

from domain.election.profile import ElectionProfile
from flows.rehearsal.package.cases import RehearsalCase
from flows.rehearsal.package.people import Person, host, states
from flows.rehearsal.package.pictures.faces import face
from flows.rehearsal.package.pictures.pages import Page, identity_page
from flows.rehearsal.package.pictures.portraits import portrait
from flows.rehearsal.package.pictures.unusable import Unusable, unusable

_QUALITY: Final = 80
_WORTH_PROCESSES: Final = 300
"""People from which starting processes costs less than it saves."""

_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn for one row, and where it goes; an empty path is not written."""

    seed: int
    number: int
    sex: str
    age: int
    page: Page
    photo_path: str
    page_path: str
    spoilt: tuple[Unusable | None, Unusable | None] = (None, None)
    """What lies in the places of photograph and page."""


def pictures(folder: Path, every: Iterable[RehearsalCase], seed: int, profile: ElectionProfile) -> Iterator[Picture]:
    """Yield what is to be drawn for each row of *every* below the package *folder*."""
    for case in every:
        somebody = case.person
        yield Picture(
            seed=seed,
            number=somebody.number,
            sex=somebody.sex,
            age=profile.election.day.year - somebody.birth_date.year,
            page=_page(somebody, case.zone),
            photo_path=_place(folder, case, "photo", f"{case.number}-photo.jpg"),
            page_path=_place(folder, case, "identity_page", f"{case.number}-page{_ending(case)}"),
            spoilt=(case.unusable.get("photo"), case.unusable.get("identity_page")),
        )


def _ending(case: RehearsalCase) -> str:
    return ".pdf" if case.unusable.get("identity_page") is Unusable.BLANK_PDF else ".jpg"


def _place(folder: Path, case: RehearsalCase, column: str, name: str) -> str:
    """Return where a picture goes: beside the nominations, beside the corrections if it comes later, or nowhere."""
    if column not in case.missing:
        return str(folder / "nominations" / case.batch.stem / name)
    return str(folder / "corrections" / case.batch.sponsor.code / name) if column in case.truth.mends else ""


def draw(ordered: Iterable[Picture], count: int, *, processes: int | None, advance: Callable[[int], None]) -> None:
    """Draw *count* pictures, in *processes* (all cores where not said), calling *advance* with how many are done."""
    workers = min(processes or os.cpu_count() or 1, 1 if count < _WORTH_PROCESSES else count)
    chunks = _chunks(ordered)
    if workers == 1:
        for chunk in chunks:
            advance(draw_chunk(chunk))
        return
    # Forking a process that runs threads (Prefect's do) can hang; a spawned one begins afresh.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in pool.map(draw_chunk, chunks):
            advance(done)


def draw_chunk(chunk: list[Picture]) -> int:
    """Draw and save the pictures of *chunk* and return how many rows that were."""
    for picture in chunk:
        photo = portrait(face(picture.seed, picture.number, sex=picture.sex, age=picture.age))
        if picture.photo_path:
            _save(photo, picture.photo_path, picture.spoilt[0])
        if picture.page_path:
            _save(identity_page(picture.page, photo), picture.page_path, picture.spoilt[1])
    return len(chunk)


def _save(image: Image.Image, path: str, spoilt: Unusable | None) -> None:
    image.save(path, "JPEG", quality=_QUALITY, dpi=(300, 300))
    if spoilt:
        place = Path(path)
        place.write_bytes(unusable(spoilt, place.read_bytes()))


def _chunks(ordered: Iterable[Picture]) -> Iterator[list[Picture]]:
    rest = iter(ordered)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk


def _page(somebody: Person, lines: tuple[str, str]) -> Page:
    state = host() if somebody.issuer == host().code else states()[somebody.issuer]
    printed = (
        ("Surname", somebody.name.surname.upper()),
        ("Given names", somebody.name.given_names.upper()),
        ("Nationality", somebody.issuer),
        ("Document number", somebody.document_number),
        ("Date of birth", somebody.birth_date.strftime("XX.XX.%Y" if lines[1][15:19] == "<<<<" else "%d.%m.%Y")),
        ("Sex", somebody.sex),
        ("Date of expiry", "" if lines[1][21] == "<" else somebody.document_expiry.strftime("%d.%m.%Y")),
        ("Issued by", state.name),
    )
    return Page(state.name, printed, lines)
