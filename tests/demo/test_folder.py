"""A second demonstration takes the first one's place, and nobody else's."""

from __future__ import annotations

import pytest

from dacompliance.demo.folder import MARKER, clear
from dacompliance.errors import UsageError


def filled(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return folder


OURS = (
    "config.toml",
    "force.db",
    "ledger.db",
    "ledger.db-wal",
    "rules/calendars.toml",
    "notices/a.eml",
    "pages/1/a.html",
)


@pytest.mark.parametrize("made", ["missing", "empty", "nested"])
def test_a_new_or_empty_folder_is_taken(tmp_path, made):
    folder = tmp_path / {"missing": "new", "empty": ".", "nested": "a/b"}[made]
    clear(folder)
    assert [path.name for path in folder.iterdir()] == [MARKER]


def test_an_earlier_demonstration_is_removed(tmp_path):
    clear(tmp_path)
    filled(tmp_path, *OURS)
    clear(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == [MARKER]


@pytest.mark.parametrize(
    "stranger",
    [
        "notes.txt",
        "rules/NEW-01-our-own.toml",
        "notices/letter.docx",
        "pages/photo.png",
        "old/config.toml",
        "force.db.bak",
    ],
)
def test_a_folder_with_anything_else_is_left_as_it_is(tmp_path, stranger):
    clear(tmp_path)
    filled(tmp_path, *OURS, stranger)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="not made by the demonstration") as refused:
        clear(tmp_path)
    assert stranger in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_force_s_own_folder_is_never_taken_for_a_demonstration(tmp_path):
    filled(tmp_path, "config.toml", "ledger.db")
    with pytest.raises(UsageError, match="no demonstration made"):
        clear(tmp_path)
    assert (tmp_path / "ledger.db").exists()


def test_a_file_is_no_folder(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        clear(filled(tmp_path, "demo") / "demo")


def test_a_link_is_not_followed(tmp_path):
    real = filled(tmp_path / "real", "config.toml")
    (tmp_path / "demo").symlink_to(real)
    with pytest.raises(UsageError, match="is not a folder"):
        clear(tmp_path / "demo")
    assert (real / "config.toml").exists()


def test_a_removal_cut_short_can_be_taken_up_again(tmp_path):
    clear(tmp_path)
    filled(tmp_path, "ledger.db")
    clear(tmp_path)
    assert (tmp_path / MARKER).is_file()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        clear(tmp_path / "file" / "demo")
