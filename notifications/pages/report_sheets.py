"""The tables of the public report, each in words and as CSV: what a page shows, and what lies behind its charts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from domain.letters.envelope import LetterKind
from domain.oversight.cases import Dimension, Outcome
from domain.oversight.fairness.contrasts import Question
from domain.oversight.report.groups import ARRIVED, DAYS, DECIDED, OTHERS, REASONS, RECEIVED
from domain.oversight.report.report import Comparison, Report
from domain.values import Frozen, LanguageCode
from notifications.letters.words import words
from notifications.pages.checker import checker_words
from notifications.workbooks import plain

Value = str | int | float | None
Names = Mapping[tuple[str, str], str]
"""The operator's own words for codes, by dimension and code."""


class Sheet(Frozen):
    """One table: *heads* and *rows* in codes, for programs; *title*, *told* and *lines* in words, for people."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    told: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    @property
    def csv(self) -> bytes:
        """The table in codes (RFC 4180, UTF-8); a withheld count is empty."""
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(self.heads)
        writer.writerows(map(plain, row) for row in self.rows)
        return written.getvalue().encode()


@lru_cache(maxsize=1)
def report_words() -> dict[LanguageCode, dict[str, str]]:
    """Return the words of the page by language."""
    found: dict[LanguageCode, dict[str, str]] = json.loads(
        (files("notifications.pages") / "report_words.json").read_text(encoding="utf-8")
    )
    return found


class Sheets:
    """The tables of one report in one language."""

    def __init__(self, report: Report, language: LanguageCode, names: Names) -> None:
        self.report, self.language, self.said = report, language, report_words()[language]
        self._names, self._shared = names, words(LetterKind.REFUSAL, language)

    @property
    def direction(self) -> str:
        """How the language is written: ``ltr`` or ``rtl``."""
        direction: str = checker_words()[self.language]["dir"]
        return direction

    @property
    def right_to_left(self) -> bool:
        """Whether charts are mirrored."""
        return self.direction == "rtl"

    def all(self) -> Iterator[Sheet]:
        """Yield every table that has rows, in the order of the page."""
        yield self._figures()
        if self.report.votes:
            yield self._votes()
        yield self._waits()
        yield self._days()
        yield self._reasons()
        yield self._offices()
        for dimension in Dimension:
            yield self._groups(dimension)
        yield self._invitations()
        yield self._policies()

    def _sheet(self, name: str, heads: Sequence[str], rows: Sequence[tuple[Value, ...]], *, title: str = "") -> Sheet:
        told = tuple(self.said.get(head, head) for head in heads)
        lines = tuple(tuple(self._cell(value) for value in row) for row in rows)
        return Sheet(
            name=name, title=self.said[title or name], heads=tuple(heads), rows=tuple(rows), told=told, lines=lines
        )

    def _cell(self, value: Value) -> str:
        match value:
            case None:
                return self.said["withheld"]
            case int():
                return f"{value:,}".replace(",", " ")
            case float():
                return f"{value:.1f}"
            case _:
                return self.said.get(value, value)

    def _figures(self) -> Sheet:
        return self._sheet("figures", ("what", "cases"), [*self.report.figures.items()]).revised(
            told=(self.said["figure"], self.said["cases"])
        )

    def _votes(self) -> Sheet:
        """Return the votes side by side, under their codes for programs and their days for people."""
        votes = self.report.votes
        kinds = list(dict.fromkeys(what for vote in votes for what in vote.figures))
        rows = [(what, *(vote.figures.get(what) for vote in votes)) for what in kinds]
        sheet = self._sheet("votes", ("what", *(vote.election for vote in votes)), rows)
        return sheet.revised(told=(self.said["figure"], *(f"{vote.title} ({vote.day})" for vote in votes)))

    def _waits(self) -> Sheet:
        rows = [(what, w.files, w.p50, w.p90, w.longest) for what, w in self.report.waits.items() if w]
        return self._sheet("waits", ("what", "files", "p50", "p90", "longest"), rows)

    def _days(self) -> Sheet:
        table = self.report.tables.get(DAYS, {})
        rows = [(day, table[day][ARRIVED], table[day][DECIDED]) for day in sorted(table)]
        return self._sheet("days", ("day", "arrived", "decided"), rows)

    def _reasons(self) -> Sheet:
        table = self.report.tables.get(REASONS, {})
        rows = [(code, outcome, count) for code, cells in sorted(table.items()) for outcome, count in cells.items()]
        sheet = self._sheet("refusals_by_reason", ("reason", "what", "cases"), rows)
        lines = tuple((self.reason(row[0]), *line[1:]) for row, line in zip(rows, sheet.lines, strict=True))
        return sheet.revised(lines=lines, told=(self.said["reason"], self.said["outcome"], self.said["cases"]))

    def reason(self, code: str) -> str:
        """Return a reason as letters say it, with its code."""
        return f"{code}: {self._shared.get(f'sentences.{code}', '')}"

    def _offices(self) -> Sheet:
        rows = [(each.office, each.people, each.places, each.decisions) for each in self.report.offices]
        sheet = self._sheet("offices", ("office", "people", "places", "decisions"), rows)
        named = ((each.name or self.said.get(each.office, each.office)) for each in self.report.offices)
        return sheet.revised(lines=tuple((name, *line[1:]) for name, line in zip(named, sheet.lines, strict=True)))

    def name(self, dimension: Dimension, group: str) -> str:
        """Return a group in words: of the operator where there are any, else of the page, else its code."""
        if group == OTHERS:
            return self.said["others"]
        if dimension is Dimension.ROLE:
            return self._shared.get(f"roles.{group}", group)
        known = self._names.get((dimension.value, group))
        return known or self.said.get(group, group)

    def _groups(self, dimension: Dimension) -> Sheet:
        columns = (RECEIVED, *(outcome.value for outcome in Outcome))
        table = self.report.tables.get(dimension.value, {})
        waits = {each.group: each for each in self.report.group_waits if each.dimension is dimension}
        used = [column for column in columns if any(cells[column] != 0 for cells in table.values())]
        compared = {
            (comparison.question, comparison.group): comparison
            for comparison in self.report.comparisons
            if comparison.dimension is dimension
        }
        rows = [
            (
                group,
                *(cells[column] for column in used),
                waits[group].since_receipt_p50 if group in waits else "",
                waits[group].since_receipt_p90 if group in waits else "",
                _verdict(compared.get((Question.REFUSAL, group))),
                _worst(compared, group),
            )
            for group, cells in table.items()
        ]
        heads = ("group", *used, "p50", "p90", "refusals_compared", "waits_compared")
        title = "by_office" if dimension is Dimension.OFFICE else dimension.value
        sheet = self._sheet(f"by_{dimension.value}", heads, rows, title=title)
        named = (self.name(dimension, group) for group in table)
        return sheet.revised(lines=tuple((name, *line[1:]) for name, line in zip(named, sheet.lines, strict=True)))

    def _invitations(self) -> Sheet:
        found = sorted(self.report.invitations, key=lambda each: each.days_before)
        rows = [(each.organisation, each.invited_on.isoformat(), each.days_before) for each in found]
        sheet = self._sheet("invitations", ("organisation", "invited_on", "days_before"), rows)
        return sheet.revised(told=(self.said["group"], *sheet.told[1:]))

    def _policies(self) -> Sheet:
        rows: list[tuple[Value, ...]] = []
        lines: list[tuple[str, ...]] = []
        for effect in self.report.policies:
            policy = effect.policy
            begins = policy.in_force_from or policy.published_on
            rows.append((
                str(policy.citation), policy.kind.value, policy.text, policy.authority, policy.ground,
                str(begins or ""), str(policy.in_force_to or ""), int(effect.in_force), effect.cited,
                effect.refused_under, effect.open_covered,
            ))  # fmt: skip
            dates = f"{begins or self.said['always']} – {policy.in_force_to or self.said['further']}"
            effect_told = self.said["effect_text"].format(
                cited=self._cell(effect.cited),
                refused=self._cell(effect.refused_under),
                covered=self._cell(effect.open_covered),
            )
            now = f" ({self.said['in_force']})" if effect.in_force else ""
            lines.append(
                (f"{policy.citation}: {policy.text}", f"{policy.authority}. {policy.ground}", dates + now, effect_told)
            )
        heads = (
            "policy", "kind", "text", "authority", "ground", "in_force_from", "in_force_to", "in_force_now",
            "decisions_citing", "refusals_under_it", "open_files_covered",
        )  # fmt: skip
        told = tuple(self.said[key] for key in ("policy", "authority", "dates", "effect"))
        return Sheet(
            name="policies", title=self.said["policies"], heads=heads, rows=tuple(rows), told=told, lines=tuple(lines)
        )


_ORDER: Final = ("difference", "nothing_found", "not_enough_data")


def _verdict(comparison: Comparison | None) -> str:
    return comparison.verdict.value if comparison else ""


def _worst(compared: Mapping[tuple[Question, str], Comparison], group: str) -> str:
    """Return what is said of both waits: a difference in either counts."""
    said = [
        comparison.verdict.value
        for question in (Question.SINCE_RECEIPT, Question.SINCE_COMPLETE)
        if (comparison := compared.get((question, group)))
    ]
    return min(said, key=_ORDER.index, default="")
