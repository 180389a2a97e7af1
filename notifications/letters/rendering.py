"""A typed letter becomes subject, plain text and HTML.

``letters/<kind>.body`` says once what a letter consists of; ``parts.txt`` and ``parts.html`` say how its parts look,
``base.txt`` and ``base.html`` what stands around them, and the words come from :mod:`notifications.letters.words`. One
body makes both forms, so text and HTML never say different things. A jurisdiction's folder may replace any of these
files; all templates then run in a sandbox and see the letter and its words only. A process reads each file once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from domain.errors import BadInputError
from domain.letters.envelope import LetterKind
from domain.values import Frozen, LanguageCode
from domain.words import words_in
from notifications.letters import formats
from notifications.letters.lines import DeficiencyLine, Letter, ReasonLine, RoleLetter, single_line
from notifications.letters.words import FALLBACK, SHIPPED, Words, languages, words

_SUBJECT_LENGTH: Final = 160
_RULE: Final = "=" * 76
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_TRAILING: Final = re.compile(r"[ \t]+$", re.MULTILINE)


Download = tuple[str, str]
"""File name and address of a file that a letter does not carry."""


class Rendered(Frozen):
    """A letter in words; *language* is the one it was written in, which is English where the wanted one is missing.

    *beneath* are the languages of the texts under the first; *says_so* tells, in this language, that this one is such.
    """

    subject: str
    text: str
    html: str
    language: LanguageCode
    beneath: tuple[LanguageCode, ...] = ()
    says_so: str = ""

    def __repr__(self) -> str:
        return f"<letter rendered in {self.language}>"

    __str__ = __repr__


def render(
    letter: Letter,
    language: LanguageCode,
    *,
    beneath: Sequence[LanguageCode] = (),
    code: str = "",
    downloads: Sequence[Download] = (),
    overrides: Path | None = None,
) -> Rendered:
    """Return *letter* in *language*, with the jurisdiction's own templates and words from *overrides* before ours.

    The whole letter follows in each language of *beneath* that it is not in already. *code* is what the letter can be
    checked by; *downloads* are files that it names and does not carry. The same letter always gives the same words.
    Raises BadInputError naming template and problem, never contents.
    """
    known = languages(overrides)
    tongue, *below = dict.fromkeys(spoken if spoken in known else FALLBACK for spoken in (language, *beneath))
    added = {"code": code, "downloads": downloads}
    try:
        lower = tuple(
            _wording(letter.kind, spoken, overrides).render(letter, added, is_beneath=True) for spoken in below
        )
        return _wording(letter.kind, tongue, overrides).render(letter, added, beneath=lower)
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


@dataclass(frozen=True, slots=True)
class _Lower:
    """A text under the first one, as the template of the HTML part puts it in."""

    language: LanguageCode
    says_so: str
    html: Markup

    @classmethod
    def of(cls, rendered: Rendered) -> _Lower:
        # Made by the template of the same form, which escaped it.
        return cls(rendered.language, rendered.says_so, Markup(rendered.html))  # noqa: S704


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
    filters: dict[str, Any] = environment.filters
    filters.update(wrapped=formats.wrapped, width=formats.columns)
    names.update(base=f"base.{form}", parts=f"parts.{form}")
    return environment


@lru_cache(maxsize=16)
def _phrase_environment(overrides: Path | None, *, is_isolated: bool) -> Environment:
    """Return the environment of phrases; where *is_isolated*, what is filled in turns the direction of no sentence."""
    environment = _environment("txt", overrides)
    return environment.overlay(finalize=formats.isolated) if is_isolated else environment


class _Wording:
    """One kind of letter in one language, compiled once."""

    def __init__(self, kind: LetterKind, language: str, overrides: Path | None) -> None:
        self.language = language
        self.direction = formats.direction(language)
        self.phrases: Words = words(kind, language, overrides)
        self._phrases = _phrase_environment(overrides, is_isolated=self.direction == "rtl")
        self._bodies = {
            form: (
                _environment(form, overrides).select_template([f"{kind}.{form}", f"{kind}.body"]),
                _environment(form, overrides).get_template(f"parts.{form}"),
            )
            for form in ("txt", "html")
        }
        self._compiled: dict[str, _Phrase] = {}

    def render(
        self, letter: Letter, added: Mapping[str, object], *, beneath: Sequence[Rendered] = (), is_beneath: bool = False
    ) -> Rendered:
        speech = _Speech(self, letter, added)
        context = speech.context | {"is_beneath": is_beneath, "beneath": [_Lower.of(lower) for lower in beneath]}
        text = _BLANK_LINES.sub("\n\n", _TRAILING.sub("", self._formed("txt", context))).strip() + "\n"
        return Rendered(
            subject=_shortened(single_line(self.phrase("subject").render(context))),
            text="".join([text, *(f"\n{_RULE}\n\n{lower.text}" for lower in beneath)]),
            html=self._formed("html", context).strip() + "\n",
            language=self.language,
            beneath=tuple(lower.language for lower in beneath),
            says_so=speech.say("follows") if is_beneath else "",
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
            self._compiled[key] = self._phrases.from_string(words_) if "{" in words_ else _Constant(words_)
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
            "columns": self.columns,
            "each": self.each,
            "document": self.document,
            "role": self.role,
            "in_this_language": self.in_this_language,
            "apart": self.apart,
            "moment": self.moment,
            "day": self.day,
            "number": self.number,
            "span": self.span,
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
        own = deficiency.what_to_do
        return own.remedy(self._wording.language) if own else self.say(f"advice.{deficiency.code}")

    def each(self, table: str, names: Sequence[str]) -> str:
        """Return the phrases *names* of a *table* of words in a row."""
        return formats.listed([self.say(f"{table}.{name}") for name in names], self._wording.language)

    def columns(self, names: str) -> str:
        """Return what stands over the columns *names* (divided by commas) in a form in this language."""
        return formats.listed(
            [_column(name.strip(), self._wording.language) for name in names.split(",")], self._wording.language
        )

    def role(self) -> str:
        """Return the word for the role of a letter that names one: the profile's own, else the usual one."""
        letter = self.context["letter"]
        if not isinstance(letter, RoleLetter):
            raise TemplateError("the letter names no role")
        own, key = letter.role_words, f"roles.{letter.role}"
        is_usual = self._wording.language not in own and key in self._wording.phrases
        return self.say(key) if is_usual else self.in_this_language(own) or letter.role.replace("_", " ")

    def in_this_language(self, texts: Mapping[LanguageCode, str]) -> str:
        """Return the text of the profile in this language, else in the first that it is written in."""
        return texts.get(self._wording.language, next(iter(texts.values()), ""))

    def document(self, kind: str) -> str:
        """Return the name of a *kind* of document, or what is no known kind as it is."""
        key = f"documents.{kind.replace(' ', '_')}"
        return self.say(key) if key in self._wording.phrases else kind

    def apart(self, text: str) -> str:
        """Return *text* so that its direction disturbs nothing beside it, where the language runs right to left."""
        return str(formats.isolated(text)) if self._wording.direction == "rtl" else text

    def moment(self, at: datetime) -> str:
        """Return date and time in the election's zone."""
        return formats.moment(at, self._wording.language, self._zone)

    def day(self, at: date) -> str:
        """Return the day in the election's zone."""
        return formats.day(at, self._wording.language, self._zone)

    def number(self, count: int) -> str:
        """Return *count* as the language writes it."""
        return formats.number(count, self._wording.language)

    def span(self, count: int, unit: str) -> str:
        """Return a length of time, counted in days or hours, as the language writes it."""
        return formats.span(count, "hour" if unit == "hours" else "day", self._wording.language)


def _column(name: str, language: str) -> str:
    """Return the title of a column of the nominations form, or a name that is none with spaces."""
    return words_in(language).titles.get(name.replace(" ", "_"), name.replace("_", " "))


def _shortened(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_LENGTH else subject[: _SUBJECT_LENGTH - 1].rstrip() + "…"
