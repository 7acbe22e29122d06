"""pennon: your GitHub repository is the model registry."""

__version__ = "0.1.0"
