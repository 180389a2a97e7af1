"""How many messages each kind of recipient gets, and the most that one of them gets: nobody is named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from db.store import open_reader
from domain.letters.envelope import LetterState
from domain.values import ElectionCode, Frozen
from flows.context import ElectionContext, database, right_now

_NO_MESSAGE = frozenset({LetterState.GATHERED, LetterState.CANCELLED})


class Mail(Frozen):
    """What one kind of recipient gets; of organisations the code of the one that gets most."""

    recipients: str
    addresses: int
    messages: int
    most: int
    who: str = ""


def mail_by_recipient(election: ElectionCode) -> list[Mail]:
    """Return the messages of all letters, copies too, by kind of recipient; those in parcels are no messages."""
    with open_reader(database()) as store:
        context = ElectionContext.of(store, election, now=right_now())
        addressed = Counter(store.outbox.addresses(election, but=_NO_MESSAGE))
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    codes = {organisation.focal_point.email: code for code, organisation in context.organisations.items()}
    known = _known(context, codes)
    for address, messages in addressed.items():
        kinds[known.get(address, "persons")][address] += messages
    return [_mail(kind, kinds[kind], codes) for kind in ("organisations", "persons", "officers", "offices")]


def _known(context: ElectionContext, codes: Iterable[str]) -> Mapping[str, str]:
    land = context.geography
    return {
        **{office.email: "offices" for office in land.offices},
        **{
            recipient.email: "offices"
            for region in land.regions
            for recipient in (region.commission, region.local_administration)
            if recipient
        },
        **dict.fromkeys(codes, "organisations"),
        context.profile.election.officers_email: "officers",
    }


def _mail(kind: str, counts: Counter[str], codes: Mapping[str, str]) -> Mail:
    ((address, most),) = counts.most_common(1) or [("", 0)]
    return Mail(recipients=kind, addresses=len(counts), messages=counts.total(), most=most, who=codes.get(address, ""))
