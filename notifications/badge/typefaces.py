"""The fonts as the typesetter holds them."""

from __future__ import annotations

from functools import lru_cache

import typst

from notifications.badge.coverage import font_folders


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts of the wheels, read once a process; no system font is among them."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*font_folders()])
