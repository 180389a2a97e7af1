"""Screening measured: `python -m benchmarks.screening [--out FOLDER]` prints the table, draws the curves.

Every figure is taken at the preset thresholds of `domain.screening.score.Thresholds`. What they were set on is not
held out: name_bench and the generated applicants of seeds 1, 77, 101 and 202 were looked at while the scorer changed,
and FEBRL4 was seen once with an earlier threshold before the one in use was set on FEBRL3. The applicants printed
here come from seeds drawn afterwards. Speeds are per second of CPU time on one core; they fall on a busy machine.
nomenklatura takes part where it can be imported.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.screening_people import APPLYING, LISTED, SLIPS, Invented, people, syllabic_names
from benchmarks.screening_romanised import LANGUAGES
from benchmarks.screening_romanised import pairs as spelt_twice
from benchmarks.screening_scripts import CYRILLIC, LOCALES, romanised
from domain.screening.duplicates import find_duplicates
from domain.screening.index import MemoryIndex
from domain.screening.score import score_hit, score_hits
from domain.screening.screening import PRESET, screen
from domain.screening.screening_hit import REVIEWED, Band, ScreeningHit
from domain.screening.subject import ListEntry, ReferenceList, Subject

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
LIST = ReferenceList(list_id="bench", owner="benchmark", legal_basis="invented names", version_hash="0" * 64)
Scored = list[tuple[float, bool]]
Curves = dict[str, Scored]


def subject(place: int | str, one: Invented, *, born: str) -> Subject:
    return Subject(subject_id=str(place), names=(one.name,), birth_dates=(born,) if born else ())


WHOLE = len("2000-01-01")
"""Characters of a date of birth."""


def index_of(listed: Sequence[Invented], *, shown: int) -> MemoryIndex:
    """Return the index of *listed*, with so many characters of their dates of birth."""
    index = MemoryIndex()
    entries = (
        ListEntry(list_id="bench", subject_id=str(place), names=(one.name,), birth_dates=(one.birth_date[:shown],))
        for place, one in enumerate(listed)
    )
    index.add_list(LIST, entries)
    # What will live as long as the index need not be looked through by every garbage collection.
    gc.freeze()
    return index


def report(what: str, figure: str, *, target: str) -> None:
    print(f"{what:<74} {figure:<34} {target}", flush=True)


def precision_recall(scored: Scored, *, least: float) -> tuple[float, float, float]:
    hits = sum(true for score, true in scored if score >= least)
    found, all_true = sum(score >= least for score, _ in scored), sum(true for _, true in scored)
    precision, recall = hits / max(1, found), hits / max(1, all_true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def average_precision(scored: Scored) -> float:
    """Ties enter together."""
    area = previous = 0.0
    for least in sorted({score for score, _ in scored}, reverse=True):
        precision, recall, _ = precision_recall(scored, least=least)
        area, previous = area + precision * (recall - previous), recall
    return area


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def public_pairs(curves: Curves) -> None:
    """Pairs of names: alike is what the preset bands would have reviewed; the curve is of scores."""
    path = SHARED / "names" / "namebench_person.csv"
    if not path.exists():
        return
    labelled = rows(path)
    for quality, target in (("", "F1 >= .82"), ("STRONG", "F1 = 1")):
        wanted = [row for row in labelled if quality in {"", row["quality"]}]
        hits = [_hit_between(row["name1"], row["name2"]) for row in wanted]
        true = [row["is_match"] == "true" for row in wanted]
        reviewed = [(float(hit is not None and hit.band in REVIEWED), yes) for hit, yes in zip(hits, true, strict=True)]
        scored = [(hit.score if hit else 0.0, yes) for hit, yes in zip(hits, true, strict=True)]
        curves[f"name_bench {quality}".strip()] = scored
        precision, recall, f1 = precision_recall(reviewed, least=1.0)
        figure = f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f} AP {average_precision(scored):.3f}"
        report(f"name_bench {quality} ({len(scored)})", figure, target=target)


def _hit_between(name: str, other: str) -> ScreeningHit | None:
    """Return the hit of one name on a list that holds the other; every score is kept, for the curve."""
    entry = ListEntry(list_id="bench", subject_id="2", names=(other,))
    person = Subject(subject_id="1", names=(name,))
    return score_hit(person, entry, reference=LIST, thresholds=PRESET.revised(weak=0.01))


def innocents(*, count: int) -> None:
    """Applicants of other locales against a list of 13,000: nobody of them is meant."""
    listed, applying = people(LISTED, count=13_000, seed=9_001), people(APPLYING, count=count, seed=50_002)
    for what, shown, target in (("by name alone", 0, "<= 0.50 %"), ("with year of birth", 4, "<= 0.25 %")):
        index = index_of(listed, shown=shown)
        bands = [
            {hit.band for hit in screen(subject(n, one, born=one.birth_date[:shown]), index).to_review}
            for n, one in enumerate(applying)
        ]
        exact = sum(Band.EXACT in found for found in bands)
        alerted = sum(bool(found) for found in bands)
        figure = f"{100 * alerted / count:.2f} % (equal names: {100 * exact / count:.2f} %)"
        report(f"ordinary applicants alerted {what} ({count})", figure, target=target)


def large_list(curves: Curves, *, size: int, queries: int) -> MemoryIndex:
    """100,000 names with dates of birth, eleven kinds of slip, and as many people who are not on it."""
    listed = syllabic_names(count=size, seed=303)
    started = time.process_time()
    index = index_of(listed, shown=WHOLE)
    built = time.process_time() - started
    chance, kinds = random.Random(404), list(SLIPS)
    asked = [(place, kinds[n % len(kinds)]) for n, place in enumerate(chance.sample(range(size), queries))]
    slipped = [(place, kind, " ".join(SLIPS[kind](listed[place].name.split(), chance))) for place, kind in asked]
    strangers = syllabic_names(count=queries, seed=505)
    for dated in (True, False):
        wanted = [Invented(name, listed[place].birth_date if dated else "") for place, _, name in slipped]
        others = [Invented(stranger.name, stranger.birth_date if dated else "") for stranger in strangers]
        started = time.process_time()
        found = [screen(subject("q", person, born=person.birth_date), index).hits for person in chain(wanted, others)]
        speed = len(found) / (time.process_time() - started)
        reached = [_reaches(hits, str(place)) for hits, (place, _, _) in zip(found, slipped, strict=False)]
        exact = [ok for ok, (_, kind, _) in zip(reached, slipped, strict=True) if kind in {"exact", "capitals"}]
        alerts = sum(any(hit.band in REVIEWED for hit in hits) for hits in found[queries:])
        words = "with date of birth" if dated else "by name alone"
        figure = f"R {sum(reached) / queries:.3f} alerts {100 * alerts / queries:.2f} %"
        report(f"{size:,} names {words} ({queries})", figure, target="R >= .97" if dated else "")
        report("  exact names found", f"{sum(exact) / len(exact):.3f}", target="1.000")
        report("  applications a second and core", f"{speed:.0f}", target=">= 400")
        curves[f"{size:,} names {words}"] = _curve(found, [str(place) for place, _, _ in slipped])
        worst = sorted(
            (sum(r for r, (_, k, _) in zip(reached, slipped, strict=True) if k == kind), kind) for kind in kinds
        )
        report(
            "  weakest slips", ", ".join(f"{kind} {n * len(kinds) / queries:.2f}" for n, kind in worst[:3]), target=""
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("  building the index, entries a second; peak memory", f"{size / built:.0f}; {peak:,.0f} MB", target="")
    return index


def _reaches(hits: Iterable[ScreeningHit], entry_id: str) -> bool:
    return any(hit.entry_id == entry_id and hit.band in REVIEWED for hit in hits)


def _curve(found: Sequence[Sequence[ScreeningHit]], true: list[str]) -> Scored:
    """The best score of the right entry (0 if not found), and of the best wrong one."""
    scored: Scored = []
    for place, hits in enumerate(found):
        right = true[place] if place < len(true) else None
        if right is not None:
            scored.append((max((hit.score for hit in hits if hit.entry_id == right), default=0.0), True))
        wrong = max((hit.score for hit in hits if hit.entry_id != right), default=0.0)
        scored.append((wrong, False))
    return scored


def scripts(*, count: int) -> None:
    """Full names put together from public transliterated tokens: native query, Latin list of 3,000.

    These tokens are foreign names for the most part, written down by ear.
    """
    for language in ("arabic", "russian", "japanese", "chinese"):
        path = SHARED / "names" / f"wd_{language}_tokens.csv"
        if not path.exists():
            continue
        tokens = [
            row for row in rows(path) if row["latin"].isalpha() and len(row["latin"]) > 2 and len(row["native"]) > 1
        ]
        chance = random.Random(606)
        pairs = [(chance.choice(tokens), chance.choice(tokens)) for _ in range(3_000)]
        latin = [f"{one['latin']} {other['latin']}" for one, other in pairs]
        between = "·" if language in {"japanese", "chinese"} else " "
        native = [one["native"] + between + other["native"] for one, other in pairs[:count]]
        _across(f"{language} script against Latin, by name alone ({count})", native, latin)


def standards(*, count: int) -> None:
    """Names of Russia, Ukraine and Bulgaria against the same names as each standard romanises them."""
    for standard in CYRILLIC:
        drawn = people((LOCALES[standard[:2]],), count=6_000, seed=31)
        names = list(dict.fromkeys(person.name for person in drawn))[:3_000]
        latin = [romanised(name, standard) for name in names]
        _across(f"Cyrillic against {standard} ({count})", names[:count], latin, target="R >= .90")


def romanised_pairs(*, count: int) -> None:
    """Two romanisations of one name in nine languages, of parts of names that no rule was looked at with."""
    for language in LANGUAGES:
        held = spelt_twice(language, count=count, held=True, seed=1)
        index = index_of([Invented(pair.other, "") for pair in held], shown=0)
        asked = [subject("q", Invented(pair.one, ""), born="") for pair in held]
        hits = [screen(person, index).to_review for person in asked]
        right = sum(_reaches(found, str(n)) for n, found in enumerate(hits))
        near = sum(str(n) in {entry.subject_id for entry in index.candidates(one)} for n, one in enumerate(asked))
        figure = f"R {right / len(held):.3f} in the best 30 {near / len(held):.3f}"
        report(f"{language}: two romanisations, held out ({len(held)})", figure, target="R >= .90, .93")


def families(*, count: int) -> None:
    """An invented register of families and namesakes, searched by us and by Splink, each in a process of its own."""
    for side, target in (("ours", "<= 600 MB"), ("splink", "F1 no higher, a third of our speed")):
        command = [sys.executable, "-m", "benchmarks.screening_families", side, "--records", str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            report(f"register of families, {side}", "not measured: pip install splink", target=target)
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        figure = f"P {found['precision']:.3f} R {found['recall']:.3f} F1 {found['f1']:.3f} {found['megabytes']:.0f} MB"
        speed = f"{count / found['seconds']:,.0f} a second"
        report(f"register of families, {side}, {count:,} records, {speed}", figure, target=target)


def _across(what: str, native: Sequence[str], latin: Sequence[str], *, target: str = "") -> None:
    """Screen *native* against *latin*, where the same person has the same place."""
    index = index_of([Invented(name, "") for name in latin], shown=0)
    hits = [screen(subject(n, Invented(name, ""), born=""), index).to_review for n, name in enumerate(native)]
    right = sum(_reaches(found, str(n)) for n, found in enumerate(hits))
    report(what, f"P {right / max(1, sum(map(len, hits))):.3f} R {right / len(native):.3f}", target=target)


def duplicates(curves: Curves) -> None:
    if not (SHARED / "duplicates").exists():
        return
    for name, files, target in (
        ("FEBRL3 (thresholds fixed here)", ("febrl3",), ""),
        ("FEBRL4", ("febrl4a", "febrl4b"), "P >= .98 R >= .90"),
    ):
        records = [row for file in files for row in rows(SHARED / "duplicates" / f"{file}.csv")]
        persons = [
            Subject(subject_id=row["rec_id"], names=(f"{row['given_name']} {row['surname']}".strip() or "-",),
                    birth_dates=(row["date_of_birth"],), places=(row["postcode"],))
            for row in records
        ]  # fmt: skip
        true = {
            tuple(sorted((row["a"], row["b"]))) for row in rows(SHARED / "duplicates" / f"{files[0][:6]}_links.csv")
        }
        started = time.process_time()
        found = find_duplicates(persons)
        speed = len(persons) / (time.process_time() - started)
        strong = {(pair.left_id, pair.right_id) for pair in found.pairs if pair.band in REVIEWED}
        figure = f"P {len(strong & true) / len(strong):.4f} R {len(strong & true) / len(true):.4f}"
        report(f"{name}, {len(persons):,} records, {speed:,.0f} a second", figure, target=target)
        scored = [(pair.score, (pair.left_id, pair.right_id) in true) for pair in found.pairs]
        missed = len(true) - sum(one for _, one in scored)
        curves[name.split(" ", maxsplit=1)[0]] = scored + [(0.0, True)] * missed


def transliteration() -> None:
    """anyascii against ICU, where PyICU is installed: the same scorer on the words each makes."""
    try:
        import icu
    except ImportError:
        report("logic-v2", "pip install nomenklatura PyICU (compiles)", target=">= 5x")
        return
    from rapidfuzz.distance import OSA

    from domain.screening.names.scripts import tidied, to_latin
    from domain.screening.names.skeletons import latin_skeleton

    to_icu = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower").transliterate
    for language in ("arabic", "russian", "chinese", "japanese"):
        tokens = rows(SHARED / "names" / f"wd_{language}_tokens.csv")
        close = [0, 0]
        for row in tokens:
            native, latin = tidied(row["native"]), to_latin(tidied(row["latin"])).replace(" ", "")
            made = to_latin(native).replace(" ", ""), "".join(filter(str.isalnum, to_icu(native)))
            for place, word in enumerate(made):
                close[place] += OSA.distance(latin_skeleton(word), latin_skeleton(latin)) <= 1
        shares = " ".join(
            f"{what} {one / len(tokens):.3f}" for what, one in zip(("anyascii", "ICU"), close, strict=True)
        )
        report(f"{language} tokens with skeletons at most one edit apart", shares, target="")


def peer(*, rounds: int = 15, count: int = 60) -> None:
    """nomenklatura's logic-v2 on the candidates we score, in turn; every entity has an id of its own."""
    try:
        from followthemoney import model
        from nomenklatura.matching import LogicV2, ScoringConfig
    except ImportError:
        report(
            "speed against nomenklatura logic-v2",
            "not installed: pip install nomenklatura PyICU (compiles)",
            target=">= 5x",
        )
        return
    index = index_of(people(LISTED, count=13_000, seed=101), shown=WHOLE)
    config = ScoringConfig.defaults()
    together: list[float] = []
    searched: list[float] = []
    alone: list[float] = []

    def entity(key: str, one: Subject) -> Any:
        properties = {"name": list(one.names), "birthDate": list(one.birth_dates)}
        return model.get_proxy({"id": key, "schema": "Person", "properties": properties})

    for turn in range(rounds + 1):
        asked = [
            subject(n, person, born=person.birth_date)
            for n, person in enumerate(people(APPLYING, count=count, seed=turn))
        ]
        started = time.process_time()
        found = [(sought, list(index.candidates(sought))) for sought in asked]
        blocked = time.process_time()
        for one, others in found:
            list(score_hits(one, others, reference_of=lambda _: LIST, thresholds=PRESET))
        scored = time.process_time()
        pairs = [(one, other) for one, others in found for other in others]
        for one, other in pairs:
            score_hit(one, other, reference=LIST, thresholds=PRESET)
        apart = time.process_time()
        made = [(entity(f"q{turn}-{n}", pair), entity(f"e{turn}-{n}", other)) for n, (pair, other) in enumerate(pairs)]
        begun = time.process_time()
        for left, right in made:
            LogicV2.compare(left, right, config)
        theirs = time.process_time() - begun
        if turn:  # the first round loads nomenklatura's tables
            together.append(theirs / (scored - blocked))
            searched.append(theirs / (scored - started))
            alone.append(theirs / (apart - scored))
    for what, times, target in (
        ("a person's candidates together, as screening does", together, ">= 5x"),
        ("the same with our search for candidates", searched, ""),
        ("pair by pair", alone, ""),
    ):
        figure = f"{median(times):.1f}x ({min(times):.1f}-{max(times):.1f})"
        report(f"logic-v2, {rounds} rounds: {what}", figure, target=target)


