"""The public register: by serial, whether a credential is good, for which role and organisation; no script needed."""

from __future__ import annotations

import base64
import html
import json
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.credential.verdict import Code
from domain.values import Frozen, LanguageCode, Serial, UtcTime
from notifications.pages.checker import checker_words

_POLICY: Final = "default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'"
_STYLE: Final = (
    ":root{color-scheme:light;--ink:#15202b;--quiet:#51606e;--hair:#c9d1d9}"
    "body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.45 system-ui,'Noto Sans',sans-serif;color:var(--ink)}"
    "h1{font-size:1.4rem;margin:0}p{color:var(--quiet);margin:.3rem 0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.45rem .6rem;"
    "border-block-end:1px solid var(--hair);vertical-align:top;overflow-wrap:anywhere}"
    "thead th{position:sticky;inset-block-start:0;background:#fff;box-shadow:0 1px 0 var(--ink)}"
    "tbody th{white-space:nowrap;font-variant-numeric:tabular-nums}td b::before{margin-inline-end:.4rem}"
    "b{white-space:nowrap;color:#9b1c1c}b::before{content:'✕'}b.VALID{color:#12633a}b.VALID::before{content:'✓'}"
    "b.SUSPENDED,b.NOT_YET{color:#8a5a00}b.SUSPENDED::before,b.NOT_YET::before{content:'!'}"
    "tr:target{outline:3px solid #1a66d6;background:#eef4fd;scroll-margin-block-start:4rem}"
    "tbody tr{content-visibility:auto;contain-intrinsic-size:auto 2.4rem}"
)


class RegisterLine(Frozen):
    """One serial as the public sees it; the name only where the profile publishes names."""

    serial: Serial
    code: Code
    role: str
    organisation: str
    valid_from: UtcTime
    valid_until: UtcTime
    name: str | None = None


class Register(Frozen):
    """All serials ever issued, at one moment."""

    title: str
    language: LanguageCode = "en"
    zone: str = "UTC"
    as_of: UtcTime
    renewed_by: UtcTime
    """When a newer register should have replaced this one."""
    lines: tuple[RegisterLine, ...]

    @property
    def spoken(self) -> LanguageCode:
        """The language of the page: the election's where there are words in it, else English."""
        return self.language if self.language in _words() else "en"


def register_json(register: Register) -> bytes:
    """Return the register for other software: times in UTC, one entry a serial."""
    entries = [
        {"serial": line.serial, "valid": line.code is Code.VALID}
        | line.model_dump(mode="json", exclude={"serial"}, exclude_none=True)
        for line in register.lines
    ]
    head = register.model_dump(mode="json", include={"title", "as_of", "renewed_by"})
    return (json.dumps(head | {"credentials": entries}, ensure_ascii=False, indent=1) + "\n").encode()


def register_html(register: Register) -> str:
    """Return the register as one page; ``register.html#SERIAL`` leads to a serial's line and marks it."""
    words = checker_words()[register.spoken] | _words()[register.spoken]
    named = any(line.name is not None for line in register.lines)
    columns = ["serial", "state", *(["name"] if named else []), "role", "organisation", "valid"]
    said = html.escape(
        words["as_of"].format(as_of=_moment(register, register.as_of), until=_moment(register, register.renewed_by))
    )
    return (
        f'<!doctype html>\n<html lang="{register.spoken}" dir="{words["dir"]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(style=_style_hash())}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(words['register'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(register.title)}</h1>\n<p>{html.escape(words['register'])}. {said}</p>\n"
        f"<table>\n<thead><tr>{''.join(f'<th scope=col>{html.escape(words[c])}</th>' for c in columns)}</tr></thead>\n"
        f"<tbody>\n{''.join(_row(register, line, words, named=named) for line in register.lines)}</tbody>\n"
        "</table>\n</body>\n</html>\n"
    )


def _row(register: Register, line: RegisterLine, words: dict[str, Any], *, named: bool) -> str:
    name = f"<td dir=auto>{html.escape(line.name or '')}</td>" if named else ""
    times = f"{_moment(register, line.valid_from)} – {_moment(register, line.valid_until)}"
    return (
        f'<tr id="{line.serial}"><th scope=row dir=ltr>{line.serial}</th>'
        f'<td><b class="{line.code}">{html.escape(words["labels"][line.code.value])}</b></td>{name}'
        f"<td dir=auto>{html.escape(line.role)}</td><td dir=auto>{html.escape(line.organisation)}</td>"
        f"<td>{html.escape(times)}</td></tr>\n"
    )


def _moment(register: Register, moment: UtcTime) -> str:
    local = moment.astimezone(ZoneInfo(register.zone))
    return format_datetime(local, "d MMM y, HH:mm", locale=register.spoken)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads(
        (files("notifications.pages") / "register_words.json").read_text(encoding="utf-8")
    )
    return words


def _style_hash() -> str:
    return "sha256-" + base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
