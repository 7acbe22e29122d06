"""How a candidate becomes a version: its number, its engine, its papers, its draft."""
