"""The answer to a person who asks what is held about them: pages to read, by typst, in the person's language."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typst
from pydantic import Field

from domain.values import Frozen, UtcTime
from notifications.badge.fonts import fonts
from notifications.badge.scripts import EVERY_FAMILY, drawable
from notifications.letters import formats

_HERE: Final = files("notifications.oversight")
PICTURE: Final[Mapping[bytes, str]] = {b"\xff\xd8": "jpg", b"\x89P": "png"}
"""Pictures that the pages can show, by their first bytes; what is none of them is in the data file."""


class AnswerPart(Frozen):
    """One part of the answer: lines with what each is."""

    heading: str
    lines: Annotated[tuple[tuple[str, str], ...], Field(repr=False)]


class Answer(Frozen):
    """Everything that is held about one person, as it is put on pages."""

    language: str
    title: str
    issuer: str
    intro: Annotated[tuple[str, ...], Field(repr=False)]
    parts: tuple[AnswerPart, ...]
    pictures: Annotated[tuple[bytes, ...], Field(repr=False)] = ()
    at: UtcTime


@cache
def answer_words(language: str) -> Mapping[str, str]:
    """Return the words of *language*, or English where there are none."""
    every: dict[str, dict[str, str]] = tomllib.loads((_HERE / "words.toml").read_text("utf-8"))
    return every.get(language, every["en"])


def answer_pdf(answer: Answer) -> bytes:
    """Return the answer as A4 pages; equal answers give equal bytes."""
    with TemporaryDirectory(prefix="answer-") as folder:
        main = Path(folder) / "answer.typ"
        main.write_bytes((_HERE / "answer.typ").read_bytes())
        names = [_kept(picture, Path(folder), number) for number, picture in enumerate(answer.pictures)]
        page = {
            "title": drawable(answer.title), "issuer": drawable(answer.issuer), "language": answer.language,
            "direction": formats.direction(answer.language), "families": EVERY_FAMILY,
            "intro": [_lines(text) for text in answer.intro], "pictures": [name for name in names if name],
            "parts": [
                {"heading": drawable(part.heading), "lines": [[_lines(cell) for cell in line] for line in part.lines]}
                for part in answer.parts
            ],
        }  # fmt: skip
        compiler = typst.Compiler(main, root=folder, font_paths=fonts())
        inputs = {"page": json.dumps(page, ensure_ascii=False)}
        drawn = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=int(answer.at.timestamp()))
    if not isinstance(drawn, bytes):
        raise TypeError("an answer is one file")
    return drawn


def _kept(picture: bytes, folder: Path, number: int) -> str:
    ending = PICTURE.get(picture[:2], "")
    if ending:
        (folder / f"{number}.{ending}").write_bytes(picture)
    return f"{number}.{ending}" if ending else ""


def _lines(text: str) -> str:
    return "\n".join(drawable(line) for line in text.split("\n"))
