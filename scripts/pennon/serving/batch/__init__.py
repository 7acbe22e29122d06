"""Batch scoring: files in, files with predictions out, chunk by chunk.

A file is split (`split`, `parquet`), its chunks are scored by an engine (`local`, `cluster`), and
what is complete is kept (`journal`), so that a run which was killed goes on. `run` has it all.
"""
