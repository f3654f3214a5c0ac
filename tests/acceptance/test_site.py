"""The site of pages on whole runs: every figure opens to its cases, nothing rises unsaid, and nothing does harm."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dacompliance.reporting.folder import SUMS, write_site
from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.reporting.markup import Element, read

HOSTILE = "=1+1\"><script>alert(1)</script></table>{{ 7*7 }}'&amp;../.."
LATER = "Wed 2026-11-04 06:30"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def page(path: Path) -> Element:
    return read(path.read_text(encoding="utf-8"))


def text(path: Path) -> str:
    return " ".join(page(path).one("body").text().split())


def reported(force: SmallForce, *arguments: str, at: str = "Tue 2026-11-03 06:30") -> Path:
    ran = force.run("report", *arguments, at=at)
    assert ran.code == 0, ran.err
    return force.folder / "reports-out"


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def many(force: SmallForce) -> None:
    """Put forty incidents of two months, two areas and three teams: done in time, done late, not done, excluded."""
    incidents, forms = [], []
    for n in range(40):
        day = 1 + n % 27
        month = "09" if n % 2 else "10"
        more = {"excluded_reason": "duplicate"} if n % 11 == 0 else {}
        incidents.append(
            {**REPORTED, "incident_ref": f"I{n:02d}", "reported_at": f"2026-{month}-{day:02d} 10:00", "area": ("North", "South")[n % 4 // 2],
             "team": f"T{n % 3}", "repeat_victim": ("yes", "no")[n % 2], **more}
        )  # fmt: skip
        if n % 3:
            submitted = f"2026-{month}-{day:02d} 12:00" if n % 5 else "2026-10-30 12:00"
            forms.append({**FORM, "assessment_ref": f"A{n:02d}", "incident_ref": f"I{n:02d}", "submitted_at": submitted,
                          "risk_grade": ("standard", "high")[n % 7 == 0], "signed_off_at": "2026-10-30 13:00"})  # fmt: skip
    force.put("incidents", incidents)
    force.put("assessments", forms)


def month_rows(body: Element) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield the file, the headings and the cells of each row of the month table."""
    table = next(each for each in body.all("table") if each.children[0].attributes.get("id") == "table-month")
    heads = [head.text() for head in table.one("thead").all("th")]
    for row in table.one("tbody").all("tr"):
        yield row.one("a").attributes["href"], heads, [cell.text() for cell in row.children]


def test_every_figure_of_every_measure_opens_to_exactly_its_cases(force: SmallForce):
    many(force)
    assert force.run("check").code == 0
    folder = reported(force)
    counted = 0
    others = {"fully-compliant.html": ("judged", "fully_compliant"), "completion-groups.html": ("counted", "complete")}
    for path in [*sorted((folder / "rules").glob("*.html")), *(folder / name for name in others)]:
        body = page(path).one("body")
        for href, heads, cells in month_rows(body):
            cases = rows_of((path.parent / href).resolve())
            of, hit = others.get(path.name, ("judged", "met"))
            assert cells[1:3] == [
                str(sum(row[hit] == "yes" for row in cases)),
                str(sum(row[of] == "yes" for row in cases)),
            ]
            for head, cell in zip(heads, cells, strict=True):
                name = head.lower()
                if name in {row["category"] for row in cases}:
                    assert int(cell) == sum(row["category"] == name for row in cases), (path.name, href, head)
                    counted += 1
        counted += groups_of(body, folder, path, others.get(path.name, ("judged", "met"))[1])
    assert counted > 150