def draw(curves: Curves, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5))
    for name, scored in curves.items():
        steps = sorted({score for score, _ in scored if score > 0}, reverse=True)[:: max(1, len(scored) // 4000)]
        points = [precision_recall(scored, least=least)[:2] for least in steps]
        axes.plot([recall for _, recall in points], [precision for precision, _ in points], label=name)
        precision, recall, _ = precision_recall(scored, least=PRESET.alone)
        axes.plot(recall, precision, "k.")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0.4, 1.01), ylim=(0.4, 1.01))
    axes.set_title(f"Screening; dots at a score of {PRESET.alone}")
    axes.legend(loc="lower left")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    print(f"curves: {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the people")
    parser.add_argument("--names", type=int, default=100_000, help="names on the large list; 1000000 takes an hour")
    arguments = parser.parse_args()
    share = 10 if arguments.quick else 1
    curves: Curves = {}
    print(f"preset thresholds: {PRESET.model_dump()}")
    public_pairs(curves)
    innocents(count=4_000 // share)
    scripts(count=1_000 // share)
    standards(count=500 // share)
    romanised_pairs(count=500 // share)
    large_list(curves, size=arguments.names // share, queries=3_300 // share)
    duplicates(curves)
    families(count=50_000 // share)
    transliteration()
    peer()
    arguments.out.mkdir(parents=True, exist_ok=True)
    try:
        draw(curves, arguments.out / "screening-pr.png")
    except ImportError:
        print("curves: matplotlib is not installed")


if __name__ == "__main__":
    main()
