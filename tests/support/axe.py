"""What axe-core finds on a page: the rules of WCAG and good practice that a program can judge."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def source() -> str:
    """Return axe-core's own script, which comes in a package for tests and is used unchanged."""
    found = find_spec("axe_playwright_python")
    assert found is not None, "Install the development requirements."
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


def violations(page: Any) -> list[str]:
    """Return what is wrong with the page as it is shown now, one line for each element."""
    page.evaluate(source())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:200]}" for rule in found for node in rule["nodes"]]