def groups_of(body: Element, folder: Path, path: Path, hit: str) -> int:
    """Hold each group of each breakdown to the filter the page names; return how many were."""
    counted = 0
    for table in body.all("table"):
        found = re.search(
            r"files of (\S+) to (\S+) in (cases/\S+?)/\s*, filter (\w+)\s*, and (\w+) is yes", table.children[0].text()
        )
        if found is None:
            continue
        first, last, where, column, of = found.groups()
        cases = [
            row
            for each in sorted((folder / where).glob("20*.csv"))
            if first <= each.stem <= last
            for row in rows_of(each)
        ]
        for row in table.one("tbody").all("tr"):
            cells = [cell.text() for cell in row.children]
            inside = [each for each in cases if each[column] == cells[0] and each[of] == "yes"]
            assert int(cells[2]) == len(inside), (path.name, column, cells)
            assert int(cells[1]) == sum(each[hit] == "yes" for each in inside)
            counted += 1
    return counted


def test_the_file_of_figures_agrees_with_the_cases_in_every_month_week_and_group(force: SmallForce):
    many(force)
    assert force.run("check").code == 0
    folder = reported(force)
    hits = {"completion": ("counted", "complete"), "fully-compliant": ("judged", "fully_compliant")}
    for row in rows_of(folder / "figures.csv")[::7]:
        of, hit = hits.get(row["measure"], ("judged", "met"))
        cases = [case for path in (folder / "cases" / row["measure"]).glob("20*.csv") for case in rows_of(path)]
        if row["period_kind"] in ("month", "week"):
            cases = [case for case in cases if case[row["period_kind"]] == row["period"]]
        if row["grouping"] != "force":
            cases = [case for case in cases if case[row["grouping"]] == row["group"]]
        numbers = [len(cases), sum(case[of] == "yes" for case in cases), sum(case[hit] == "yes" for case in cases)]
        assert [int(row[name]) for name in ("population", "denominator", "numerator")] == numbers, row


def test_a_team_s_folder_has_its_own_cases_and_leads_nowhere_else(force: SmallForce):
    many(force)
    assert force.run("check").code == 0
    folder = reported(force)
    teams = sorted((folder / "teams").iterdir())
    assert len(teams) == 3
    for team in teams:
        own = page(team / "index.html").one("h1").text().removeprefix("Team ")
        files = list((team / "cases").glob("*.csv"))
        assert len(files) > 10
        assert {row["team"] for path in files for row in rows_of(path)} == {own}
        shown = page(team / "index.html")
        for link in shown.all("a"):
            target = link.attributes["href"]
            assert target.startswith("#") or (team / target).resolve().is_relative_to(team.resolve())
        others = {"T0", "T1", "T2"} - {own}
        assert not any(re.search(rf"\b{other}\b", shown.text()) for other in others)


def test_the_same_ledger_and_options_give_the_same_bytes_and_a_past_run_its_own(force: SmallForce):
    many(force)
    assert force.run("check").code == 0
    first = everything(reported(force))
    force.execute("UPDATE incidents SET excluded_reason = 'duplicate' WHERE incident_ref = 'I03'")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at=LATER).code == 0
    assert (
        force.run("report", "--run", "1", "--folder", str(force.folder / "again"), at="Fri 2026-12-04 10:00").code == 0
    )
    again = everything(force.folder / "again")
    only_last = {"open-exceptions.csv", "index.html", "SHA256SUMS"}
    assert {name: first[name] for name in set(first) - only_last} == {
        name: again[name] for name in set(again) - only_last
    }
    assert force.run("report", "--folder", str(force.folder / "one"), at=LATER).code == 0
    assert force.run("report", "--folder", str(force.folder / "two"), at="Fri 2026-12-04 10:00").code == 0
    assert everything(force.folder / "one") == everything(force.folder / "two")
    for name, content in everything(force.folder / "one").items():
        if name != "SHA256SUMS":
            assert (
                f"{hashlib.sha256(content).hexdigest()}  {name}\n" in (force.folder / "one" / "SHA256SUMS").read_text()
            )


