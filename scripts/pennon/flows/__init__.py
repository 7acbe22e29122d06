"""The verbs: read, decide (pure), list the steps, apply them."""
