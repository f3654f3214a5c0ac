"""Proof: judging again, and telling two sets of verdicts apart."""