def test_a_page_that_is_no_more_part_of_the_report_goes_and_somebody_s_own_file_stays(force: SmallForce):
    many(force)
    assert force.run("check").code == 0
    folder = reported(force)
    (folder / "notes.html").write_text("mine")
    (folder / "teams" / "mine.txt").write_text("mine")
    before = {path.name for path in (folder / "teams").iterdir()}
    force.execute("UPDATE incidents SET team = 'T1' WHERE team = 'T0'")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at=LATER).code == 0
    reported(force, at=LATER)
    after = {path.name for path in (folder / "teams").iterdir()}
    assert {name[:2] for name in before - after} == {"t0"}
    assert (folder / "notes.html").exists()
    assert (folder / "teams" / "mine.txt").exists()


def test_after_a_report_that_was_cut_short_the_next_still_removes_what_is_no_more_part_of_it(tmp_path):
    write_site(tmp_path, [("a.html", b"1"), ("teams/t/index.html", b"1")])

    def cut_short():
        yield "a.html", b"2"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_site(tmp_path, cut_short())
    assert not (tmp_path / SUMS).exists(), "it cannot be taken for a whole report"
    write_site(tmp_path, [("a.html", b"2")])
    assert everything(tmp_path).keys() == {"a.html", SUMS}


CHANGES = {
    "excluded": "UPDATE incidents SET excluded_reason = 'duplicate' WHERE incident_ref = 'I1'",
    "regraded": "UPDATE assessments SET risk_grade = 'standard' WHERE incident_ref = 'I1'",
    "withdrawn": "DELETE FROM incidents WHERE incident_ref = 'I1'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_that_is_done_to_a_case_after_a_breach_raises_a_rate_without_the_page_saying_so(
    force: SmallForce, change
):
    force.put("incidents", [{**REPORTED, "incident_ref": name} for name in ("I1", "I2")])
    force.put("assessments", [{**FORM, "assessment_ref": f"A{name}", "incident_ref": name} for name in ("I1", "I2")])
    sent = {"incident_ref": "I2", "destination": "MASH", "referred_at": "2026-10-31 09:30"}
    force.put("referrals", [{"referral_ref": "R2", **sent}])
    force.edit("[readers]", "[gates]\nshort_share = 0.1\n[readers]")
    assert force.run("check").code == 0
    folder = reported(force)
    before = text(folder / "rules" / "REF-01.html")
    assert "1 of the 2 incidents reported in October 2026 that are judged were done in time" in before
    assert "Nothing that an earlier run counted as not met" in before
    force.execute(CHANGES[change])
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at=LATER).code == 0
    after = text(reported(force, at=LATER) / "rules" / "REF-01.html")
    assert "1 of the 1 incidents reported in October 2026 that are judged were done in time" in after
    if change == "withdrawn":
        assert "1 that an earlier run counted so are no longer in the records at all" in after
        assert [row["earlier"] for row in rows_of(folder / "cases" / "REF-01" / "gone.csv")] == ["not met"]
    else:
        assert "1 left the rate" in after
        assert "Had they stayed as they were, it would be 1 of 2" in after
        (case,) = [row for row in rows_of(folder / "cases" / "REF-01" / "2026-10.csv") if row["earlier"]]
        assert (case["item_ref"], case["earlier"]) == ("I1", "not met")
    assert "October 2026 run 1, 3 November 2026, 05:30 1 of 2" in after, "the figure as it was first published"
    assert "1 fewer not met" in after


def test_a_waived_case_still_counts_as_not_met_and_the_page_says_so(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    waive = ["waivers", "add", "RA-01", "I1", "--by", "Insp 4", "--reason", "on leave", "--until", "2026-11-20"]
    assert force.run(*waive).code == 0
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at=LATER).code == 0
    folder = reported(force, at=LATER)
    said = text(folder / "rules" / "RA-01.html")
    assert "0 of the 1 incidents reported in October 2026" in said
    assert "1 open exceptions of this rule are waived. They are not chased, and still count as not met." in said
    (case,) = rows_of(folder / "cases" / "RA-01" / "2026-10.csv")
    assert (case["waived"], case["judged"], case["met"]) == ("yes", "yes", "no")


