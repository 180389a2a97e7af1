"""The public register as files: a page in each language, tables for spreadsheets, JSON, and the schema of that."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from domain.application.roles import USUAL_ROLES, Role
from domain.oversight.public_register import (
    Change,
    ChangeKind,
    ClockEntry,
    OrganisationEntry,
    PolicyEntry,
    PublicRegister,
)
from domain.values import Frozen, LanguageCode
from notifications.pages.checker import checker_words, part, source_hash
from notifications.workbooks import plain

_POLICY: Final = "default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'"


class Snapshot(Frozen):
    """One register as it is shown: with what changed since the one before, and the way to the others."""

    published: PublicRegister
    changes: tuple[Change, ...] | None
    """None where there was none before."""
    zone: str
    folders: tuple[str, ...] = ()
    """Folders of all snapshots, the newest first; they stand on the first page."""


@lru_cache(maxsize=1)
def public_words() -> dict[str, dict[str, Any]]:
    """Return the words of the pages by language."""
    words: dict[str, dict[str, Any]] = json.loads(part("public_register_words.json"))
    return words


def register_files(snapshot: Snapshot, languages: Sequence[LanguageCode]) -> dict[str, bytes]:
    """Return the files of one snapshot by their names."""
    register = snapshot.published
    listed = [change.model_dump(mode="json") for change in snapshot.changes or ()]
    said = {"changes": listed, "words": change_lines(snapshot.changes or (), "en")}
    return {
        **register_pages(snapshot, languages),
        "register.json": register.model_dump_json(indent=1).encode() + b"\n",
        "register.schema.json": _json(PublicRegister.model_json_schema(mode="serialization")),
        "changes.json": _json(said),
        **{f"{name}.csv": _csv(rows, _HEADS.get(name, ())) for name, rows in _tables(register).items()},
    }


def register_pages(snapshot: Snapshot, languages: Sequence[LanguageCode]) -> dict[str, bytes]:
    """Return the page in each of *languages* that there are words in; the first has the plain name."""
    spoken = tuple(language for language in languages if language in public_words()) or ("en",)
    return {_name(language, spoken): _page(snapshot, language, spoken).encode() for language in spoken}


def change_lines(changes: Iterable[Change], language: LanguageCode) -> list[str]:
    """Return what changed in words."""
    words = public_words()[language]

    def named(change: Change) -> dict[str, str]:
        tables = {ChangeKind.STANDING: "standings", ChangeKind.ORGANISATION_NEW: "standings"}
        table: Mapping[str, str] = words.get(tables.get(change.kind, ""), {})
        about = words["clocks"].get(change.about, change.about)
        return {
            "about": about,
            "before": table.get(change.before, change.before),
            "after": table.get(change.after, change.after),
        }

    return [words["changes"][change.kind.value].format(**named(change)) for change in changes]


def _name(language: LanguageCode, languages: Sequence[LanguageCode]) -> str:
    return "index.html" if language == languages[0] else f"index-{language}.html"


def _page(snapshot: Snapshot, language: LanguageCode, languages: Sequence[LanguageCode]) -> str:
    words, register = public_words()[language], snapshot.published
    style = part("register.css") + part("public_register.css")
    moment = format_datetime(register.as_of.astimezone(ZoneInfo(snapshot.zone)), "d MMM y, HH:mm", locale=language)
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{checker_words()[language]["dir"]}">\n<head>\n'
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY.format(style=source_hash(style))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_said(words['title'])}: {_said(register.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{_said(words['title'])}</h1>\n<p><bdi>{_said(register.title)}</bdi>. "
        f"{_said(words['as_of'].format(moment=moment))}</p>\n{_links(language, languages)}"
        f"{_changes(snapshot, language)}{_organisations(register, language)}{_votes(register, language)}"
        f"{_policies(register, language)}{_clocks(register, language)}{_others(snapshot, language)}</main>\n"
        "</body>\n</html>\n"
    )


def _links(language: LanguageCode, languages: Sequence[LanguageCode]) -> str:
    links = "".join(
        f'<a lang="{other}" hreflang="{other}" href="{_name(other, languages)}">'
        f"{_said(checker_words()[other]['own_name'])}</a>"
        for other in languages
        if other != language
    )
    return f"<nav>{links}</nav>\n" if links else ""


def _changes(snapshot: Snapshot, language: LanguageCode) -> str:
    words = public_words()[language]
    if snapshot.changes is None:
        return _section(words["since"], f"<p>{_said(words['first'])}</p>\n")
    lines = "".join(f"<li><bdi>{_said(line)}</bdi></li>\n" for line in change_lines(snapshot.changes, language))
    return _section(words["since"], f"<ul>\n{lines}</ul>\n" if lines else f"<p>{_said(words['nothing'])}</p>\n")


def _organisations(register: PublicRegister, language: LanguageCode) -> str:
    words = public_words()[language]
    ground = f"<p>{_said(words['ground'].format(ground=register.names_ground))}</p>\n" if register.names_ground else ""
    return _section(words["organisations"], ground + _listed(register.organisations, register, language))


def _votes(register: PublicRegister, language: LanguageCode) -> str:
    """Return the other votes, each by itself: most people are in both."""
    note = f"<p>{_said(public_words()[language]['vote_note'])}</p>\n"
    return "".join(
        _section(f"{vote.title}, {_day(vote.day, language)}", note + _listed(vote.organisations, register, language))
        for vote in register.votes
    )


def _listed(entries: Sequence[OrganisationEntry], register: PublicRegister, language: LanguageCode) -> str:
    words = public_words()[language]
    rows = [
        {
            "organisation": entry.name,
            "country": entry.country,
            "standing": words["standings"][entry.standing.value],
            "admitted": _day(entry.admitted_on, language),
            "accredited": _counted(entry.accredited, register, language),
            "decided": "; ".join(
                f"{_day(day, language)}: {format_decimal(number, locale=language)}"
                for day, number in sorted((entry.decided or {}).items())
            ),
            "names": "; ".join(entry.names or ()),
        }
        for entry in entries
    ]
    return _table(rows, words)


def _counted(counts: Mapping[Role, int] | None, register: PublicRegister, language: LanguageCode) -> str:
    if counts is None:
        return ""
    shown = (f"{_role(role, register, language)}: {format_decimal(n, locale=language)}" for role, n in counts.items())
    return "; ".join(shown) or "0"


def _role(role: Role, register: PublicRegister, language: LanguageCode) -> str:
    """Return the word for a role: the page's own, or that of the election in this language or another."""
    usual: Mapping[str, str] = public_words()[language]["roles"]
    own = register.roles.get(role, {})
    return usual.get(role) or own.get(language) or next(iter(own.values()), role)


