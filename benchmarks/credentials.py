"""How fast credentials are made and checked, and how well the printed code is read from bad photographs.

Run: python -m benchmarks.credentials [--badges N] [--trials N] [--seed S]. Ratios within one run count; absolute
speeds depend on the machine and what else it does. WeasyPrint is compared when the bench group is installed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import ed25519
from PIL import Image, ImageDraw

from benchmarks.photographs import reading
from domain.credentials.claims import CredentialClaims, photo_hash
from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.states import CredentialStatus
from domain.credentials.status_list import BITS, StatusList, packed, signed_status_list
from domain.credentials.trust_list import KeyPurpose, TrustedKey, TrustList
from domain.credentials.verdict import Code, encode_token, judge
from notifications.badge.code import code_svg
from notifications.badge.contents import Badge
from notifications.badge.photo import printed_photo
from notifications.badge.rendering import render_badges

NOW = datetime(2027, 5, 20, tzinfo=UTC)
BATCH = 250
"""Badges in one task, as the engine has them unless set otherwise."""

BADGE_KEY = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"b" * 32))
STATUS_KEY = held(ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32))
NAMES = (
    ("ILVA MARIA TORNEK", "", None),
    ("ILVA TORNEK", "Ільва Марійна Торнек", "uk"),
    ("ELEFTHERIA TORNEKI", "Ελευθερία Τορνέκη", "el"),
    ("ILFA BINT TURNAK", "إلفا بنت تورنك", "ar"),
    ("ILBA TORNEK LEVI", "אילבה תורנק־לוי", "he"),
    ("ILVA KSHITIJA TORNEK", "इल्वा क्षितिजा तोर्नेक", "hi"),
    ("OUYANG XIAOLONG", "欧阳晓龙", "zh"),
    ("TORINE HANAKO", "鳥根 花子", "ja"),
    ("KIM EULBA", "김을바", "ko"),
)


def portrait(number: int) -> bytes:
    """A drawn face whose colours follow from *number*, as the JPEG that is printed."""
    random = Random(number)
    picture = Image.new("RGB", (560, 720), tuple(random.randint(160, 220) for _ in range(3)))
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((100, 520, 460, 960), fill=tuple(random.randint(30, 120) for _ in range(3)))
    drawing.ellipse((160, 140, 400, 480), fill=tuple(random.randint(100, 220) for _ in range(3)))
    out = BytesIO()
    picture.save(out, "JPEG", quality=92)
    return printed_photo(out.getvalue())


PORTRAITS = [portrait(number) for number in range(len(NAMES))]


def claims_of(number: int, *, name: str | None = None) -> CredentialClaims:
    return CredentialClaims.fitting(
        name or NAMES[number % len(NAMES)][0],
        issuer="TEST",
        serial=f"XVD-{number:07}",
        issued_at=NOW,
        valid_from=NOW,
        valid_until=NOW + timedelta(days=40),
        role="STO",
        organisation=f"ORG-{number % 90}",
        nationality="XAA",
        regions=(f"NORTH-{number % 9}",),
        status_index=number,
        photo_hash=photo_hash(PORTRAITS[number % len(NAMES)]),
        document_tag=number.to_bytes(8),
    )


def badge_of(number: int) -> Badge:
    """A badge with its own name, made from nothing: claims, signature and page values."""
    passport, native, language = NAMES[number % len(NAMES)]
    return Badge(
        passport_name=f"{passport} {'ABCDEFGHIJ'[number % 10]}{'KLMNOPQRST'[number // 10 % 10]}",
        native_name=native,
        native_language=language,
        role="Short-term observer",
        organisation="Network of Observers of the Lake Basin",
        region=f"North {number % 9}",
        valid_from=date(2027, 5, 20),
        valid_until=date(2027, 6, 29),
        serial=f"XVD-{number:07}",
        issuer="Electoral Commission of Valdara",
        election="General election of Valdara 2027",
        token=encode_token(claims_of(number), BADGE_KEY),
        photo=PORTRAITS[number % len(NAMES)],
    )


def printed(numbers: Sequence[int]) -> tuple[int, int]:
    """Sign, draw and throw away; the count of badges and this process's peak memory in MB."""
    pages = render_badges([badge_of(number) for number in numbers])
    return len(pages), peak_memory()


