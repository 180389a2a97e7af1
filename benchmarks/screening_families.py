"""The invented register of families searched for people who stand in it twice, by us or by Splink, in its own process.

Run: python -m benchmarks.screening_families ours|splink --records 50000. Splink is given what its own documentation
uses for people: forename and surname together, dates of birth by its comparison of them, exact place and telephone,
two sessions of expectation maximisation, blocking by any two parts that agree; one thread. Its threshold is the one
that is best for it on the truth, which nobody would know; ours is the preset one.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from benchmarks.screening_register import Record, register

Pairs = set[tuple[str, str]]
SEED = 8_081


class Found(NamedTuple):
    precision: float
    recall: float
    f1: float
    seconds: float
    megabytes: float


def true_pairs(records: Sequence[Record]) -> Pairs:
    same: dict[int, list[str]] = {}
    for record in records:
        same.setdefault(record.person, []).append(record.record_id)
    return {pair for ids in same.values() for pair in combinations(sorted(ids), 2)}


def judged(found: Pairs, true: Pairs) -> tuple[float, float, float]:
    precision, recall = len(found & true) / max(1, len(found)), len(found & true) / len(true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def ours(records: Sequence[Record], true: Pairs) -> tuple[float, float, float]:
    from domain.screening.duplicates import find_duplicates
    from domain.screening.screening_hit import REVIEWED
    from domain.screening.subject import Subject

    persons = [
        Subject(subject_id=record.record_id, names=(record.name,), birth_dates=(record.birth_date,),
                places=(record.postcode,), contacts=(record.phone,))
        for record in records
    ]  # fmt: skip
    report = find_duplicates(persons)
    return judged({(pair.left_id, pair.right_id) for pair in report.pairs if pair.band in REVIEWED}, true)


def splink(records: Sequence[Record], true: Pairs) -> tuple[float, float, float]:
    import duckdb
    import pandas as pd
    import splink.comparison_library as comparisons
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rows = [
        {"unique_id": record.record_id, "forename": record.name.lower().split()[0],
         "surname": record.name.lower().split()[-1], "birth_date": record.birth_date or None,
         "postcode": record.postcode or None, "phone": record.phone or None, "year": record.birth_date[:4] or None}
        for record in records
    ]  # fmt: skip
    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 1")
    blocks = [
        block_on(*columns)
        for columns in (("birth_date",), ("phone",), ("forename", "surname"), ("surname", "year"), ("forename", "year"),
                        ("surname", "postcode"), ("forename", "postcode"))
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparisons.ForenameSurnameComparison("forename", "surname"),
            comparisons.DateOfBirthComparison("birth_date", input_is_string=True),
            comparisons.ExactMatch("postcode"),
            comparisons.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection).register(pd.DataFrame(rows)), settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(blocks[1:3], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth_date"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("forename", "surname"))
    predicted: Any = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    scored = {tuple(sorted((row["unique_id_l"], row["unique_id_r"]))): row["match_probability"] for row in predicted}
    tried = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
    return max(
        (judged({(one, other) for (one, other), score in scored.items() if score >= least}, true) for least in tried),
        key=lambda figures: figures[2],
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("side", choices=("ours", "splink"))
    words.add_argument("--records", type=int, default=50_000)
    given = words.parse_args()
    records = register(count=given.records, seed=SEED)
    true = true_pairs(records)
    search = ours if given.side == "ours" else splink
    started = time.process_time()
    figures = search(records, true)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(Found(*figures, seconds, peak)._asdict()))


if __name__ == "__main__":
    main()
