"""How a candidate is judged: its rows, its rivals, and all that is measured of it."""
