"""Workbooks whose bytes depend on their content alone."""

from __future__ import annotations

import io
import re
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


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
