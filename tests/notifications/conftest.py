"""Shared by the tests of letters: approved texts, and one invented letter of every kind."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import pytest

EXPECTED = Path(__file__).parent / "expected"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="rewrite the approved texts of letters")


@pytest.fixture
def approved(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with its approved file; ``pytest tests/notifications --update-expected`` rewrites the file."""

    def compare(name: str, text: str) -> None:
        path = EXPECTED / name
        if request.config.getoption("--update-expected", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        before = path.read_text("utf-8") if path.exists() else ""
        difference = "\n".join(difflib.unified_diff(before.splitlines(), text.splitlines(), "approved", "now"))
        assert before == text, f"{name} differs; review it, then run with --update-expected\n{difference}"

    return compare
