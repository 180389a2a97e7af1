"""What credentials are compared with, or measured in: WeasyPrint, and a browser."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.status_list import StatusList, signed_status_list
from domain.credentials.trust_list import TrustList, signed_trust_list
from notifications.badge.code import code_svg
from notifications.badge.contents import Badge
from notifications.badge.fonts import font_folders
from notifications.pages.checker import Checker, checker_html

FAMILIES = (
    "NotoSans",
    "NotoSansArabic",
    "NotoSansHebrew",
    "NotoSansDevanagari",
    "NotoSansSC",
    "NotoSansJP",
    "NotoSansKR",
)


@cache
def _styles(*, alike: bool) -> Any:
    """The style sheet and its fonts, made once: those of the wheels where badges are to be *alike*."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    files = {path.name.split("[")[0]: path for folder in font_folders() for path in Path(folder).rglob("*.ttf")}
    faces = "".join(
        f"@font-face{{font-family:{name};src:url({files[name].as_uri()});font-weight:100 900}}"
        for name in FAMILIES
        if alike
    )
    page = f"@page{{size:105mm 148mm;margin:7mm}}body{{font-family:{','.join(FAMILIES)};font-size:9pt;margin:0}}"
    return CSS(string=faces + page, font_config=fonts), fonts


def weasy_badge(badge: Badge, *, alike: bool) -> bytes:
    """The same facts, photograph and code as HTML made PDF."""
    from weasyprint import HTML

    sheet, fonts = _styles(alike=alike)
    code, photo = (base64.b64encode(part).decode() for part in (code_svg(badge.token).encode(), badge.photo or b""))
    page = (
        f"<html lang=en><title>{badge.serial}</title><h1>{badge.role}</h1><h2>{badge.passport_name}</h2>"
        f"<p>{badge.native_name}<p>{badge.organisation}<p>{badge.region}<p>{badge.validity}<p>{badge.serial}"
        f"<p>{badge.words.notice}"
        f'<img style="width:35mm" src="data:image/jpeg;base64,{photo}">'
        f'<img style="width:40mm" src="data:image/svg+xml;base64,{code}">'
    )
    made: bytes = HTML(string=page).write_pdf(
        stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3u" if alike else None
    )
    return made


def judged_in_page(
    tokens: Sequence[str], *, trust: TrustList, status: StatusList, status_signer: HeldKey, now: datetime
) -> float:
    """Verifications a second of *tokens* in the checker; 0 where there is no browser."""
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        return 0
    root = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"r" * 32))
    checker = Checker(
        title="Benchmark",
        roots=(raw_public_key(root.public_key),),
        trust=signed_trust_list(trust, root),
        status=signed_status_list(status, status_signer),
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder) / "checker.html"
        page_file.write_text(checker_html(checker), "utf-8")
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page()
        page.goto(page_file.as_uri())
        seconds: float = page.evaluate(_LOOP % (json.dumps(list(tokens)), int(now.timestamp())))
        opened.close()
    return 5 * len(tokens) / seconds


_LOOP = """async () => {
  await ready;
  const tokens = %s, now = %d, judged = [];
  for (const token of tokens) judged.push(await judge(token, now, lists.trust, lists.status));
  if (judged.some((verdict) => verdict.code !== "VALID")) throw new Error(judged[0].code + " " + judged[0].detail);
  const start = performance.now();
  for (let round = 0; round < 5; round++) {
    for (const token of tokens) await judge(token, now, lists.trust, lists.status);
  }
  return (performance.now() - start) / 1000;
}"""
