import re

import pytest

from dacompliance.reporting.slugs import slug

HOSTILE = [
    "../../etc/passwd", "..", "", " ", "CON", "nul.txt", "a/b", "a\\b", "A" * 300, "=cmd|' /C calc'!A0",
    "<script>", "naïve", "Ünïted", "漢字", "\u202egnp.exe", "team.", "team ", "Team", "team", "TEAM", "tea m", "\x00", "\n",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_plain_folder_on_any_file_share(name):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{10}", slug(name))
    assert len(slug(name)) <= 51


def test_no_two_names_share_a_folder_and_each_keeps_its_own():
    assert len({slug(name) for name in HOSTILE}) == len(HOSTILE)
    assert slug("Response A") == "response-a-" + slug("Response A")[-10:]
