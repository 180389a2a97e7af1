"""The offline checker reads photographs and the camera's view in desktop Chromium, about as often as the desk does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.badges import NOW, ROOT, a_badge, a_checker, a_status_list, a_token, a_trust_list, until

from benchmarks.photographs import seen_badly
from domain.credentials import base45
from domain.credentials.trust_list import signed_trust_list
from notifications.badge.code import sheet_svg
from notifications.badge.reader import read_codes
from notifications.badge.rendering import render_badge_png
from notifications.pages.checker import checker_html


def opened(browser: Any, folder: Path) -> Any:
    """Open the page from a file and gather what it must not do: requests, errors, things kept."""
    (folder / "checker.html").write_text(checker_html(a_checker()))
    page = browser.new_context(locale="en-GB", permissions=["camera"]).new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith("file:") else page.problems.append(asked.url))
    page.clock.set_fixed_time(NOW)
    page.goto((folder / "checker.html").as_uri())
    page.evaluate("ready")
    return page


@pytest.fixture(scope="module")
def page(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    browser = chromium()
    yield opened(browser, tmp_path_factory.mktemp("page"))
    browser.close()


def written(picture: Any, form: str = "JPEG") -> bytes:
    out = BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(out, form)
    return out.getvalue()


def shown(page: Any, content: bytes, mime: str = "image/jpeg") -> str:
    """Open *content* in the page; return the verdict's code, or the note where there is none."""
    page.evaluate("station.shown = null; show(); note('')")
    page.set_input_files("#file", {"name": "badge", "mimeType": mime, "buffer": content})
    until(page, "station.shown !== null || document.getElementById('note').textContent !== ''")
    return str(page.evaluate("station.shown ? station.shown.code : document.getElementById('note').textContent"))