def test_a_young_month_is_not_flattered_by_its_quick_cases(force: SmallForce):
    """Ten of yesterday were done within the hour and thirty are still open: none of them is judged before its deadline."""
    young = [{**REPORTED, "incident_ref": f"Y{n:02d}", "reported_at": "2026-11-02 20:00"} for n in range(40)]
    old = [{**REPORTED, "incident_ref": f"O{n}", "reported_at": "2026-10-12 09:00"} for n in range(4)]
    quick = [{**FORM, "assessment_ref": f"A{n:02d}", "incident_ref": f"Y{n:02d}", "submitted_at": "2026-11-02 20:40",
              "signed_off_at": None, "signed_off_by": None} for n in range(10)]  # fmt: skip
    force.put("incidents", [*young, *old])
    force.put("assessments", quick)
    assert force.run("check").code == 0
    folder = reported(force)
    november = rows_of(folder / "cases" / "RA-01" / "2026-11.csv")
    assert {(row["category"], row["judged"]) for row in november} == {("not yet due", "no")}
    assert {row["category"] for row in rows_of(folder / "cases" / "completion" / "2026-11.csv")} == {"not yet due"}
    body = page(folder / "rules" / "RA-01.html").one("body")
    (row,) = [cells for _, _, cells in month_rows(body) if cells[0] == "November 2026"]
    assert row[1:4] == ["0", "0", "[z] none due"]
    force.load("Thu 2026-11-05 05:30")
    assert force.run("check", at="Thu 2026-11-05 06:30").code == 0
    reported(force, at="Thu 2026-11-05 06:30")
    body = page(folder / "rules" / "RA-01.html").one("body")
    (row,) = [cells for _, _, cells in month_rows(body) if cells[0] == "November 2026"]
    assert row[1:3] == ["10", "40"], "quick and slow are judged together"


def test_hostile_text_in_every_field_is_only_ever_text(force: SmallForce):
    where = {"area": HOSTILE, "team": HOSTILE + "t", "excluded_reason": None, "no_assessment_reason": HOSTILE}
    ref = HOSTILE + "I"
    force.put(
        "incidents",
        [
            {**REPORTED, **where, "incident_ref": ref},
            {**REPORTED, "incident_ref": HOSTILE + "2", "excluded_reason": HOSTILE},
        ],
    )
    force.put("assessments", [{**FORM, "assessment_ref": HOSTILE + "A", "incident_ref": ref, "instrument": HOSTILE}])
    force.edit('name = "Test Constabulary"', f"name = '''{HOSTILE}'''\nmarking = '''{HOSTILE}'''")
    control = f"[reports.control]\nname = '''{HOSTILE}'''\nquery = \"SELECT '2026-10', 3\"\n"
    rebase = f"[[reports.rebase]]\nmeasure = \"completion\"\ndate = 2026-10-01\nreason = '''{HOSTILE}'''\nauthor = '''{HOSTILE}'''\n"
    force.edit("[readers]", f"[reports]\ntargets = {{ RA-01 = 0.9 }}\n{control}{rebase}[readers]")
    assert force.run("check").code == 0
    assert force.run("sample", "--n", "2", "--out", str(force.folder / "s.csv")).code == 0
    filled = (force.folder / "s.csv").read_bytes().replace(b",,\r\n", b",yes,\r\n")
    (force.folder / "s.csv").write_bytes(filled)
    ran = force.run("sample", "--score", str(force.folder / "s.csv"), "--by", HOSTILE[:80])
    assert ran.code == 0, ran.err
    folder = reported(force)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 15
    for path in pages:
        content = path.read_text(encoding="utf-8")
        assert "alert(1)</script>" not in content
        assert "49" not in re.findall(r"\b49\b", content) or "{{ 7*7 }}" in content
        body = read(content)
        assert not any("alert" in script.text() for script in body.all("script"))
    for path in sorted(folder.rglob("*.csv")):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            assert not any(cell.lstrip().startswith(("=", "+", "@")) for cell in row), path
    assert all(".." not in path.relative_to(folder).as_posix() for path in folder.rglob("*"))
