"""The demo: one model repository through its whole life, each step checked as it is shown."""