def test_a_photograph_of_a_badge_is_read_and_judged(page: Any) -> None:
    badge = Image.open(BytesIO(render_badge_png(a_badge(token=a_token()), dots_per_inch=180))).convert("RGB")
    desk = Image.new("RGB", (badge.width * 3, badge.height * 3), (90, 70, 50))
    desk.paste(badge.rotate(17, expand=True, fillcolor=(90, 70, 50)), (badge.width // 2, badge.height // 2))
    assert shown(page, written(desk)) == "VALID"
    assert "Ilva Tornek" in page.text_content("#facts")
    assert page.problems == []


def test_a_code_on_a_transparent_picture_is_read_as_if_on_paper(page: Any) -> None:
    code = Image.open(BytesIO(render_badge_png(a_badge(token=a_token()), dots_per_inch=180))).convert("L")
    ink = Image.new("RGBA", code.size, (0, 0, 0, 0))
    ink.putalpha(Image.fromarray(255 - np.asarray(code)))
    assert shown(page, written(ink, "PNG"), "image/png") == "VALID"


def test_what_holds_no_code_or_is_no_picture_is_said_and_not_judged(page: Any) -> None:
    assert "No code" in shown(page, written(Image.new("RGB", (3000, 2000), "grey")))
    for content, mime in ((b"ftypheic", "image/heic"), (b"%PDF-1.7", "application/pdf")):
        assert "cannot be opened as a picture" in shown(page, content, mime)


def test_of_several_badges_in_one_picture_none_is_called_good(page: Any) -> None:
    codes = [Image.fromarray(seen_badly(a_token(serial=f"XVD-{n}"), Random(n), width=300)) for n in (1, 2)]
    both = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 235)
    both.paste(codes[0], (0, 0))
    both.paste(codes[1], (codes[0].width, 0))
    assert "one at a time" in shown(page, written(both))
    assert page.is_hidden("#verdict")


@pytest.mark.parametrize("number", [30, pytest.param(100, marks=pytest.mark.full)])
def test_desk_and_page_read_the_same_bad_photographs(page: Any, number: int) -> None:
    random = Random(20270613)
    seen = [seen_badly(a_token(serial=f"XVD-{n:06}"), random, width=210) for n in range(number)]
    pictures = [written(photograph, "PNG") for photograph in seen]
    in_page = page.evaluate(
        """async (pictures) => { const read = []; for (const picture of pictures) {
        const bitmap = await createImageBitmap(new Blob([fromBase64(picture)]));
        read.push((await codesOf(bitmap)).length); } return read; }""",
        [base64.b64encode(picture).decode() for picture in pictures],
    )
    at_desk = [len(list(read_codes(picture))) for picture in pictures]
    print(
        f"of {len(pictures)} photographs the desk reads {sum(map(bool, at_desk))}, the page {sum(map(bool, in_page))}"
    )
    assert 0.6 * number < sum(map(bool, at_desk)) < number
    assert sum(map(bool, in_page)) >= sum(map(bool, at_desk)) - 2


def test_a_sheet_of_lists_is_taken_from_a_photograph(page: Any) -> None:
    assert sheet_svg("OACS:" + base45.encode(a_status_list()))
    trust = signed_trust_list(a_trust_list(6), ROOT)
    picture = seen_badly("OACT:" + base45.encode(trust), Random(3), width=700)
    assert shown(page, written(picture)) == "New list taken."


@pytest.fixture
def filmed(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Return a function that opens the page where the camera sees *frames*, again and again."""
    browsers: list[Any] = []

    def open_page(frames: list[bytes]) -> Any:
        film = tmp_path / "film.mjpeg"
        film.write_bytes(b"".join(frames))
        media = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
        browsers.append(chromium(*media, f"--use-file-for-fake-video-capture={film}"))
        return opened(browsers[-1], tmp_path)

    yield open_page
    for browser in browsers:
        browser.close()


def a_frame(token: str | None, random: Random) -> bytes:
    """What a camera sees at arm's length: the code a fifth of the view, turned and blurred, on a dark table."""
    frame = Image.new("RGB", (1280, 720), (60, 55, 50))
    if token:
        frame.paste(
            Image.fromarray(seen_badly(token, random, width=260)), (random.randrange(700), random.randrange(200))
        )
    return written(frame)


def test_the_camera_finds_a_badge_that_comes_into_view_judges_it_and_goes_out(filmed: Any) -> None:
    random = Random(5)
    frames = [a_frame(None, random) for _ in range(4)] + [a_frame(a_token(), random) for _ in range(8)]
    page = filmed(frames)
    page.click("#camera-button")
    until(page, "!document.getElementById('camera').hidden")
    assert page.text_content("#camera-button") == "Stop the camera"
    page.wait_for_timeout(1500)
    for _ in range(10):
        if page.evaluate("station.shown !== null"):
            break
        page.wait_for_timeout(1000)
    assert page.get_attribute("#verdict", "data-code") == "VALID"
    assert page.evaluate("document.getElementById('camera').srcObject") is None
    assert page.text_content("#camera-button") == "Use the camera"
    assert page.problems == []


def test_the_camera_can_be_stopped_and_nothing_is_kept(filmed: Any) -> None:
    page = filmed([a_frame(None, Random(1))])
    page.click("#camera-button")
    until(page, "!document.getElementById('camera').hidden")
    page.click("#camera-button")
    until(page, "document.getElementById('camera').hidden")
    assert page.evaluate("station.shown") is None
    kept = "[localStorage.length, sessionStorage.length, document.cookie]"
    assert page.evaluate(kept) == [0, 0, ""]
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert page.problems == []


def test_a_code_against_the_rules_ends_no_later_reading(page: Any) -> None:
    page.evaluate(
        "decoder().then((reader) => { codeReader.instance = { ...reader, read: () => { throw new Error(); } }; })"
    )
    photograph = written(seen_badly(a_token(), Random(2), width=300))
    assert "No code" in shown(page, photograph)
    assert shown(page, photograph) == "VALID"


def test_the_reader_carries_its_licence(page: Any) -> None:
    said = page.text_content("footer")
    assert "Copyright ZXing authors" in said
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in said
