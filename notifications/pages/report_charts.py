"""The charts of the public report as SVG: letters are drawn as outlines, so that they look alike in print everywhere.

Matplotlib is loaded with this module: load it only where charts are drawn. Colours are those of the Okabe-Ito palette;
what they tell is told by place or by words too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import MaxNLocator

from domain.oversight.cases import Dimension
from domain.oversight.report.figures import GroupWait
from domain.oversight.report.groups import ARRIVED, DAYS, DECIDED, REASONS
from domain.values import LanguageCode
from notifications.assignment.charts import BLUE, GREEN, GREY, INK, ORANGE
from notifications.badge.fonts import font_file
from notifications.pages.report_sheets import Sheets

_WIDTH: Final = 4.4
"""Inches: letters of 9 points stay readable on a telephone, and in a column of a newspaper."""
_LINE: Final = 0.4
_LONGEST_LABEL: Final = 28
_LATIN: Final = "Noto Sans"
_FAMILY: Final[Mapping[str, str]] = {"ar": "Noto Sans Arabic", "zh": "Kurinto Sans SC"}
"""Of languages that the common family has no letters for."""
_STYLE: Final[dict[str, Any]] = {
    "font.size": 9,
    "axes.edgecolor": "#7b8894", "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "grid.color": GREY, "grid.linewidth": 0.6, "svg.fonttype": "path", "svg.hashsalt": "report",
    "legend.frameon": False, "axes.unicode_minus": False,
}  # fmt: skip


@lru_cache(maxsize=8)
def _families(language: LanguageCode) -> list[str]:
    """Return the fonts of a language, of the wheels alone, so that a chart looks the same on every machine."""
    families = [family for family in (_LATIN, _FAMILY.get(language)) if family]
    for family in families:
        fontManager.addfont(font_file(family))
    return families


def charts(sheets: Sheets) -> dict[str, str]:
    """Return every chart that has something to show, by the name of the table behind it."""
    drawn = {
        "days": _days(sheets),
        "waits": _waits(sheets),
        "refusals_by_reason": _reasons(sheets),
        "by_organisation_type": _group_waits(sheets, Dimension.KIND),
        "offices": _offices(sheets),
    }
    style: Any = {**_STYLE, "font.family": _families(sheets.language)}
    with mpl.rc_context(style):
        foot = f"{sheets.report.title} · {sheets.report.as_of:%Y-%m-%d}"
        return {name: _svg(chart, foot, mirrored=sheets.right_to_left) for name, chart in drawn.items() if chart}


class _Chart(NamedTuple):
    title: str
    draw: Callable[[Any], None]
    height: float
    """Inches."""


def _days(sheets: Sheets) -> _Chart | None:
    table, said = sheets.report.tables.get(DAYS, {}), sheets.said
    if not any(count for cells in table.values() for count in cells.values()):
        return None  # every count is withheld: bars of nothing would say that nobody came
    days = sorted(table)
    first = date.fromisoformat(days[0])
    past = [date.fromisoformat(day) for day in days]

    def draw(axes: Any) -> None:
        for column, colour, step in ((ARRIVED, BLUE, -0.21), (DECIDED, ORANGE, 0.21)):
            counts = [table[day][column] for day in days]
            places = [(day - first).days + step for day in past]
            told = [count or 0 for count in counts]
            axes.bar(places, told, width=0.42, color=colour, label=said[column])
        ticks = _few([(day - first).days for day in past])
        axes.set_xticks(ticks, [f"{date.fromordinal(first.toordinal() + tick):%d.%m.}" for tick in ticks])
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.grid(visible=True, axis="y")
        axes.legend(loc="upper left", handlelength=1)

    return _Chart(said["days"], draw, 2.6)


def _few(places: Sequence[int]) -> list[int]:
    span = places[-1] - places[0] + 1
    step = next(step for step in (1, 2, 7, 14, 28, 56, 366, 10_000) if span / step <= 8)  # noqa: PLR2004 -- what fits
    return list(range(places[0], places[-1] + 1, step))


def _waits(sheets: Sheets) -> _Chart | None:
    known = [(sheets.said[what], w.p50, w.p90) for what, w in sheets.report.waits.items() if w]
    return _ranges(sheets, sheets.said["waits"], known)


def _group_waits(sheets: Sheets, dimension: Dimension) -> _Chart | None:
    def told(each: GroupWait) -> tuple[str, float, float]:
        return sheets.name(dimension, each.group), each.since_receipt_p50, each.since_receipt_p90

    known = [told(each) for each in sheets.report.group_waits if each.dimension is dimension]
    title = f"{sheets.said['waits']}, {sheets.said['since_receipt']}"
    return _ranges(sheets, title, sorted(known, key=lambda each: each[1]))


def _ranges(sheets: Sheets, title: str, known: Sequence[tuple[str, float, float]]) -> _Chart | None:
    """Return half and nine tenths as two points on one line for each."""
    if not known:
        return None
    said = sheets.said

    def draw(axes: Any) -> None:
        places = range(len(known))
        axes.hlines(places, [p50 for _, p50, _ in known], [p90 for _, _, p90 in known], color=GREY, linewidth=4)
        axes.plot([p50 for _, p50, _ in known], places, "o", color=BLUE, markersize=6, label=said["p50"])
        axes.plot([p90 for _, _, p90 in known], places, "D", color=ORANGE, markersize=5, label=said["p90"])
        _labelled(axes, [label for label, _, _ in known])
        axes.set_xlim(left=0)
        axes.set_xlabel(said["hours"])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=1)

    return _Chart(title, draw, 1.35 + _LINE * len(known))


def _reasons(sheets: Sheets) -> _Chart | None:
    table = sheets.report.tables.get(REASONS, {})
    known = [(sheets.reason(code), count or 0) for code, cells in table.items() for count in cells.values()]
    return _bars(sheets.said["refusals_by_reason"], [(label, count) for label, count in known if count], ORANGE)


def _bars(title: str, known: Sequence[tuple[str, int]], colour: str) -> _Chart | None:
    if not known:
        return None

    def draw(axes: Any) -> None:
        ordered = sorted(known, key=lambda each: -each[1])
        drawn = axes.barh(range(len(ordered)), [count for _, count in ordered], color=colour, height=0.62)
        axes.bar_label(drawn, padding=3)
        axes.margins(x=0.12)
        _labelled(axes, [label for label, _ in ordered])

    return _Chart(title, draw, 0.7 + 1.35 * _LINE * len(known))


def _offices(sheets: Sheets) -> _Chart | None:
    said = sheets.said
    known = [
        (each.name or said.get(each.office, each.office), each.people, each.places)
        for each in sheets.report.offices
        if each.people is not None and each.people + each.places
    ]
    if not known:
        return None

    def draw(axes: Any) -> None:
        places = range(len(known))
        axes.barh(places, [most for _, _, most in known], color=GREY, height=0.66, label=said["places"])
        axes.barh(places, [people for _, people, _ in known], color=GREEN, height=0.36, label=said["people"])
        _labelled(axes, [label for label, _, _ in known])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=1)

    return _Chart(said["offices"], draw, 0.9 + _LINE * len(known))


def _labelled(axes: Any, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [_short(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.grid(visible=True, axis="x")


def _short(label: str) -> str:
    """Return a label in at most two lines."""
    if len(label) <= _LONGEST_LABEL // 2 + 4:
        return label
    cut = label if len(label) <= 2 * _LONGEST_LABEL else label[: 2 * _LONGEST_LABEL - 1] + "…"
    blank = min(
        (place for place, letter in enumerate(cut) if letter == " "), key=lambda at: abs(at - len(cut) / 2), default=0
    )
    return f"{cut[:blank]}\n{cut[blank + 1 :]}" if blank else cut


def _svg(chart: _Chart, foot: str, *, mirrored: bool) -> str:
    """Return the drawing with *foot* below it, so that it says by itself what it is.

    It is *mirrored* for languages that are written from right to left.
    """
    figure = Figure(figsize=(_WIDTH, chart.height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    chart.draw(axes)
    side = "right" if mirrored else "left"
    edge = 0.99 if mirrored else 0.01
    figure.suptitle(chart.title, x=edge, ha=side, fontsize=11)
    figure.supxlabel(foot, x=edge, ha=side, fontsize=7)
    if mirrored:
        axes.invert_xaxis()
        axes.yaxis.tick_right()
        axes.spines["right"].set_visible(True)
        axes.spines["left"].set_visible(False)
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
