"""How often each form of rule, record and outcome occurred, and which never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.generative.cases import Case
from tests.generative.forms import all_forms, forms_of
from tests.generative.record_forms import Form
from tests.plain.facts import items
from tests.plain.judge import Verdict


@dataclass(slots=True)
class Tally:
    """What was compared."""

    cases: int = 0
    items: int = 0
    verdicts: int = 0
    forms: Counter[Form] = field(default_factory=Counter)

    def count(self, case: Case, verdicts: list[Verdict]) -> None:
        """Count one case, on which both judges agree."""
        self.cases += 1
        self.items += len(items(case.records, case.now, case.zone))
        self.verdicts += len(verdicts)
        self.forms.update(forms_of(case, verdicts))

    def never(self) -> list[str]:
        """Return the forms that never occurred, in words."""
        return [": ".join(form) for form in all_forms() if not self.forms[form]]

    def lines(self) -> Iterator[str]:
        """Yield what was compared, family by family."""
        yield f"{self.cases:,} cases, {self.items:,} items, {self.verdicts:,} verdicts: the two judges agree on every one."
        expected = list(all_forms())
        for family in dict.fromkeys(family for family, _ in expected):
            said = ", ".join(f"{name} {self.forms[family, name]:,}" for each, name in expected if each == family)
            yield f"  {family}: {said}"
