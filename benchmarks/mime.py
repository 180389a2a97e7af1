"""Messages in bytes, by our writer and by the standard library's, both in one run: `python -m benchmarks.mime`.

Every sample letter in every language, written once before. Each side makes the same headers, the same two texts and,
in the second round, the same file. What is compared is processor time; sides take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from statistics import median

from domain.letters.envelope import Envelope
from notifications.letters import contents_of
from notifications.letters.rendering import Rendered, render
from notifications.letters.samples import SAMPLES
from notifications.mail.message import Sender, compose, message_id

Written = tuple[Rendered, Envelope]
SENDER = Sender(
    name="Election Commission of Valdara",
    address="accreditation@commission.example",
    reply_to="observers@commission.example",
    list_id="vd-2027.commission.example",
)
NOW = datetime(2027, 3, 10, 8, tzinfo=UTC)
BADGE = ("badge.pdf", "application/pdf", bytes(range(256)) * 160)
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")


def written() -> list[Written]:
    found: list[Written] = []
    for name, letter in SAMPLES.items():
        for language in LANGUAGES:
            envelope = Envelope(
                key=f"{name}:{language}", kind=letter.kind, to="ava@league.example", contents=contents_of(letter)
            )
            found.append((render(letter, language), envelope))
    return found


def ours(letters: list[Written], files: tuple[tuple[str, str, bytes], ...]) -> None:
    for rendered, envelope in letters:
        known = message_id(envelope.key, SENDER.domain)
        assert compose(rendered, envelope, SENDER, files, message_id=known, date=NOW).contents


def library(letters: list[Written], files: tuple[tuple[str, str, bytes], ...]) -> None:
    for rendered, envelope in letters:
        message = EmailMessage(policy=SMTP)
        local, _, domain = SENDER.address.rpartition("@")
        message["From"] = Address(SENDER.name, local, domain)
        message["Reply-To"] = SENDER.reply_to
        message["List-Id"] = f"<{SENDER.list_id}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Subject"] = rendered.subject
        message["Content-Language"] = rendered.language
        message["To"] = envelope.to
        message["Date"] = format_datetime(NOW)
        message["Message-ID"] = message_id(envelope.key, SENDER.domain)
        message.set_content(rendered.text)
        message.add_alternative(rendered.html, subtype="html")
        for name, media_type, contents in files:
            kind, _, subtype = media_type.partition("/")
            message.add_attachment(contents, maintype=kind, subtype=subtype, filename=name)
        assert message.as_bytes()


def seconds(side: Callable[[], None]) -> float:
    started = time.process_time()
    side()
    return time.process_time() - started


def main(rounds: int = 7) -> None:
    letters = written()
    for what, files in (("text and HTML", ()), ("with a badge of 40 kB", (BADGE,))):
        pairs = [
            (seconds(partial(ours, letters, files)), seconds(partial(library, letters, files))) for _ in range(rounds)
        ]
        mine, theirs = (1000 * median(side) / len(letters) for side in zip(*pairs, strict=True))
        ratios = sorted(other / own for own, other in pairs)
        print(
            f"{what}: ours {mine:.3f} ms a letter, library {theirs:.3f} ms, "
            f"{median(ratios):.1f} times ({ratios[0]:.1f} to {ratios[-1]:.1f}), {len(letters)} letters"
        )


if __name__ == "__main__":
    main()
