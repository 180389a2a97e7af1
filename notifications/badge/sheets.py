"""Print jobs: finished badges laid out on sheets with cut marks and separator pages, without drawing them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import pypdfium2

from domain.identity.pdf import PDFIUM
from domain.values import Frozen
from notifications.badge.rendering import render_pages
from notifications.badge.scripts import EVERY_FAMILY

_POINTS: Final = 72 / 25.4
_A6: Final = (105.0, 148.0)


class SheetLayout(StrEnum):
    """How badges come out of the printer."""

    A6 = "a6"
    CARD = "card"
    TWO_UP = "2up"
    FOUR_UP = "4up"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Size of a sheet and the upper left corners of its places, in millimetres from its upper left corner."""

    size: tuple[float, float]
    places: tuple[tuple[float, float], ...]


# Two stand apart on a sheet on its side, away from every printer's margin; four fill the sheet to its edges.
_SHEETS: Final = {
    SheetLayout.TWO_UP: _Sheet((297.0, 210.0), ((39.5, 31.0), (152.5, 31.0))),
    SheetLayout.FOUR_UP: _Sheet((210.0, 297.0), ((0.0, 0.5), (105.0, 0.5), (0.0, 148.5), (105.0, 148.5))),
}


class Section(Frozen):
    """Badges that lie together: one region of one office."""

    heading: str
    lines: tuple[str, ...] = ()
    badges: tuple[bytes, ...] = ()


class Job(Frozen):
    """One file for the printer. A separator precedes every section, except between cards."""

    over: str
    """The line above every heading: election and office."""
    layout: SheetLayout
    day: date
    sections: tuple[Section, ...]


def job_pdf(job: Job) -> bytes:
    """Return the file of *job*: separators and badges in order; a section begins on a sheet of its own."""
    separators = None if job.layout is SheetLayout.CARD else _separators(job)
    marks = _marks(job.layout, job.day) if job.layout in _SHEETS else None
    with PDFIUM:
        return _put_together(job, separators and _opened(separators), marks and _opened(marks))


def _put_together(job: Job, separators: Any, marks: Any) -> bytes:
    target: Any = pypdfium2.PdfDocument.new()
    for number, section in enumerate(job.sections):
        if separators is not None:
            target.import_pages(separators, [number])
        if marks is None:
            _append(target, section.badges)
        else:
            _lay_out(target, marks, _SHEETS[job.layout], section.badges)
    out = BytesIO()
    target.save(out)
    target.close()
    return out.getvalue()


def _append(target: Any, badges: Sequence[bytes]) -> None:
    for badge in badges:
        source = _opened(badge)
        target.import_pages(source)
        source.close()


def _lay_out(target: Any, marks: Any, sheet: _Sheet, badges: Sequence[bytes]) -> None:
    """Put *badges* on sheets, as they are, at their own size, and the cut marks over them."""
    per_sheet = len(sheet.places)
    for start in range(0, len(badges), per_sheet):
        # Each sheet is made by itself: in a growing file every further one would take longer.
        single: Any = pypdfium2.PdfDocument.new()
        page = single.new_page(*(side * _POINTS for side in sheet.size))
        for badge, place in zip(badges[start : start + per_sheet], sheet.places, strict=False):
            source = _opened(badge)
            _place(single, page, source, _moved(place, sheet))
            source.close()
        _place(single, page, marks, pypdfium2.PdfMatrix())
        page.gen_content()
        page.close()
        target.import_pages(single)
        single.close()


def _place(target: Any, page: Any, source: Any, matrix: Any) -> None:
    form: Any = source.page_as_xobject(0, target).as_pageobject()
    form.set_matrix(matrix)
    page.insert_obj(form)


def _moved(place: tuple[float, float], sheet: _Sheet) -> Any:
    x, y = place
    return pypdfium2.PdfMatrix().translate(x * _POINTS, (sheet.size[1] - y - _A6[1]) * _POINTS)


def _opened(content: bytes) -> Any:
    return pypdfium2.PdfDocument(content)


def _separators(job: Job) -> bytes:
    width, height = _SHEETS[job.layout].size if job.layout in _SHEETS else _A6
    pages = [{"over": job.over, "heading": section.heading, "lines": section.lines} for section in job.sections]
    content = {"width": width, "height": height, "families": EVERY_FAMILY, "pages": pages}
    return render_pages("separator.typ", content, begins=job.day)


def _marks(layout: SheetLayout, day: date) -> bytes:
    sheet = _SHEETS[layout]
    ticks = _between() if layout is SheetLayout.FOUR_UP else [tick for place in sheet.places for tick in _around(place)]
    content = {"width": sheet.size[0], "height": sheet.size[1], "ticks": ticks}
    return render_pages("marks.typ", content, begins=day)


def _around(place: tuple[float, float]) -> Iterator[tuple[float, float, float, float]]:
    """Yield the two outward lines at each corner of a badge, as start and reach."""
    for x, out_x in ((place[0], -1.0), (place[0] + _A6[0], 1.0)):
        for y, out_y in ((place[1], -1.0), (place[1] + _A6[1], 1.0)):
            yield x + 1.5 * out_x, y, 2.0 * out_x, 0.0
            yield x, y + 1.5 * out_y, 0.0, 4.0 * out_y


def _between() -> list[tuple[float, float, float, float]]:
    """Return the lines on the two cuts of a full sheet: at its edges and where they cross."""
    middle_x, middle_y, reach = 105.0, 148.5, 5.0
    return [
        (middle_x, 0.0, 0.0, reach),
        (middle_x, 297.0, 0.0, -reach),
        (0.0, middle_y, reach, 0.0),
        (210.0, middle_y, -reach, 0.0),
        (middle_x - reach, middle_y, 2 * reach, 0.0),
        (middle_x, middle_y - reach, 0.0, 2 * reach),
    ]
