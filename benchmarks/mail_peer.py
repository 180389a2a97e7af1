"""Letters through the task of prefect-email, as its documentation has it: a task a letter in one flow.

It writes no letter, keeps none and repeats what a crash interrupted: what it is given is written already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.idiom import as_usual
from notifications.mail.mailers import SealedMessage

NAME: Final = "prefect-email's task, messages written before"


def is_installed() -> bool:
    return find_spec("prefect_email") is not None


@contextmanager
def serving() -> Generator[None]:
    """Have a Prefect server for the tasks; to start it is not measured."""
    from flows.runtime.server.lifetime import temporary_server

    with temporary_server(), as_usual():
        yield


def arguments(messages: Sequence[SealedMessage]) -> list[dict[str, Any]]:
    """Return what the task wants for each message."""
    return [_arguments(message_from_bytes(message.contents, policy=policy.default)) for message in messages]


def _arguments(message: Any) -> dict[str, Any]:
    text, html = (message.get_body((form,)).get_content() for form in ("plain", "html"))
    head = {"subject": str(message["Subject"]), "email_from": str(message["From"]), "email_to": str(message["To"])}
    return {**head, "msg": html, "msg_plain": text}


def send(port: int, letters: Sequence[dict[str, Any]]) -> None:
    """Send *letters* in one flow run."""
    from prefect import flow

    library: Any = import_module("prefect_email")
    server = library.EmailServerCredentials(smtp_server="127.0.0.1", smtp_type="INSECURE", smtp_port=port)

    @flow
    async def letters_flow() -> None:
        for letter in letters:
            await library.email_send_message(email_server_credentials=server, **letter)

    asyncio.run(letters_flow())
