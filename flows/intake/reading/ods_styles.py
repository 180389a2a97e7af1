"""Which styles of an ODS workbook strike text through: of cells, paragraphs and runs, with what they inherit."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from flows.intake.reading.ooxml import local, parsed

_MOST_PARENTS = 20


def said(element: Element, name: str) -> str:
    """Return the attribute called *name* of whatever namespace; empty for none."""
    return next((value for key, value in element.items() if local(key) == name), "")


class Styles:
    """Styles by family and name, each with its parent and what it says of lines through text (OpenDocument 1.3-3)."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, bool | None]] = {}
        self.strikes_anything = False

    @classmethod
    def shared(cls, archive: ZipFile) -> Styles:
        """Return the named styles of the workbook, which those of its content inherit from."""
        found = cls()
        if "styles.xml" in archive.namelist():
            with archive.open("styles.xml") as packed:
                for _, element in parsed(packed):
                    if local(element.tag) == "styles":
                        for style in element:
                            found.take(style)
                        break
        return found

    def take(self, style: Element) -> None:
        """Write down what *style* says."""
        lines = [line for part in style.iter() if (line := said(part, "text-line-through-style"))]
        strikes = lines[-1] != "none" if lines else None
        self._known[said(style, "family"), said(style, "name")] = said(style, "parent-style-name"), strikes
        self.strikes_anything = self.strikes_anything or strikes is True

    def strike(self, family: str, name: str) -> bool | None:
        """Return whether the style strikes through; None where neither it nor what it inherits from says."""
        for _ in range(_MOST_PARENTS):
            name, strikes = self._known.get((family, name), ("", None))
            if strikes is not None or not name:
                return strikes
        return None

    def strokes(self, cell: Element, default: str) -> set[bool]:
        """Return which of struck through and not struck through is met in the text of *cell*."""
        if not self.strikes_anything:
            return {False}
        whole = bool(self.strike("table-cell", said(cell, "style-name") or default))
        met = {struck for part in cell if local(part.tag) == "p" for struck in self._of_runs(part, "paragraph", whole)}
        return met or {whole}

    def _of_runs(self, run: Element, family: str, struck: bool) -> Iterator[bool]:  # noqa: FBT001 -- what it inherits
        own = self.strike(family, said(run, "style-name"))
        struck = struck if own is None else own
        if (run.text or "").strip():
            yield struck
        for part in run:
            yield from self._of_runs(part, "text", struck)
            if (part.tail or "").strip():
                yield struck
