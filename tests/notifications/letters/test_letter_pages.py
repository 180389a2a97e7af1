"""Letters as a browser shows them: at the width of a phone and of a desk, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, Literal, cast

import pytest

from notifications.letters.lines import CaseLetter
from notifications.letters.rendering import render
from notifications.letters.samples import SAMPLES
from notifications.letters.words import languages

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

LOOKS = """() => {
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || element.tagName === 'STYLE') continue;
    const [one, two] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (contrast < 4.5) faint.push(text.slice(0, 30) + ' ' + contrast.toFixed(2));
  }
  return {overflow: document.documentElement.scrollWidth - innerWidth, faint,
          images: document.images.length, direction: getComputedStyle(document.body).direction};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


TONGUES = [
    pytest.param(language, marks=() if language in {"en", "ar"} else pytest.mark.full) for language in languages()
]


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (900, "light"), (900, "dark")])
def test_letters_fit_and_can_be_read(browser: Any, language: str, width: int, scheme: Literal["light", "dark"]) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    for sample in ("receipt-late", "receipt", "deficiency", "refusal", "placement", "expiry", "digest", "policy"):
        letter = SAMPLES[sample]
        if isinstance(letter, CaseLetter):
            letter = letter.revised(applicant_name="Wolfeschlegelsteinhausenbergerdorff" * 4)
        page.set_content(render(letter, language).html)
        looks = cast("dict[str, object]", page.evaluate(LOOKS))

        assert looks["overflow"] == 0, sample
        assert looks["faint"] == [], sample
        assert looks["images"] == 0
        assert looks["direction"] == ("rtl" if language == "ar" else "ltr")
    page.close()
