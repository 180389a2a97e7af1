"""A real browser for the tests of public pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from support.badges import CHROMIUM


@pytest.fixture(scope="module")
def chromium(need: Callable[[object, str, str], None]) -> Iterator[Callable[..., Any]]:
    """Give a function that starts Chromium, with further arguments where there are any."""
    need(CHROMIUM, "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("playwright"), "playwright", "Install the development requirements.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *args: playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *args])


@pytest.fixture(scope="module")
def browser(chromium: Callable[..., Any]) -> Iterator[Any]:
    """Give one Chromium to all tests of a module."""
    started = chromium()
    yield started
    started.close()
