"""Templates compiled once a process: to compile them takes longer than to fill them, and a run fills many."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps the code of each template for as long as its text stays as it was. One for each kind of environment."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template's text, if it is kept."""
        text, code = self._kept.get(bucket.key, ("", None))
        if text == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template's text."""
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.checksum, bucket.code