def _policies(register: PublicRegister, language: LanguageCode) -> str:
    words = public_words()[language]
    rows = [
        {
            "policy": f"{entry.id}:{entry.version}",
            "text": entry.text,
            "authority": entry.authority,
            "law": entry.ground,
            "from": _day(entry.in_force_from, language),
            "to": _day(entry.in_force_to, language),
            "in_force": words["yes" if entry.in_force else "no"],
        }
        for entry in register.policies
    ]
    return _section(words["policies"], _table(rows, words) if rows else f"<p>{_said(words['no_policy'])}</p>\n")


def _clocks(register: PublicRegister, language: LanguageCode) -> str:
    words = public_words()[language]
    rows = [
        {
            "clock": words["clocks"][entry.clock.value],
            "running": format_decimal(entry.running, locale=language),
            "late": format_decimal(entry.late, locale=language),
        }
        for entry in register.clocks
    ]
    return _section(words["clocks_heading"], f"<p>{_said(words['clocks_note'])}</p>\n{_table(rows, words)}")


def _others(snapshot: Snapshot, language: LanguageCode) -> str:
    words = public_words()[language]
    kept = "".join(f'<li><a href="{name}/index.html"><bdi dir=ltr>{name}</bdi></a></li>\n' for name in snapshot.folders)
    files = "" if kept else _files(snapshot.published)
    return _section(words["snapshots"] if kept else words["files"], f"<ul>\n{kept or files}</ul>\n")


