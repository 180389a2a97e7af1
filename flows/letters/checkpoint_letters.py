"""Checkpoints of the log by letter, to those who can keep them outside the authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from db.store import Store
from domain.election.profile import Witness
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.organisations.organisation import Organisation
from domain.oversight.log.checkpoint import read_checkpoint
from domain.values import ElectionCode, Sha256
from flows.context import ElectionContext
from flows.letters.addressing import AddressedLetters
from notifications.letters.organisation import CheckpointLetter

_DAILY: Final = 1


class CheckpointLetters(AddressedLetters):
    """Writes the letters that carry one checkpoint."""

    __slots__ = ()

    def to_organisation(self, organisation: Organisation, note: str, kept: Sha256) -> Envelope:
        """Send the checkpoint to an organisation's focal point."""
        letter, key = self._letter(note), f"{self._place}{organisation.code}:{read_checkpoint(note).size}"
        return self._to_organisation(organisation, letter, key=key, attachments=(_attached(kept),))

    def to_witness(self, witness: Witness, note: str, kept: Sha256) -> Envelope:
        """Send the checkpoint to a witness, who may sign it, too."""
        letter, key = self._letter(note, witness.name), f"{self._place}{witness.name}:{read_checkpoint(note).size}"
        envelope = self._to_authority(letter, to=witness.email, key=key, attachments=(_attached(kept),))
        return envelope.revised(language=self._language(witness.language))

    @property
    def _place(self) -> str:
        return f"{self.profile.election.code}:"

    def _letter(self, note: str, witness: str = "") -> CheckpointLetter:
        checkpoint = read_checkpoint(note)
        root = checkpoint.text.splitlines()[2]
        return CheckpointLetter(
            **self._head(), log=checkpoint.origin, entries=checkpoint.size, root=root, witness=witness
        )


def checkpoint_letters(
    context: ElectionContext, note: str, kept: Sha256, *, told: Mapping[str, tuple[int, datetime]]
) -> Iterator[Envelope]:
    """Yield a letter to everybody who is due one.

    *kept* is where the file store has *note*, and *told* says who got which size when.
    """
    rules, letters = context.profile.oversight, CheckpointLetters.at(context)
    size = read_checkpoint(note).size

    def is_due(recipient: str, days: int) -> bool:
        if recipient not in told:
            return True
        before, at = told[recipient]
        return before < size and (_day(context, context.now) - _day(context, at)) >= days

    if (days := rules.organisations_every_days) is not None:
        for organisation in context.organisations.values():
            if organisation.may_nominate and is_due(organisation.code, days):
                yield letters.to_organisation(organisation, note, kept)
    for witness in rules.witnesses:
        if is_due(witness.name, _DAILY):
            yield letters.to_witness(witness, note, kept)


def told_of_checkpoints(store: Store, election: ElectionCode) -> dict[str, tuple[int, datetime]]:
    """Return the size of the last checkpoint that each organisation and witness was written of, and when."""
    told: dict[str, tuple[int, datetime]] = {}
    for key, at in store.letters.queued_of(election, LetterKind.CHECKPOINT):
        recipient, _, size = key.removeprefix(f"{LetterKind.CHECKPOINT}:{election}:").rpartition(":")
        told[recipient] = max(told.get(recipient, (0, at)), (int(size), at))
    return told


def _day(context: ElectionContext, at: datetime) -> int:
    return at.astimezone(context.profile.zone).toordinal()


def _attached(kept: Sha256) -> Attachment:
    return Attachment(filename="checkpoint.txt", media_type="text/plain", content=kept)
