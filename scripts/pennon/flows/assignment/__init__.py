"""How a version gets a stage: asked for, agreed to, decided."""
