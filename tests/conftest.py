"""What tests of every room may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

Need = Callable[[object, str, str], None]


@pytest.fixture(scope="session")
def need() -> Need:
    """Return ``need(condition, what, remedy)``: skip without *what*, or fail where everything has to be there."""

    def needed(condition: object, what: str, remedy: str) -> None:
        if condition:
            return
        text = f"{what} is missing. {remedy}"
        if os.environ.get("ACCREDIT_REQUIRE_ALL") == "1":
            pytest.fail(text)
        pytest.skip(text)

    return needed
