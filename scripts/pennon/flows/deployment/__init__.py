"""From a stage to its environments: what is wanted where, what holds it back, what was healthy."""
