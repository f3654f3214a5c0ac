"""A pull judged by a pack, a part at a time: what a run looks through as often as it must, and never holds whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from dacompliance.judging.checking import Checked, Status, check, statuses
from dacompliance.judging.verdicts import together
from dacompliance.policy.model import Pack
from dacompliance.records.intake import Watch, unwatched
from dacompliance.records.parts import Pulled
from dacompliance.records.table import Records

Answer = TypeVar("Answer")
Look = Callable[[Records, Checked], Answer]


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What a run judges: the records of a pull by the rules of a pack, as at one instant (microseconds UTC).

    `failed` names the record sets not to be trusted, and why; `asked` the rules of a second look, None for all.
    `progress` is told how far it has come: what is being done, and the incidents it was done to since last told.
    """

    pulled: Pulled
    pack: Pack
    as_at: int
    zone: ZoneInfo
    failed: Mapping[str, str]
    asked: AbstractSet[str] | None = None
    progress: Watch = unwatched
    only: list[tuple[Records, Checked]] = field(default_factory=list, init=False)

    @property
    def status(self) -> Mapping[str, Status]:
        """What becomes of every rule of the pack, whichever part it is."""
        return statuses(self.pack, self.pulled.columns, self.failed, self.asked)

    def each(self, doing: str, look: Look[Answer]) -> Iterator[Answer]:
        """Yield what `look` makes of each part and what is said of it; of a pull in one part it is judged once.

        `doing` says in two words what for. A part is let go of before the next is read, if `look` gives back nothing
        that holds it: so this is no loop, whose name for a part would hold it meanwhile.
        """
        if self.only:
            return iter([look(*self.only[0])])
        return map(partial(self._looked_at, doing, look), self.pulled.parts())

    def _looked_at(self, doing: str, look: Look[Answer], records: Records) -> Answer:
        checked = check(records, self.pack, self.as_at, self.zone, self.failed, asked=self.asked)
        if len(self.pulled) == 1:
            self.only.append((records, checked))
        answer = look(records, checked)
        self.progress(doing, len(records.incidents))
        return answer

    def frame(self, without: Collection[str] = ()) -> pd.DataFrame:
        """Return all verdicts in words, whole in memory, but those of some rules."""
        every = together(list(self.each("incidents exported", lambda _, checked: checked.frame())))
        return every[~every["rule_id"].isin(without)]
