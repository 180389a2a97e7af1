"""The invented election of Valdara: packages to rehearse with, their truth, and what demonstration officers decide."""

from flows.rehearsal.check import CheckedOutcome, Difference, differences
from flows.rehearsal.demonstration import demonstration_outcome
from flows.rehearsal.package.folder import PackageSummary, write_package
from flows.rehearsal.package.resources import valdara
from flows.rehearsal.package.truth import TruthRow, read_truth

__all__ = [
    "CheckedOutcome",
    "Difference",
    "PackageSummary",
    "TruthRow",
    "demonstration_outcome",
    "differences",
    "read_truth",
    "valdara",
    "write_package",
]
