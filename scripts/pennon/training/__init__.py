"""Training: the repository's recipe on training rows; the sealed rows' target never goes in."""
