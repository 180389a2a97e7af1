"""Photographs and documents as pictures that a browser may show: made anew from the pixels, never passed through.

They are parsed in a process of their own, one for each, which knows nothing and is thrown away.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from domain.errors import BadInputError
from domain.values import Sha256
from flows.file_store import file_store
from flows.runtime.readers import PICTURE_MEMORY, PICTURE_SECONDS, Reader, ReaderStoppedError, asked

KIND: Final = "image/jpeg"


@lru_cache(maxsize=64)
def picture(name: Sha256, page: int = 1) -> tuple[bytes, int]:
    """Return page *page* of the stored content called *name* as JPEG, and how many pages there are.

    Raises :class:`UnknownThingError` for content that is gone and :class:`BadInputError` for what is no picture, and
    for what ends whoever reads it.
    """
    content = file_store().get(name)
    with Reader() as reader:
        try:
            answer, blobs = reader.ask(
                "document", asked("exhibit", PICTURE_MEMORY, PICTURE_SECONDS, page=page), (content,)
            )
        except ReaderStoppedError:
            blobs = []
    if not blobs:
        remedy = "Ask the organisation for a new copy."
        raise BadInputError("document", "this file cannot be shown as a picture.", remedy=remedy)
    return blobs[0], int(answer["pages"])
