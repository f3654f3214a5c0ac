"""The invented force is of Gloucestershire's size and as it was inspected (domain.md, section 4); asked in plain SQL."""

from __future__ import annotations

import pytest

DAYS = 732

COMPLETE = """
WITH counted AS (
    SELECT f.occ_no, f.vic_no,
           MAX(COALESCE((SELECT SUM(ans_cd <> '') FROM form_answer a WHERE a.form_id = f.form_id), 0)
               >= CASE f.form_cd WHEN 'VF24' THEN 24 ELSE 27 END
               AND f.grade_cd IS NOT NULL) AS complete
    FROM risk_form f WHERE f.stage_cd = 'S' GROUP BY f.occ_no, f.vic_no
)
SELECT AVG(COALESCE(c.complete, 0))
FROM occ_victim v JOIN occurrence o ON o.occ_no = v.occ_no
LEFT JOIN counted c ON c.occ_no = v.occ_no AND c.vic_no = v.vic_no
WHERE o.status_cd IN ('OPN', 'CLS') AND {where}
"""

SQL = {
    "incidents a day": f"SELECT COUNT(*) / {DAYS}.0 FROM occ_victim",
    "occurrences with several victims": "SELECT COUNT(DISTINCT occ_no) * 1.0 / (SELECT COUNT(*) FROM occurrence)"
    " FROM occ_victim WHERE vic_no > 1",
    "non-crime share": "SELECT AVG(class_cd = 'NC') FROM occurrence",
    "repeat share of those recorded": "SELECT AVG(rpt_vic = 'Y') FROM occ_victim",
    "high": "SELECT AVG(COALESCE(UPPER(grade_cd) LIKE 'H%', 0)) FROM risk_form WHERE stage_cd = 'S'",
    "medium": "SELECT AVG(COALESCE(grade_cd = 'M', 0)) FROM risk_form WHERE stage_cd = 'S'",
    "standard": "SELECT AVG(COALESCE(grade_cd = 'S', 0)) FROM risk_form WHERE stage_cd = 'S'",
    "no grade": "SELECT AVG(grade_cd IS NULL) FROM risk_form WHERE stage_cd = 'S'",
    "Friday to Sunday": "SELECT AVG(strftime('%w', substr(rec_dt, 7, 4) || '-' || substr(rec_dt, 4, 2) || '-' ||"
    " substr(rec_dt, 1, 2)) IN ('5', '6', '0')) FROM occurrence WHERE rec_dt IS NOT NULL",
    "six in the evening to two": "SELECT AVG(substr(rec_dt, 12, 2) >= '18' OR substr(rec_dt, 12, 2) < '02')"
    " FROM occurrence",
    "December over August": "SELECT AVG(substr(rec_dt, 4, 2) = '12') / AVG(substr(rec_dt, 4, 2) = '08') FROM occurrence",
    "yes answers of a high-risk form": "SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM risk_form WHERE grade_cd = 'H'"
    " AND declined = 'N') FROM form_answer JOIN risk_form USING (form_id)"
    " WHERE ans_cd = 'Y' AND grade_cd = 'H' AND declined = 'N'",
    "yes answers of a standard-risk form": "SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM risk_form WHERE grade_cd = 'S'"
    " AND declined = 'N') FROM form_answer JOIN risk_form USING (form_id)"
    " WHERE ans_cd = 'Y' AND grade_cd = 'S' AND declined = 'N'",
    "complete": COMPLETE.format(where="1"),
    "complete in the first year": COMPLETE.format(where="o.occ_no LIKE 'WM25%'"),
    "complete in October 2026": COMPLETE.format(where="o.rec_dt LIKE '%/10/2026%'"),
}


@pytest.mark.parametrize(
    ("what", "low", "high"),
    [
        ("incidents a day", 26.5, 28.0),
        ("occurrences with several victims", 0.03, 0.07),
        ("non-crime share", 0.385, 0.415),
        ("repeat share of those recorded", 0.40, 0.44),
        ("high", 0.085, 0.115),
        ("medium", 0.28, 0.32),
        ("standard", 0.55, 0.59),
        ("no grade", 0.02, 0.04),
        ("Friday to Sunday", 0.44, 0.52),
        ("six in the evening to two", 0.46, 0.58),
        ("December over August", 1.05, 1.40),
        ("yes answers of a high-risk form", 10.5, 13.0),
        ("yes answers of a standard-risk form", 2.5, 3.5),
        ("complete", 0.62, 0.69),
        ("complete in the first year", 0.60, 0.68),
        ("complete in October 2026", 0.64, 0.70),
    ],
)
def test_the_force_is_as_it_was_inspected(records, what, low, high):
    ((measured,),) = records.execute(SQL[what]).fetchall()
    assert low <= measured <= high


def test_no_area_is_empty_and_one_is_weaker(records):
    rates = {
        area: records.execute(COMPLETE.format(where="o.stn_cd LIKE ?"), (f"{area}%",)).fetchone()[0]
        for area in ("NM", "EM", "RV", "HT")
    }
    assert min(rates, key=rates.__getitem__) == "HT"
    assert max(rates.values()) < 0.70


def test_the_form_changed_in_the_middle_of_a_day(records):
    first_new = records.execute(
        "SELECT MIN(substr(submit_dt, 12)) FROM risk_form WHERE form_cd = 'VF27' AND submit_dt LIKE '03/06/2025%'"
    ).fetchone()[0]
    last_old = records.execute(
        "SELECT MAX(substr(submit_dt, 12)) FROM risk_form WHERE form_cd = 'VF24' AND submit_dt LIKE '03/06/2025%'"
    ).fetchone()[0]
    assert last_old < "13:00" <= first_new


def test_the_copy_holds_no_name_of_a_person(records):
    columns = [
        row[1]
        for table in ("occ_victim", "occurrence", "risk_form")
        for row in records.execute(f"PRAGMA table_info({table})")
    ]
    assert not any("name" in column for column in columns)
    shown = [name for (name,) in records.execute("SELECT disp_name FROM employee")]
    assert all(name.rsplit(" ", 1)[1].isdigit() for name in shown)


def test_every_address_is_reserved_for_examples(records):
    assert records.execute("SELECT COUNT(*) FROM employee WHERE mail_addr NOT LIKE '%.example'").fetchone() == (0,)
