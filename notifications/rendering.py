"""A typed letter becomes subject, plain text and HTML.

``letters/<kind>.body`` says once what a letter consists of; ``parts.txt`` and ``parts.html`` say how its parts look,
``base.txt`` and ``base.html`` what stands around them, and the words come from :mod:`notifications.words`. Because one
body makes both forms, text and HTML never say different things. A jurisdiction's folder may replace any of these
files; all templates then run in a sandbox and see the letter and its words only. A process reads each file once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from domain.correspondence import LetterKind
from domain.errors import BadInputError
from domain.values import Frozen, LanguageCode
from notifications import formats
from notifications.letters import DeficiencyLine, Letter, ReasonLine
from notifications.letters.parts import single_line
from notifications.words import FALLBACK, SHIPPED, Words, languages, words

_SUBJECT_LENGTH: Final = 160
_RULE: Final = "=" * 76
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_TRAILING: Final = re.compile(r"[ \t]+$", re.MULTILINE)


Download = tuple[str, str]
"""File name and address of a file that a letter does not carry."""


class Rendered(Frozen):
    """A letter in words; *language* is the one it was written in, which is English where the wanted one is missing.

    *beneath* is the language of the second text under the first, if there is one.
    """

    subject: str
    text: str
    html: str
    language: LanguageCode
    beneath: LanguageCode | None = None

    def __repr__(self) -> str:
        return f"<letter rendered in {self.language}>"

    __str__ = __repr__


def render(
    letter: Letter,
    language: LanguageCode,
    *,
    beneath: LanguageCode | None = None,
    code: str = "",
    downloads: Sequence[Download] = (),
    overrides: Path | None = None,
) -> Rendered:
    """Return *letter* in *language*, with the jurisdiction's own templates and words from *overrides* before ours.

    With *beneath* the whole letter follows in that language, where it is another one. *code* is what the letter can be
    checked by; *downloads* are files that it names and does not carry. The same letter always gives the same words.
    Raises BadInputError naming template and problem, never contents.
    """
    known = languages(overrides)
    tongue, below = (one if one in known else FALLBACK for one in (language, beneath or language))
    added = {"code": code, "downloads": downloads}
    try:
        if below == tongue:
            return _wording(letter.kind, tongue, overrides).render(letter, added)
        second = _wording(letter.kind, below, overrides).render(letter, added, is_beneath=True)
        return _wording(letter.kind, tongue, overrides).render(letter, added, second=second)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Only Jinja's own messages are known to name no values.
        problem = f": {error.message}" if isinstance(error, TemplateError) else ""
        raise BadInputError(
            f"{letter.kind} letter in {tongue}",
            f"the template does not render ({type(error).__name__}{problem}).",
            remedy="Correct the template or the words in the profile's folder of letters.",
        ) from error


@lru_cache(maxsize=512)
def _wording(kind: LetterKind, language: str, overrides: Path | None) -> _Wording:
    return _Wording(kind, language, overrides)


class _Phrase(Protocol):
    """What words become: a compiled template, or the words themselves where nothing is to be filled in."""

    def render(self, *given: Any, **facts: Any) -> str: ...


class _Constant:
    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, *_given: Any, **_facts: Any) -> str:
        return self._text


@lru_cache(maxsize=16)
def _environment(form: str, overrides: Path | None) -> Environment:
    """Return the strict environment for *form*, ``txt`` or ``html``; templates in *overrides* win.

    The sandbox is for what others write: it makes rendering half as slow again.
    """
    roots = [root for root in (overrides, SHIPPED) if root is not None]
    make = Environment if overrides is None else ImmutableSandboxedEnvironment
    environment = make(
        loader=FileSystemLoader(roots),
        undefined=StrictUndefined,
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    names: dict[str, Any] = environment.globals
    names.pop("lipsum", None)
    environment.filters |= {"wrapped": formats.wrapped}
    names.update(base=f"base.{form}", parts=f"parts.{form}")
    return environment


class _Wording:
    """One kind of letter in one language, compiled once."""

    def __init__(self, kind: LetterKind, language: str, overrides: Path | None) -> None:
        self.language = language
        self.direction = formats.direction(language)
        self.phrases: Words = words(kind, language, overrides)
        self._plain = _environment("txt", overrides)
        self._bodies = {
            form: (
                _environment(form, overrides).select_template([f"{kind}.{form}", f"{kind}.body"]),
                _environment(form, overrides).get_template(f"parts.{form}"),
            )
            for form in ("txt", "html")
        }
        self._compiled: dict[str, _Phrase] = {}

    def render(
        self, letter: Letter, added: Mapping[str, object], *, second: Rendered | None = None, is_beneath: bool = False
    ) -> Rendered:
        context = _Speech(self, letter, added).context | {
            "is_beneath": is_beneath,
            # Made by the template of the same form, which escaped it.
            "second": Markup(second.html) if second else "",  # noqa: S704
        }
        text = _BLANK_LINES.sub("\n\n", _TRAILING.sub("", self._formed("txt", context))).strip() + "\n"
        return Rendered(
            subject=_shortened(single_line(self.phrase("subject").render(context))),
            text=text if second is None else f"{text}\n{_RULE}\n\n{second.text}",
            html=self._formed("html", context).strip() + "\n",
            language=self.language,
            beneath=second.language if second else None,
        )

    def _formed(self, form: str, context: dict[str, object]) -> str:
        body, parts = self._bodies[form]
        return body.render(context, part=parts.make_module(context))

    def phrase(self, key: str) -> _Phrase:
        """Return the phrase *key*, compiled; phrases are plain text and are escaped where HTML takes them in."""
        if key not in self._compiled:
            if key not in self.phrases:
                raise TemplateError(f"there is no phrase {key!r}")
            words_ = self.phrases[key]
            self._compiled[key] = self._plain.from_string(words_) if "{" in words_ else _Constant(words_)
        return self._compiled[key]


class _Speech:
    """What templates can say about one letter: ``letter``, its language, and these functions."""

    def __init__(self, wording: _Wording, letter: Letter, added: Mapping[str, object]) -> None:
        self._wording = wording
        self._zone = letter.head.timezone
        self._said: dict[str, str] = {}
        self.context: dict[str, object] = {
            "letter": letter,
            **added,
            "language": wording.language,
            "direction": wording.direction,
            "say": self.say,
            "sentence": self.sentence,
            "advice": self.advice,
            "moment": self.moment,
            "day": self.day,
            "number": self.number,
        }

    def say(self, key: str, **facts: object) -> str:
        """Return the phrase *key*; without *facts* of its own it is worded once a letter."""
        if facts:
            return self._wording.phrase(key).render(self.context, **facts)
        if key not in self._said:
            self._said[key] = self._wording.phrase(key).render(self.context)
        return self._said[key]

    def sentence(self, reason: ReasonLine) -> str:
        """Return the profile's own sentence for a reason, else the catalogue's in this language."""
        return reason.sentence if reason.has_own_sentence else self.say(f"sentences.{reason.code}")

    def advice(self, deficiency: DeficiencyLine) -> str:
        """Return what to do about a deficiency: its own advice, else the catalogue's."""
        return deficiency.what_to_do or self.say(f"advice.{deficiency.code}")

    def moment(self, at: datetime) -> str:
        """Return date and time in the election's zone."""
        return formats.moment(at, self._wording.language, self._zone)

    def day(self, at: date) -> str:
        """Return the day in the election's zone."""
        return formats.day(at, self._wording.language, self._zone)

    def number(self, count: int) -> str:
        """Return *count* as the language writes it."""
        return formats.number(count, self._wording.language)


def _shortened(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_LENGTH else subject[: _SUBJECT_LENGTH - 1].rstrip() + "…"
