"""The words of the desk's pages: one TOML file a language beside the templates, complete in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from domain.letters.envelope import LetterKind
from flows.desk.said import FALLBACK, FOLDER, said_in
from notifications.letters.words import words as letter_words

OWN_NAMES: Final = {
    "ar": "العربية", "en": "English", "es": "Español", "fr": "Français", "ru": "Русский", "zh": "中文",
}  # fmt: skip
"""What speakers call their language, whatever language the page is in."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Phrases:
    """What pages say in one language."""

    language: str
    said: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the phrase *key* with *values* in it."""
        return self.said[key].format(**values) if values else self.said[key]

    def of_code(self, section: str, code: str) -> str:
        """Return the phrase of a code of the domain, or the code in plain letters where it has none of its own."""
        return self.said.get(f"{section}.{code.replace(' ', '_')}") or code.replace("_", " ")

    def reason(self, code: str) -> str:
        """Return what a reason code means, as the letters word it."""
        return letter_words(LetterKind.REFUSAL, self.language).get(f"sentences.{code}", code)

    def role(self, code: str) -> str:
        """Return the word for a role, as the letters have it."""
        return letter_words(LetterKind.REFUSAL, self.language).get(f"roles.{code}", code)

    @property
    def direction(self) -> str:
        """Which way the language is written."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


def own_name(language: str) -> str:
    """Return what speakers of *language* call it."""
    return OWN_NAMES.get(language, language)


def shipped() -> tuple[str, ...]:
    """Return the languages that have words."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def offered(languages: Sequence[str]) -> tuple[str, ...]:
    """Return those of the profile's *languages* that the desk speaks, in their order; English where it has none."""
    return tuple(language for language in languages if language in shipped()) or (FALLBACK,)


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of a shipped language; its file is complete, which a test sees to."""
    return Phrases(language, said_in(language))


def chosen(wanted: str, accepted: str, among: Sequence[str]) -> str:
    """Return the language to speak: the one *wanted*, else the first *accepted* (RFC 9110, 12.5.4), else the first."""
    asked = [wanted, *(part.split(";")[0].split("-")[0].strip().lower() for part in accepted.split(","))]
    return next((language for language in asked if language in among), among[0])
