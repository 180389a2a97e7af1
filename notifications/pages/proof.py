"""The page on which a lawyer checks a proof: one HTML file, which needs neither a network nor our code."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from domain.application.chain import LATER
from domain.values import LanguageCode
from notifications.pages.checker import checker_words, part, source_hash

_POLICY = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=1)
def proof_words() -> dict[str, dict[str, Any]]:
    """Return the page's words by language; direction and name of a language are those of the checker."""
    own: dict[str, dict[str, Any]] = json.loads(part("proof_words.json"))
    shared = ("dir", "own_name", "language")
    return {code: {name: checker_words()[code][name] for name in shared} | words for code, words in own.items()}


def proof_html(title: str, languages: Sequence[LanguageCode]) -> str:
    """Return the page in *languages*, as far as there are words in them; English where there are in none."""
    spoken = [language for language in languages if language in proof_words()] or ["en"]
    words = {language: proof_words()[language] for language in spoken}
    bundle = {"languages": spoken, "words": words, "later": LATER}
    style, script = part("checker.css") + part("proof.css"), part("proof.js")
    parts = {
        "policy": _POLICY.format(script=source_hash(script), style=source_hash(style)),
        "title": html.escape(title),
        "style": style,
        "script": script,
        # Inside a script element only "<" could end the element early.
        "bundle": json.dumps(bundle, ensure_ascii=False).replace("<", "\\u003c"),
    }
    return re.sub("@@([a-z]+)@@", lambda found: parts[found[1]], part("proof.html"))
