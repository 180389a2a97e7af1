"""What is still to be done, as Prefect's overview shows it."""

from __future__ import annotations

import asyncio

from domain.numbers import number_of
from domain.values import ElectionCode, UtcTime
from flows.oversight.counts import status_of
from flows.oversight.open_work import open_work
from flows.runtime.reports import OPEN_WORK, publish_markdown


async def publish_open_work(election: ElectionCode, *, now: UtcTime) -> None:
    """Show what waits, what is late and what went wrong *now*, each with the command for it."""
    text = await asyncio.to_thread(open_work_text, election, now=now)
    await publish_markdown(text, stage=OPEN_WORK, election=election, kind="report")


def open_work_text(election: ElectionCode, *, now: UtcTime) -> str:
    """Return it in Markdown: a list for each kind of pile that is not empty."""
    parts = [f"*Counted on {now:%Y-%m-%d at %H:%M} UTC*"]
    for title, piles in open_work(election, status_of(election), now=now).items():
        lines = [f"- {number_of(pile.number, pile.what)}: *{pile.next}*" for pile in piles] or ["- nothing"]
        parts.append("\n".join([f"## {title}", "", *lines]))
    return "\n\n".join(parts)
