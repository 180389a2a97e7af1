"""The printed code: QR (ISO/IEC 18004), level M, drawn as a vector path and read back before it is used."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import zxingcpp

from domain.errors import AccreditationError

QUIET_ZONE: Final = 4
"""Modules of white on every side; the standard's minimum, part of the printed 40 mm."""

LARGEST_SIDE: Final = 69
"""Modules of version 13, the largest that phones still read well in 40 mm."""

LARGEST_SHEET_SIDE: Final = 137
"""Modules of version 30, for a list on a sheet of A4."""

_BLACK: Final = 128
_WHITE: Final = 255


class CodeFailedError(AccreditationError):
    """The code would not be readable as printed: too large, or it does not read back as the token."""


def code_svg(token: str) -> str:
    """Return the code of *token* as an SVG of one path, quiet zone included, one unit a module.

    The drawn modules are decoded once and compared with *token*: what does not read back is never printed.
    """
    return _svg(_modules(token, level="M", largest=LARGEST_SIDE))


def sheet_svg(text: str) -> str:
    """Return the code of a list that a station reads from a sheet of A4; see :func:`code_svg`.

    Level L and up to version 30: 160 mm leave a module more than a millimetre, and nobody carries the sheet about.
    """
    return _svg(_modules(text, level="L", largest=LARGEST_SHEET_SIDE))


def _svg(modules: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    side = len(modules) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="none" stroke="#000" d="{_path(modules)}"/></svg>'
    )


def _modules(token: str, *, level: str, largest: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    try:
        barcode: Any = zxingcpp.create_barcode(token, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError as error:
        raise CodeFailedError("more than any code can hold") from error
    image = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    modules: np.ndarray[Any, np.dtype[np.bool_]] = image < _BLACK
    if len(modules) > largest:
        raise CodeFailedError(f"a code of {len(modules)} modules a side, where {largest} can be read")
    drawn = np.full((len(modules) + 2 * QUIET_ZONE,) * 2, _WHITE, dtype=np.uint8)
    drawn[QUIET_ZONE:-QUIET_ZONE, QUIET_ZONE:-QUIET_ZONE] = np.where(modules, 0, _WHITE)
    # Made anew each time: one kept in the module would be reported as leaked at every end of the process.
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    read: Any = zxingcpp.read_barcode(drawn, formats=kinds, is_pure=True)
    if read is None or read.text != token:
        raise CodeFailedError("a code does not read back as the token it was made from")
    return modules


def _path(modules: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    """Return one line, a module thick, for each horizontal run of black modules.

    Lines take a third of the commands that rectangles do, in the file and in every printer that reads it.
    """
    edges = np.diff(np.pad(modules, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    runs = zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True)
    return "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}.5h{run}" for y, x, run in runs)
