"""The parts of a run: how it stood before, what it refuses, what it changes, what it keeps and what came of it."""
