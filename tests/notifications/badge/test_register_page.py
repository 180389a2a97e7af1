"""The public register in a browser: searched and paged without a server, whole without a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.badges import NOW

from domain.credentials.verdict import Code
from notifications.pages.register import Register, RegisterLine, register_pages


def a_line(number: int, code: Code = Code.VALID, organisation: str = "Élan civique") -> RegisterLine:
    return RegisterLine(
        serial=f"VD-{number:06}", code=code, role="Long-term observer", organisation=organisation,
        valid_from=NOW, valid_until=NOW + timedelta(days=20),
    )  # fmt: skip


def a_register(count: int = 120) -> Register:
    lines = [a_line(number) for number in range(1, count - 1)]
    lines += [a_line(count - 1, Code.LOST, "Observers' League"), a_line(count, Code.REVOKED, "Observers' League")]
    return Register(title="Election of Valdara <&>", as_of=NOW, renewed_by=NOW + timedelta(days=1), lines=tuple(lines))


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    contexts: list[Any] = []

    def open_page(name: str = "register.html", *, width: int = 1200, script: bool = True, mark: str = "") -> Any:
        for file, content in register_pages(a_register(), ("en", "ar")).items():
            (tmp_path / file).write_bytes(content)
        size = {"width": width, "height": 740}
        contexts.append(browser.new_context(java_script_enabled=script, viewport=size))
        page = contexts[-1].new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
        page.goto((tmp_path / name).as_uri() + mark)
        return page

    yield open_page
    for context in contexts:
        context.close()


def seen(page: Any) -> list[str]:
    """Return the serials of the lines on view, asked for at once."""
    lines = "[...document.querySelectorAll('tbody tr')].filter((row) => row.checkVisibility()).map((row) => row.id)"
    return list(page.evaluate(lines))


def test_the_register_has_pages_and_says_where_one_is(opened: Any) -> None:
    page = opened()
    assert (len(seen(page)), page.text_content("#found")) == (50, "1–50 of 120")
    assert page.is_disabled("#previous")
    page.click("#next")
    page.click("#next")
    assert (seen(page)[0], len(seen(page)), page.is_disabled("#next")) == ("VD-000101", 20, True)
    page.click("#previous")
    assert seen(page)[0] == "VD-000051"
    assert page.problems == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("VD-000117", ["VD-000117"]), ("vd117", ["VD-000117"]), ("117", ["VD-000117"]),
     ("observers reported lost", ["VD-000119"]), ("league", ["VD-000119", "VD-000120"]), ("revoked", ["VD-000120"]),
     ("nobody", [])],
)  # fmt: skip
def test_a_serial_an_organisation_or_a_standing_is_found(opened: Any, wanted: str, found: list[str]) -> None:
    page = opened()
    page.fill("#wanted", wanted)
    assert seen(page) == found
    assert (page.text_content("#found") == "Nothing found") == (not found)


def test_accents_and_case_do_not_matter(opened: Any) -> None:
    page = opened()
    page.fill("#wanted", "ELAN")
    assert page.text_content("#found") == "1–50 of 118"


def test_a_link_to_a_serial_opens_its_page_and_marks_its_line(opened: Any) -> None:
    page = opened(mark="#VD-000119")
    assert "REPLACED: REPORTED LOST" in page.text_content("tr:target")
    assert page.is_visible("tr:target")


def test_without_a_script_every_line_is_there_and_no_field_that_does_nothing(opened: Any) -> None:
    page = opened(script=False)
    assert len(seen(page)) == 120
    assert page.is_hidden("#search")


@pytest.mark.parametrize("name", ["register.html", "register-ar.html"])
@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_hangs_over_the_edge_of_a_phone_or_a_screen(opened: Any, name: str, width: int) -> None:
    page = opened(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.problems == []