def _files(register: PublicRegister) -> str:
    names = ["register.json", "register.schema.json", "changes.json", *(f"{name}.csv" for name in _tables(register))]
    names += ["manifest.json", "manifest.cose"]
    return "".join(f'<li><a href="{name}"><bdi dir=ltr>{name}</bdi></a></li>\n' for name in names)


def _section(heading: str, content: str) -> str:
    return f"<section>\n<h2>{_said(heading)}</h2>\n{content}</section>\n"


def _table(rows: Sequence[Mapping[str, str]], words: Mapping[str, Any]) -> str:
    """Return *rows* as a table without the columns in which nothing stands; on a phone each row becomes a block."""
    columns = [name for name in rows[0] if any(row[name] for row in rows)] if rows else list[str]()
    head = "".join(f"<th scope=col role=columnheader>{_said(words[name])}</th>" for name in columns)
    return (
        f"<table role=table>\n<thead role=rowgroup><tr role=row>{head}</tr></thead>\n<tbody role=rowgroup>\n"
        f"{''.join(_row(row, columns, words) for row in rows)}</tbody>\n</table>\n"
    )


def _row(row: Mapping[str, str], columns: Sequence[str], words: Mapping[str, Any]) -> str:
    first, *others = columns
    cells = "".join(
        f'<td role=cell data-label="{_said(words[name])}"><bdi>{_said(row[name])}</bdi></td>' for name in others
    )
    return f"<tr role=row><th role=rowheader scope=row><bdi>{_said(row[first])}</bdi></th>{cells}</tr>\n"


def _tables(register: PublicRegister) -> dict[str, list[dict[str, Any]]]:
    """Return what spreadsheets get: one row an organisation and role, a policy, a clock."""
    as_of: dict[str, Any] = {"as_of": register.as_of.isoformat()}
    organisations = [as_of | row for row in _counts(register.organisations, register)]
    votes = [
        {"election": vote.election, "day": vote.day, **row}
        for vote in register.votes
        for row in _counts(vote.organisations, register)
    ]
    decisions: list[dict[str, Any]] = [
        {"code": entry.code, "decided_on": day, "accredited": number}
        for entry in register.organisations
        for day, number in sorted((entry.decided or {}).items())
    ]
    policies = [entry.model_dump(mode="json") for entry in register.policies]
    clocks = [entry.model_dump(mode="json") | as_of for entry in register.clocks]
    tables = {"organisations": organisations, "decisions": decisions, "policies": policies, "clocks": clocks}
    return tables | ({"votes": votes} if votes else {})


def _counts(entries: Sequence[OrganisationEntry], register: PublicRegister) -> list[dict[str, Any]]:
    return [
        {"code": entry.code, "name": entry.name, "kind": entry.kind.value, "country": entry.country}
        | {"standing": entry.standing.value, "admitted_on": entry.admitted_on or ""}
        | {
            role.value: (entry.accredited or {}).get(role, 0)
            for role in (*USUAL_ROLES, *register.roles)
            if entry.accredited is not None
        }
        for entry in entries
    ]


_HEADS: Final = {
    "organisations": ("as_of", "code", "name", "kind", "country", "standing", "admitted_on"),
    "decisions": ("code", "decided_on", "accredited"),
    "policies": tuple(PolicyEntry.model_fields),
    "clocks": (*ClockEntry.model_fields, "as_of"),
}
"""What a table without a line begins with."""


def _csv(rows: Sequence[Mapping[str, object]], head: Sequence[str]) -> bytes:
    """Return *rows* as CSV in UTF-8 with a mark, which spreadsheets know it by; nothing in it is computed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*(rows[0] if rows else head)], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _said(text: str) -> str:
    return html.escape(text)


def _day(day: date | None, language: LanguageCode) -> str:
    return format_date(day, "d MMM y", locale=language) if day else ""
