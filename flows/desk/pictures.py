"""Photographs and documents as pictures that a browser may show: made anew from the pixels, never passed through.

They are parsed in a process of their own, one for each, which knows nothing and is thrown away.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from domain.errors import BadInputError, UnknownThingError
from domain.identity.file_rules import ContentKind
from domain.identity.images import sniffed
from domain.values import Sha256
from flows.runtime.processes.readers import PICTURE_MEMORY, PICTURE_SECONDS, Reader, ReaderStoppedError, asked
from flows.storage.files import file_store

KIND: Final = "image/jpeg"
JPEG: Final = b"\xff\xd8\xff"
"""How every JPEG begins (ISO/IEC 10918-1, B.2)."""


@lru_cache(maxsize=64)
def picture(name: Sha256, page: int = 1) -> tuple[bytes, int]:
    """Return page *page* of the stored content called *name* as JPEG, and how many pages there are.

    Raises :class:`UnknownThingError` for content that is gone and :class:`BadInputError` for what is no picture, and
    for what ends whoever reads it.
    """
    drawn = _drawn(file_store().get(name), page)
    if drawn is None:
        remedy = "Ask the organisation for a new copy."
        raise BadInputError("document", "this file cannot be shown as a picture.", remedy=remedy)
    return drawn


def _drawn(content: bytes, page: int) -> tuple[bytes, int] | None:
    with Reader() as reader:
        try:
            answer, blobs = reader.ask(
                "document", asked("exhibit", PICTURE_MEMORY, PICTURE_SECONDS, page=page), (content,)
            )
        except ReaderStoppedError:
            return None
    is_picture = bool(blobs) and blobs[0].startswith(JPEG)  # what a reader says is believed as little as the file
    return (blobs[0], int(answer["pages"])) if is_picture else None


def pages_of(name: Sha256) -> int:
    """Return how many pages the stored content called *name* has; 1 also for what cannot be shown, or is gone."""
    try:
        several = sniffed(file_store().get(name)[:1024]) is ContentKind.PDF
        return picture(name)[1] if several else 1
    except (BadInputError, UnknownThingError):
        return 1
