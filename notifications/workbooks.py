"""Workbooks whose bytes depend on their content alone."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_FORMULA: Final = ("=", "+", "-", "@")
_NEXT_CELL: Final = re.compile(r"([;\t\r\n][^\S\r\n]*)(?=[=+@＝＋＠－-])")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot say (its production 2)."""
_LOOKED_AT: Final = 1000
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def is_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet could take *text* for a formula; blanks, unseen characters and wide forms hide nothing."""
    seen = "".join(char for char in text[:_LOOKED_AT] if unicodedata.category(char)[0] not in "CZ")
    return unicodedata.normalize("NFKC", seen).startswith(_FORMULA)


def writable(text: str) -> str:
    """Return *text* without what no workbook can hold."""
    return _UNWRITABLE.sub("", text)


def plain(cell: object) -> object:
    """Return *cell* as it may stand in a file of comma-separated values: text that no spreadsheet runs.

    Nor one that divides cells elsewhere: where people write 1,5 spreadsheets do so at each semicolon.
    """
    if not isinstance(cell, str):
        return cell
    begins = next((place for place, char in enumerate(cell) if unicodedata.category(char)[0] not in "CZ"), 0)
    told = cell[:begins] + _NEXT_CELL.sub(r"\1'", cell[begins:])
    return f"'{told}" if is_like_a_formula(told) else told


def timeless(workbook: bytes) -> bytes:
    """Return the same workbook with fixed times in archive and properties, so that equal rows are equal bytes."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2027-01-08T08:00:00Z", content)
            new.writestr(ZipInfo(name, _ZIP_EPOCH), content, ZIP_DEFLATED)
    return out.getvalue()
