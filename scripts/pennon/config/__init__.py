"""What a model repository says about itself, as frozen records."""

from pennon.config.dataset import Blocks, Column, Contract, Dataset, Holdout, Kind, Lock, Sample
from pennon.config.gates import Against, Approvals, Gate, Gates, NotWorse, Superior, Unsure
from pennon.config.load import ReadText, load
from pennon.config.parse import Problem, ProblemsError, document, read
from pennon.config.principles import PRINCIPLES, Principle, Principles, Statement
from pennon.config.project import (
    Costs,
    Environment,
    Model,
    Naming,
    Project,
    Promotion,
    Record,
    Registry,
    Signatures,
    Slice,
    Task,
)
from pennon.config.whole import GATES, PARAMS, PROJECT, Config, dataset_file

__all__ = [
    "GATES",
    "PARAMS",
    "PRINCIPLES",
    "PROJECT",
    "Against",
    "Approvals",
    "Blocks",
    "Column",
    "Config",
    "Contract",
    "Costs",
    "Dataset",
    "Environment",
    "Gate",
    "Gates",
    "Holdout",
    "Kind",
    "Lock",
    "Model",
    "Naming",
    "NotWorse",
    "Principle",
    "Principles",
    "Problem",
    "ProblemsError",
    "Project",
    "Promotion",
    "ReadText",
    "Record",
    "Registry",
    "Sample",
    "Signatures",
    "Slice",
    "Statement",
    "Superior",
    "Task",
    "Unsure",
    "dataset_file",
    "document",
    "load",
    "read",
]
