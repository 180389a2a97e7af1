"""SVG pictures as PNG, for mail programs and documents that show no SVG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typst

from notifications.badge.typefaces import fonts

DOTS_PER_INCH: Final = 144
"""Twice the size on a screen, so that letters stay sharp on paper."""


def as_png(pictures: Mapping[str, str]) -> dict[str, bytes]:
    """Return *pictures* (SVG by name) as PNG by the same names; equal pictures give equal bytes."""
    names = sorted(pictures)
    if not names:
        return {}
    with TemporaryDirectory(prefix="pictures-") as folder:
        place = Path(folder)
        for number, name in enumerate(names):
            (place / f"{number}.svg").write_text(pictures[name], encoding="utf-8")
        pages = [f'#image("{number}.svg")' for number in range(len(names))]
        main = place / "pictures.typ"
        main.write_text("#set page(width: auto, height: auto, margin: 0pt)\n" + "\n#pagebreak()\n".join(pages))
        compiler = typst.Compiler(main, root=folder, font_paths=fonts())
        drawn = compiler.compile(format="png", ppi=DOTS_PER_INCH)
    found = [drawn] if isinstance(drawn, bytes) else list(drawn or ())
    return dict(zip(names, found, strict=True))
