"""Names of folders and files from the names of areas and teams, whatever those are. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 40


def slug(name: str) -> str:
    """Return a name that is a safe folder on any file share: letters, digits and hyphens, and ten of its hash.

    It depends on the name alone, so that a team's folder stays its own when others come and go; and the hash keeps two
    names apart that look alike once what is not a letter or digit is gone, or differ only in case.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    return f"{words or 'group'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"