def peak_memory() -> int:
    """The most that this process held, in MB. getrusage would also count what its parent held when it was begun."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024


def trust_lists() -> tuple[TrustList, StatusList]:
    def listed(key: HeldKey, purpose: KeyPurpose) -> TrustedKey:
        return TrustedKey(
            issuer="TEST",
            algorithm=key.algorithm,
            raw=raw_public_key(key.public_key),
            not_before=NOW,
            not_after=NOW + timedelta(days=90),
            purpose=purpose,
        )

    keys = (listed(BADGE_KEY, KeyPurpose.BADGE), listed(STATUS_KEY, KeyPurpose.STATUS))
    end = NOW + timedelta(days=7)
    trust = TrustList(issuer="TEST", sequence=1, issued_at=NOW, expires_at=end, keys=keys)
    octets = bytes(5_000)
    status = StatusList("https://x.invalid/s", NOW, end, timedelta(hours=24), BITS, octets, STATUS_KEY.key_id)
    return trust, status


def rate(work: Callable[[int], object], count: int) -> float:
    start = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - start)


def speeds(badges: int) -> Iterator[tuple[str, float]]:
    trust, status = trust_lists()
    tokens = [encode_token(claims_of(number), BADGE_KEY) for number in range(300)]
    yield "tokens signed /s, one core", rate(lambda number: encode_token(claims_of(number), BADGE_KEY), 500)
    yield (
        "tokens judged /s, one core",
        rate(lambda number: judge(tokens[number % 300], now=NOW, trust=trust, status=status), 500),
    )
    yield "codes drawn and read back /s, one core", rate(lambda number: code_svg(tokens[number]), 200)
    render_badges([badge_of(0)])
    yield "badges /s, one process", rate_of_pages(badges // 2)
    yield from _in_processes(badges)
    yield from _weasyprint()
    yield from _page()
    twenty_thousand = packed(
        dict.fromkeys(Random(5).sample(range(20_000), 1_000), CredentialStatus.REVOKED), size=20_000
    )
    listed = StatusList("urn:accreditation:x", NOW, NOW, timedelta(hours=24), BITS, twenty_thousand)
    yield "status list of 20,000 with 5 % revoked, bytes signed", len(signed_status_list(listed, STATUS_KEY))


def rate_of_pages(count: int) -> float:
    start = time.perf_counter()
    for batch in batches_of(count):
        printed(batch)
    return count / (time.perf_counter() - start)


def batches_of(count: int) -> list[range]:
    return [range(first, min(first + BATCH, count)) for first in range(0, count, BATCH)]


def _in_processes(badges: int) -> Iterator[tuple[str, float]]:
    cores = min(2, os.cpu_count() or 1)
    batches = batches_of(badges)
    batches = batches if len(batches) >= cores else [range(half, badges, cores) for half in range(cores)]
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(printed, [range(2)] * cores * 2))
        start = time.perf_counter()
        done = list(pool.map(printed, batches))
        seconds = time.perf_counter() - start
    yield f"badges /s, {cores} processes (sign + code + PDF)", sum(count for count, _ in done) / seconds
    yield f"peak memory of the {cores} processes together, MB", sum(sorted(peak for _, peak in done)[-cores:])


def _weasyprint() -> Iterator[tuple[str, float]]:
    """The usual way, HTML to PDF on one core: with the machine's fonts, and as we do (our fonts, PDF/A).

    Compared by time of the processor, which other work on the machine changes less than the time on the clock.
    """
    try:
        from benchmarks.peers import weasy_badge
    except ImportError:
        return
    ours = busy(printed, BATCH)
    yield "our badges /s of processor time", 1 / ours
    for label, alike in (("like for like (our fonts, PDF/A)", True), ("machine's fonts, no PDF/A", False)):
        draw = partial(weasy_badge, alike=alike)
        draw(badge_of(0))
        theirs = busy(partial(_each, draw), 9 if alike else 18)
        yield f"WeasyPrint badges /s of processor time, {label}", 1 / theirs
        yield f"times WeasyPrint, {label}", theirs / ours


def _each(draw: Callable[[Badge], bytes], numbers: Sequence[int]) -> list[bytes]:
    return [draw(badge_of(number)) for number in numbers]


def busy(work: Callable[[Sequence[int]], object], count: int) -> float:
    """Seconds of processor time for each of *count*."""
    start = time.process_time()
    work(range(count))
    return (time.process_time() - start) / count


def _page() -> Iterator[tuple[str, float]]:
    """Verifications a second in the checker page, in a browser, where there is one."""
    try:
        from benchmarks.peers import judged_in_page
    except ImportError:
        return
    trust, status = trust_lists()
    tokens = [encode_token(claims_of(number), BADGE_KEY) for number in range(100)]
    judged = judged_in_page(tokens, trust=trust, status=status, status_signer=STATUS_KEY, now=NOW)
    if judged:
        yield "checked in the page /s, headless Chromium", judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--badges", type=int, default=500)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20270613)
    chosen = parser.parse_args()
    trust, status = trust_lists()
    assert judge(encode_token(claims_of(1), BADGE_KEY), now=NOW, trust=trust, status=status).code is Code.VALID
    print("| what | figure |\n| --- | --- |")
    for what, figure in speeds(chosen.badges):
        print(f"| {what} | {figure:,.0f} |", flush=True)
    for what, share in reading(chosen.trials, chosen.seed):
        print(f"| {what} | {share} |", flush=True)


if __name__ == "__main__":
    main()
