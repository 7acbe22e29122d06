"""Serving: a bundle that answers over HTTP. `python -m pennon.serving BUNDLE` is all of it."""
