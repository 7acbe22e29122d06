"""Registered versions: their files, the places of these, and versions as folders that score."""
