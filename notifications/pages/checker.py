"""The offline checker: one HTML file that judges credentials at a polling station with no network."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import Field, field_validator

from domain.credentials.verdict import SENTENCES
from domain.errors import BadInputError
from domain.values import Frozen, LanguageCode

LARGEST_PAGE: Final = 180_000
"""Bytes of the page without the lists and tables of one election; half of them are the reader of codes."""

PUBLIC_FOLDER: Final = 0o755
PUBLIC_FILE: Final = 0o644
SUMS: Final = "SHA256SUMS"
_POLICY: Final = (
    "default-src 'none'; script-src '{script}' 'wasm-unsafe-eval'; style-src '{style}'; img-src blob:; "
    "media-src blob:; base-uri 'none'; form-action 'none'"
)

Texts = Mapping[LanguageCode, str]


class Checker(Frozen):
    """What one election's checker knows. Codes stand in the credential; the tables give them words.

    The tables are plain content of the page: what a stranger could change in them is wording, never a verdict.
    ``roots`` are the raw public keys of the offline root; lists are believed from nobody else.
    """

    title: str
    election: str = ""
    """Code of the election: status lists of another one are refused. Empty: whatever the first list says."""
    languages: tuple[LanguageCode, ...] = ("en",)
    zone: str = "UTC"
    roots: tuple[bytes, ...] = Field(min_length=1)
    trust: bytes
    status: bytes
    roles: Mapping[str, Texts] = {}
    regions: Mapping[str, Texts] = {}
    notices: Mapping[str, Texts] = {}
    organisations: Mapping[str, Texts] = {}

    @field_validator("languages")
    @classmethod
    def _are_spoken(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        spoken = tuple(language for language in languages if language in checker_words())
        return spoken or ("en",)


@lru_cache(maxsize=1)
def checker_words() -> dict[str, dict[str, Any]]:
    """Return the page's words by language; the English sentences are those of the verdict itself."""
    words: dict[str, dict[str, Any]] = json.loads(part("checker_words.json"))
    words["en"]["sentences"] |= {code.value: sentence for code, sentence in SENTENCES.items()}
    return words


def checker_html(checker: Checker) -> str:
    """Return the page: no network by its own policy, script and style admitted by their hashes alone.

    WebAssembly may be compiled, for the reader of codes; what it could do, the script could do as well.
    """
    script = "".join(map(part, ("checker.js", "checker_reader.js", "checker_screen.js")))
    style = part("checker.css")
    parts = {
        "policy": _POLICY.format(script=source_hash(script), style=source_hash(style)),
        "title": html.escape(checker.title),
        "style": style,
        "script": script,
        "bundle": _bundle(checker),
        "decoder": base64.b64encode(
            (files("notifications.pages") / "decoder" / "decoder.wasm.gz").read_bytes()
        ).decode(),
        "licence": html.escape(part("decoder/NOTICE") + "\n" + part("decoder/LICENSE")),
    }
    return re.sub("@@([a-z]+)@@", lambda found: parts[found[1]], part("checker.html"))


def publish_files(folder: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write *contents* and their SHA-256 sums into *folder*, each file replaced as a whole; return those that changed.

    The sums come last: while they do not agree, a copy is being renewed.
    """
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    return write_files(folder, {**contents, SUMS: sums.encode()})


def write_files(folder: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write *contents* into *folder*, each file replaced as a whole; return those that changed."""
    changed: list[str] = []
    try:
        folder.mkdir(mode=PUBLIC_FOLDER, parents=True, exist_ok=True)
        for name, content in contents.items():
            if (folder / name).is_file() and (folder / name).read_bytes() == content:
                continue
            draft = folder / f"{name}.new"
            _public_folders(draft.parent, below=folder)
            draft.write_bytes(content)
            draft.chmod(PUBLIC_FILE)  # whatever the umask: a web server of another user reads it
            draft.replace(folder / name)
            changed.append(name)
    except OSError as error:
        raise BadInputError(str(folder), "cannot be written.", remedy="Name a folder that you may write.") from error
    return tuple(changed)


def _public_folders(folder: Path, *, below: Path) -> None:
    """Make *folder* and those between it and *below*, for everybody to read whatever the umask."""
    for made in reversed([folder, *folder.parents]):
        if made.is_relative_to(below) and not made.is_dir():
            made.mkdir()
            made.chmod(PUBLIC_FOLDER)


def _bundle(checker: Checker) -> str:
    words = checker_words()
    bundle = {
        "languages": checker.languages,
        "election": checker.election,
        "words": {language: words[language] for language in checker.languages},
        "zone": checker.zone,
        "roots": [root.hex() for root in checker.roots],
        "trust": base64.b64encode(checker.trust).decode(),
        "status": base64.b64encode(checker.status).decode(),
        "roles": checker.roles,
        "regions": checker.regions,
        "notices": checker.notices,
        "organisations": checker.organisations,
    }
    # Inside a script element only "<" could end the element early.
    return json.dumps(bundle, ensure_ascii=False, default=dict).replace("<", "\\u003c")


@lru_cache(maxsize=16)
def part(name: str) -> str:
    """Return a piece of a page as it lies in this folder."""
    return (files("notifications.pages") / name).read_text(encoding="utf-8")


def source_hash(source: str) -> str:
    """Return what a page's policy calls an inline script or style that it admits."""
    return "sha256-" + base64.b64encode(sha256(source.encode()).digest()).decode()
