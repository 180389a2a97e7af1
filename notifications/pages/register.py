"""The public register: by serial, whether a credential is good, for which role and organisation.

It is whole without a script; the script in it adds search and pages, and needs no server.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.credentials.verdict import Code
from domain.values import Frozen, LanguageCode, Serial, UtcTime
from notifications.pages.checker import checker_words, part, source_hash

_POLICY: Final = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


class RegisterLine(Frozen):
    """One serial as the public sees it; what is None the profile does not publish."""

    serial: Serial
    code: Code
    role: str
    organisation: str | None = None
    valid_from: UtcTime
    valid_until: UtcTime
    name: str | None = None
    citizenship: str | None = None
    decided_on: date | None = None


_FACTS: Final[Mapping[str, Callable[[RegisterLine], str | None]]] = {
    "name": lambda line: line.name,
    "citizenship": lambda line: line.citizenship,
    "role": lambda line: line.role,
    "organisation": lambda line: line.organisation,
    "decided": lambda line: line.decided_on.isoformat() if line.decided_on else None,
}
"""What a line may tell between standing and validity, in the order of the columns."""


class Register(Frozen):
    """All serials ever issued, at one moment."""

    title: str
    language: LanguageCode = "en"
    zone: str = "UTC"
    as_of: UtcTime
    renewed_by: UtcTime
    """When a newer register should have replaced this one."""
    lines: tuple[RegisterLine, ...]
    totals: Mapping[str, int | Mapping[str, int]] = {}
    """The figures that the profile publishes; they stand in the JSON."""

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
    head |= {"totals": register.totals} if register.totals else {}
    return (json.dumps(head | {"credentials": entries}, ensure_ascii=False, indent=1) + "\n").encode()


def page_name(language: LanguageCode, languages: Sequence[LanguageCode]) -> str:
    """Return the file of the register in *language*; the first of *languages* has the plain name."""
    return "register.html" if language == languages[0] else f"register-{language}.html"


def register_pages(register: Register, languages: Sequence[LanguageCode]) -> dict[str, bytes]:
    """Return the register as one page for each of *languages* that there are words in, each with links to the others.

    ``register.html#SERIAL`` leads to a serial's line and marks it.
    """
    spoken = tuple(language for language in languages if language in _words()) or ("en",)
    return {
        page_name(spoken_language, spoken): register_html(
            register.revised(language=spoken_language), languages=spoken
        ).encode()
        for spoken_language in spoken
    }


def register_html(register: Register, *, languages: Sequence[LanguageCode] = ()) -> str:
    """Return the page of the register in its own language, with links to it in the other *languages*."""
    words = checker_words()[register.spoken] | _words()[register.spoken]
    facts = [label for label, told in _FACTS.items() if any(told(line) is not None for line in register.lines)]
    columns = ["serial", "state", *facts, "valid"]
    said = html.escape(
        words["as_of"].format(as_of=_moment(register, register.as_of), until=_moment(register, register.renewed_by))
    )
    lines = "".join(_row(register, line, words, facts) for line in register.lines)
    style, script = part("register.css"), part("register.js")
    policy = _POLICY.format(script=source_hash(script), style=source_hash(style))
    return (
        f'<!doctype html>\n<html lang="{register.spoken}" dir="{words["dir"]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(words['register'])}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{html.escape(register.title)}</h1>\n<p>{html.escape(words['register'])}. {said}</p>\n"
        f"{_links(register, languages)}{_search(words)}<table role=table>\n<thead role=rowgroup><tr role=row>"
        f"{''.join(f'<th scope=col role=columnheader>{html.escape(words[c])}</th>' for c in columns)}</tr></thead>\n"
        f"<tbody role=rowgroup>\n{lines}</tbody>\n"
        f"</table>\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _search(words: dict[str, Any]) -> str:
    """Return the field and the buttons, which the script shows: without it there is nothing to press."""
    said = {name: html.escape(words[name]) for name in ("search", "count", "none_found", "previous", "next")}
    return (
        f'<form id=search role=search hidden data-count="{said["count"]}" data-none="{said["none_found"]}">'
        f"<label for=wanted>{said['search']}</label><input id=wanted type=search autocomplete=off spellcheck=false>"
        f"<output id=found></output><button type=button id=previous>{said['previous']}</button>"
        f"<button type=button id=next>{said['next']}</button></form>\n"
    )


def _row(register: Register, line: RegisterLine, words: dict[str, Any], facts: Sequence[str]) -> str:
    times = (_moment(register, line.valid_from), _moment(register, line.valid_until))
    said = {label: html.escape(_FACTS[label](line) or "") for label in facts}
    said["valid"] = " – ".join(f"<i>{html.escape(moment)}</i>" for moment in times)
    cells = (
        f'<td role=cell data-label="{html.escape(words[label])}"><bdi>{text}</bdi></td>' for label, text in said.items()
    )
    return (
        f'<tr role=row id="{line.serial}"><th role=rowheader scope=row><bdi dir=ltr>{line.serial}</bdi></th>'
        f'<td role=cell><b class="{line.code}">{html.escape(words["labels"][line.code.value])}</b></td>'
        f"{''.join(cells)}</tr>\n"
    )


def _links(register: Register, languages: Sequence[LanguageCode]) -> str:
    others = [language for language in languages if language != register.spoken]
    links = (
        f'<a lang="{other}" hreflang="{other}" href="{page_name(other, languages)}">'
        f"{html.escape(checker_words()[other]['own_name'])}</a>"
        for other in others
    )
    return f"<nav>{''.join(links)}</nav>\n" if others else ""


def _moment(register: Register, moment: UtcTime) -> str:
    local = moment.astimezone(ZoneInfo(register.zone))
    return format_datetime(local, "d MMM y, HH:mm", locale=register.spoken)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads(
        (files("notifications.pages") / "register_words.json").read_text(encoding="utf-8")
    )
    return words
