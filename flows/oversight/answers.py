"""The answer to who asks what is held about them, from rows to pages: which table is told under which heading."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from db.store import open_reader
from domain.application.reasons import MEANING, ReasonCode
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.oversight.access import SOMEBODY_ELSE
from domain.words import words_in
from flows.context import database
from flows.oversight.access import Held, as_data
from notifications.letters import formats
from notifications.oversight.answers import Answer, AnswerPart, answer_pdf, answer_words

HEADINGS: Final[Mapping[str, str]] = {
    "person": "person", "application": "case", "application_alias": "case", "intake_row": "case", "intake_file": "case",
    "returned_row": "case", "agenda": "case", "application_event": "history", "finding": "checks",
    "screening_hit": "checks", "cleared_pair": "checks", "clearance": "checks", "portrait": "checks",
    "portrait_part": "checks", "applicant_key": "checks", "decision": "decisions", "note": "decisions",
    "statement_words": "decisions", "letter": "letters", "letter_attempt": "letters", "credential": "credential",
    "printed_copy": "credential", "consent_request": "consent", "pledge_acceptance": "consent", "looks": "looks",
    "requests": "requests",
}  # fmt: skip
"""Under which heading what is in a table is told; the others stand last."""
_ORDER: Final = (
    "person", "case", "history", "checks", "decisions", "letters", "credential", "consent", "looks", "requests",
    "other",
)  # fmt: skip
_TITLE_OF: Final = {"nationalities": "nationality"}
_WHEN: Final = ("at", "recorded_at", "sent_at", "queued_at", "asked_at", "accepted_on", "issued_at")
_UNSAID: Final = frozenset({"application_id", "election", "hash", "body", "id", "case", "sha256"})


def written_answer(held: Held, out: Path) -> list[Path]:
    """Write the answer as pages to *out* and as data beside it, for their owner only; return both paths.

    Raises :class:`BadInputError` where one of them is there already.
    """
    with open_reader(database()) as store:
        profile = store.elections.profile(held.case.election)
    data = json.dumps(as_data(held), ensure_ascii=False, indent=1).encode()
    return [_written(out, answer_pdf(answer_of(held, profile))), _written(out.with_suffix(".json"), data)]


def require_free(out: Path) -> None:
    """Raise :class:`BadInputError` unless an answer can be written to *out*: before it is recorded as given."""
    if out.suffix.lower() != ".pdf" or not out.parent.is_dir():
        raise BadInputError("--out", "is no PDF file in a folder that is there.", remedy="Name it answer.pdf.")
    for path in (out, out.with_suffix(".json")):
        if path.exists():
            raise BadInputError(str(path), "is there already.", remedy="Name another file.")


def _written(path: Path, content: bytes) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path


def answer_of(held: Held, profile: ElectionProfile) -> Answer:
    """Return the pages of the answer in the person's language, as far as there are words in it."""
    say, request = answer_words(held.language), held.request
    lines: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for table, rows in held.content.items():
        for row in rows:
            lines[HEADINGS.get(table, "other")] += _told(table, row, held.language)
    identity = say[request.identity.value] if request.identity else ""
    asked = formats.moment(request.asked_at, held.language, profile.election.timezone)
    return Answer(
        language=held.language if say is not answer_words("en") else "en",
        title=f"{say['title']}: {held.case.case_number}",
        issuer=f"{profile.election.host_body} · {profile.election.title}",
        intro=(
            say["asked"].format(asked=asked, identity=identity, officer=request.officer),
            say["complete"], say["masked"].format(mask=SOMEBODY_ELSE),
            say["correct"].format(contact=profile.election.contact_email), *([] if held.person else [say["erased"]]),
        ),
        parts=tuple(AnswerPart(heading=say[name], lines=tuple(lines[name])) for name in _ORDER if lines[name]),
        pictures=tuple(file for name, file in held.files.items() if name.startswith(("photo", "identity_page"))),
        at=request.answered_at or request.asked_at,
    )  # fmt: skip


def _told(table: str, row: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of one row: a person field by field, a letter as its text, anything else in one line."""
    match table:
        case "person":
            version = answer_words(language)["version"].format(number=row["version"])
            yield version, f"{row['recorded_at']}"[:16].replace("T", " ")
            yield from _fields(row["body"] or {}, language)
        case "letter":
            yield f"{row['kind']}, {row['state']}, {_when(row)}", row["text"]
        case "application_event":
            yield (
                f"{row['kind'].replace('_', ' ')}, {_when(row)}",
                _flat({name: value for name, value in row["body"].items() if name not in {*_UNSAID, *_WHEN, "kind"}}),
            )
        case "finding":
            code = ReasonCode(row["code"])
            yield f"{row['rule'].replace('_', ' ')}, {_when(row)}", f"{code} {MEANING[code]}: {_flat(row['fields'])}"
        case "looks":
            yield f"{row['by']}, {_when(row)}", f"{row['what']}: {row['why']}"
        case _:
            said = {name: value for name, value in row.items() if name not in _UNSAID and name not in _WHEN}
            body = row.get("body")
            yield f"{table.replace('_', ' ')}, {_when(row)}".rstrip(", "), _flat(said | ({"": body} if body else {}))


def _fields(body: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    titles = words_in(language).titles
    for name, value in body.items():
        if value not in (None, "", [], False) or name == "conflict_declared":
            title = titles.get(_TITLE_OF.get(name, name), name.replace("_", " "))
            yield title, _flat(_choice(name, value, language))


def _choice(name: str, value: Any, language: str) -> Any:
    """Return the word of the form for a value that a form offers."""
    choices = words_in(language).choices_of(_TITLE_OF.get(name, name))
    key = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    return choices.get(key, value) if isinstance(key, str) else value


def _when(row: Mapping[str, Any]) -> str:
    return next((str(row[name])[:16].replace("T", " ") for name in _WHEN if row.get(name)), "")


def _flat(value: Any) -> str:
    """Return a value as one text; what is empty is left out."""
    match value:
        case dict():
            said = cast("dict[str, Any]", value)
            parts = (f"{name.replace('_', ' ')} {_flat(part)}".strip() for name, part in said.items() if _flat(part))
            return " · ".join(parts)
        case list():
            return ", ".join(_flat(part) for part in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- JSON
        case None:
            return ""
        case _:
            return str(value)
