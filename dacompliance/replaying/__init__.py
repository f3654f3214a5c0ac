"""Judging again: one past run, two runs beside each other, or a whole period."""

from dacompliance.replaying.again import Replay, replay

__all__ = ["Replay", "replay"]
