"""The whole invented force, from one seed: its tables through time, and the keys of what was sown in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from dacompliance.demo.cases import make_occurrences, make_victims
from dacompliance.demo.dice import Dice
from dacompliance.demo.draft import Draft
from dacompliance.demo.links import make_links
from dacompliance.demo.mornings import STAGED
from dacompliance.demo.paperwork import make_checks, make_endorsements, make_forms, make_referrals
from dacompliance.demo.people import make_staff
from dacompliance.demo.sheet import Sheet
from dacompliance.demo.sheets import make_sheets
from dacompliance.demo.sown import SOWN

SEED: Final = 2018
NAME: Final = "Westmarch Constabulary"


@dataclass(frozen=True, slots=True, eq=False)
class Force:
    """The force's tables by name, and the monitor's keys of what was sown and staged, by name."""

    sheets: Mapping[str, Sheet]
    sown: Mapping[str, tuple[str, ...]]
    staged: Mapping[str, tuple[str, ...]]


def make_force(seed: int = SEED) -> Force:
    """Make the force: every seed makes the same one each time."""
    dice = Dice(seed)
    employees, roster = make_staff()
    occurrences = make_occurrences(dice, roster)
    victims = make_victims(dice, occurrences)
    forms = make_forms(dice, occurrences, victims)
    endorsements = make_endorsements(dice, occurrences, victims, forms)
    checks = make_checks(dice, roster, forms, endorsements)
    referrals = make_referrals(dice, occurrences, victims, forms, endorsements)
    shared = np.bincount(victims.occurrence)[victims.occurrence] > 1
    draft = Draft(dice, employees, occurrences, victims, forms, endorsements, checks, referrals, taken=shared)
    links = make_links(draft)
    staged = {each.name: each.stage(draft, links, each.count) for each in STAGED}
    sown = {each.name: each.sow(draft, links, each.count) for each in SOWN}
    return Force(make_sheets(draft), sown, staged)
