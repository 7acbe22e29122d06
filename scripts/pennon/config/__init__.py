"""What a model repository says about itself, as frozen records."""

from pennon.config.dataset import Blocks, Column, Contract, Dataset, Holdout, Kind, Lock, Sample
from pennon.config.gates import Against, Approvals, Gate, Gates, NotWorse, Superior, Unsure
from pennon.config.load import GATES, PARAMS, PROJECT, Config, ReadText, dataset_file, load
from pennon.config.parse import Problem, ProblemsError, document, read
from pennon.config.project import (
    Environment,
    Model,
    Naming,
    Project,
    Promotion,
    Record,
    Registry,
    Signatures,
    Task,
)

__all__ = [
    "GATES",
    "PARAMS",
    "PROJECT",
    "Against",
    "Approvals",
    "Blocks",
    "Column",
    "Config",
    "Contract",
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
    "Problem",
    "ProblemsError",
    "Project",
    "Promotion",
    "ReadText",
    "Record",
    "Registry",
    "Sample",
    "Signatures",
    "Superior",
    "Task",
    "Unsure",
    "dataset_file",
    "document",
    "load",
    "read",
]
