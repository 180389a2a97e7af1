"""The public report as files: a page for each language that needs no script, its tables as CSV, its charts as SVG."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from domain.oversight.report.report import Comparison, Report
from domain.values import LanguageCode
from notifications.pages.checker import checker_words, part, source_hash
from notifications.pages.report_sheets import Names, Sheets, report_words

PAGE, DOCUMENT = "report", "report.json"


def report_files(report: Report, languages: Sequence[LanguageCode], names: Names) -> dict[str, bytes]:
    """Return every file of the report by its name: pages in those of *languages* that have words, else in English."""
    from notifications.pages.report_charts import charts  # noqa: PLC0415 -- loads matplotlib, which few commands need

    spoken = tuple(language for language in languages if language in report_words()) or ("en",)
    contents: dict[str, bytes] = {DOCUMENT: (report.model_dump_json(indent=1) + "\n").encode()}
    for language in spoken:
        sheets = Sheets(report, language, names)
        drawn = charts(sheets)
        contents |= {f"{_suffixed(name, language, spoken)}.svg": chart.encode() for name, chart in drawn.items()}
        contents[page_name(language, spoken)] = _page(sheets, drawn, language, spoken).encode()
    plain = Sheets(report, spoken[0], names)
    return contents | {f"{sheet.name}.csv": sheet.csv for sheet in plain.all()}


def page_name(language: LanguageCode, spoken: Sequence[LanguageCode]) -> str:
    """Return the file of the page in *language*; the first language has the plain name."""
    return f"{_suffixed(PAGE, language, spoken)}.html"


def _suffixed(name: str, language: LanguageCode, spoken: Sequence[LanguageCode]) -> str:
    return name if language == spoken[0] else f"{name}-{language}"


def _page(sheets: Sheets, drawn: Mapping[str, str], language: LanguageCode, spoken: Sequence[LanguageCode]) -> str:
    environment = Environment(
        loader=PackageLoader("notifications.pages", ""), undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]), trim_blocks=True,
    )  # fmt: skip
    report, said, style = sheets.report, sheets.said, part("report.css")
    others = [(other, checker_words()[other]["own_name"], page_name(other, spoken)) for other in spoken]
    return environment.get_template("report.html").render(
        language=language,
        direction=sheets.direction,
        style=style,
        style_hash=source_hash(style),
        report=report,
        said=said,
        sheets=list(sheets.all()),
        moment=_moment(report, language, said["as_of"]),
        others=[other for other in others if other[0] != language],
        fairness=said["fairness_text"].format(compared=report.compared, reviews=report.reviews),
        differences=[_told(comparison, sheets) for comparison in report.differences],
        charts={
            name: f"data:image/svg+xml;base64,{b64encode(chart.encode()).decode()}" for name, chart in drawn.items()
        },
    )


def _moment(report: Report, language: LanguageCode, said: str) -> str:
    local = report.as_of.astimezone(ZoneInfo(report.zone))
    day = format_date(report.election_day, "d MMMM y", locale=language)
    return said.format(as_of=format_datetime(local, "d MMM y, HH:mm", locale=language), day=day)


def _told(comparison: Comparison, sheets: Sheets) -> str:
    about = f"{sheets.name(comparison.dimension, comparison.group)}: {sheets.said[comparison.question.value]}"
    if comparison.odds is None:
        return about
    low = "?" if comparison.low is None else f"{comparison.low:g}"
    high = "∞" if comparison.high is None else f"{comparison.high:g}"
    interval = f"{comparison.odds:g} ({low} – {high})"
    return f"{about}. {sheets.said['odds']}: {interval}"
