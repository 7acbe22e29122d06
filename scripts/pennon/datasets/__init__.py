"""Datasets: contract, lock, sealed holdout, sample.

This door is light: `frame`, `contract`, `holdout` and `sample` import pandas when they get rows.
"""

from pennon.datasets.contract import breaches
from pennon.datasets.finding import Finding
from pennon.datasets.frame import read
from pennon.datasets.holdout import Split, split
from pennon.datasets.lock import differences, schema_digest, with_lock
from pennon.datasets.sample import sample
from pennon.datasets.source import content_digest, files

__all__ = [
    "Finding",
    "Split",
    "breaches",
    "content_digest",
    "differences",
    "files",
    "read",
    "sample",
    "schema_digest",
    "split",
    "with_lock",
]
