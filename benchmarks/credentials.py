"""How fast credentials are made and checked, and how well the printed code is read from bad photographs.

Run: python benchmarks/credentials.py [--badges N] [--trials N] [--seed S]. Ratios within one run count; absolute
speeds depend on the machine and what else it does. WeasyPrint is compared when the bench group is installed.
"""

from __future__ import annotations

import argparse
import base64
import math
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from multiprocessing import get_context
from random import Random
from typing import Any

import numpy as np
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ed25519
from PIL import Image, ImageDraw, ImageFilter

from domain.credential.claims import CredentialClaims, photo_hash
from domain.credential.keys import HeldKey, held, raw_public_key
from domain.credential.status import StatusList
from domain.credential.trust import KeyPurpose, TrustedKey, TrustList
from domain.credential.verdict import Code, encode_token, judge
from notifications.badge.badge import Badge
from notifications.badge.code import code_svg
from notifications.badge.photo import printed_photo
from notifications.badge.rendering import render_badges

NOW = datetime(2027, 5, 20, tzinfo=UTC)
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
    return len(pages), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


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
    status = StatusList("https://x.invalid/s", NOW, end, timedelta(hours=24), 2, octets, STATUS_KEY.key_id)
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


def rate_of_pages(count: int) -> float:
    start = time.perf_counter()
    printed(range(count))
    return count / (time.perf_counter() - start)


def _in_processes(badges: int) -> Iterator[tuple[str, float]]:
    cores = min(2, os.cpu_count() or 1)
    batches = [range(start, min(start + 250, badges)) for start in range(0, badges, 250)]
    batches = batches if len(batches) >= cores else [range(half, badges, cores) for half in range(cores)]
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(printed, [range(2)] * cores * 2))
        start = time.perf_counter()
        done = list(pool.map(printed, batches))
        seconds = time.perf_counter() - start
    yield f"badges /s, {cores} processes (sign + code + PDF)", sum(count for count, _ in done) / seconds
    yield "peak memory of a process, MB", max(peak for _, peak in done)


def _weasyprint() -> Iterator[tuple[str, float]]:
    """The usual way: HTML with the same photo, names and code, one core."""
    try:
        from weasyprint import HTML
    except ImportError:
        return

    def draw(number: int) -> None:
        badge = badge_of(number)
        code, photo = (base64.b64encode(part).decode() for part in (code_svg(badge.token).encode(), badge.photo or b""))
        HTML(
            string="<style>@page{size:105mm 148mm;margin:7mm}</style>"
            f"<h1>{badge.role}</h1><h2>{badge.passport_name}</h2><p>{badge.native_name}<p>{badge.organisation}<p>{badge.region}<p>{badge.validity}<p>{badge.serial}"
            f'<img style="width:35mm" src="data:image/jpeg;base64,{photo}">'
            f'<img style="width:40mm" src="data:image/svg+xml;base64,{code}">'
        ).write_pdf()

    draw(0)
    yield "WeasyPrint badges /s, one process", rate(draw, 25)


def seen_badly(token: str, random: Random, *, width: int) -> np.ndarray[Any, Any]:
    """The code *width* pixels wide as a phone might see it: turned, tilted, shaken, blurred, glared, compressed."""
    barcode: Any = zxingcpp.create_barcode(token, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    sharp = Image.fromarray(np.asarray(barcode.to_image(scale=8, add_quiet_zones=True)))
    margin = sharp.width // 4
    paper = Image.new("L", (sharp.width + 2 * margin,) * 2, 235)
    paper.paste(sharp, (margin, margin))
    turned = paper.rotate(random.uniform(-25, 25), Image.Resampling.BICUBIC, fillcolor=235)
    tilted = turned.transform(
        turned.size, Image.Transform.PERSPECTIVE, _tilt(random, turned.width), Image.Resampling.BICUBIC, fillcolor=235
    )
    scale = width / sharp.width
    small = tilted.resize((round(tilted.width * scale),) * 2, Image.Resampling.BOX)
    blurred = small.filter(ImageFilter.GaussianBlur(random.uniform(0.2, 0.9)))
    pixels = np.asarray(_shaken(blurred, random), dtype=float)
    pixels = _glared(pixels, random) + np.random.default_rng(random.randrange(2**32)).normal(0, 6, pixels.shape)
    out = BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=random.randint(45, 85))
    return np.asarray(Image.open(out))


def _tilt(random: Random, side: int) -> tuple[float, ...]:
    """Coefficients of a plane turned by up to 25 degrees about both axes, seen from three sides away."""
    lean = math.sin(math.radians(25)) / 3
    across, down = random.uniform(-lean, lean), random.uniform(-lean, lean)
    middle = side / 2
    rows = (
        np.array([[1, 0, middle], [0, 1, middle], [0, 0, 1]])
        @ np.array([[1, 0, 0], [0, 1, 0], [across / middle, down / middle, 1]])
        @ np.array([[1, 0, -middle], [0, 1, -middle], [0, 0, 1]])
    )
    return tuple((rows / rows[2, 2]).flatten()[:8].tolist())


def _shaken(picture: Image.Image, random: Random) -> Image.Image:
    """A motion blur of up to two pixels along a random direction."""
    length, angle = random.uniform(0, 2), random.uniform(0, math.pi)
    steps = [length * (step / 4 - 0.5) for step in range(5)]
    moved = [
        picture.transform(
            picture.size,
            Image.Transform.AFFINE,
            (1, 0, step * math.cos(angle), 0, 1, step * math.sin(angle)),
            Image.Resampling.BILINEAR,
        )
        for step in steps
    ]
    return Image.fromarray(np.mean([np.asarray(one) for one in moved], axis=0).astype(np.uint8))


def _glared(pixels: np.ndarray[Any, Any], random: Random) -> np.ndarray[Any, Any]:
    """A soft reflection and uneven light."""
    height, width = pixels.shape
    rows, columns = np.mgrid[0:height, 0:width]
    light = 0.75 + 0.25 * (columns * random.uniform(-1, 1) / width + rows * random.uniform(-1, 1) / height)
    centre = random.uniform(0, height), random.uniform(0, width)
    spot = np.exp(
        -((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / (2 * (width * random.uniform(0.05, 0.15)) ** 2)
    )
    return pixels * light + 110 * random.random() * spot


def interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion."""
    z, share = 1.96, successes / trials
    middle, spread = share + z * z / (2 * trials), z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    return tuple((middle + sign * spread) / (1 + z * z / trials) for sign in (-1, 1))  # type: ignore[return-value]


def reading(trials: int, seed: int) -> Iterator[tuple[str, str]]:
    """Shares of codes read at 240 pixels, for a usual token (version 11) and the longest there is (13)."""
    random = Random(seed)
    for label, length in (("v11-M", 366), ("v12-M", 419), ("v13-M, the longest token", 430)):
        read = sum(_is_read(length, random, width=240) for _ in range(trials))
        low, high = interval(read, trials)
        yield f"read at 240 px, {label}", f"{read / trials:.1%} ({low:.1%}-{high:.1%}, {trials} trials)"


def _is_read(length: int, random: Random, *, width: int) -> bool:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    token = "OAC1:" + "".join(random.choices(alphabet, k=length - 5))
    found: Any = zxingcpp.read_barcodes(
        seen_badly(token, random, width=width), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return any(barcode.text == token for barcode in found)


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
