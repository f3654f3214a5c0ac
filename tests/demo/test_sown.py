"""Every sown fault is in the force's own tables, in its known number: counted here in SQL that knows nothing of the sowing."""

from __future__ import annotations

import re

import pytest

from dacompliance.demo.sown import SOWN, AsFinding
from dacompliance.records.contract import RECORD_SETS

RECENT = "substr({0}, 7, 4) || '-' || substr({0}, 4, 2) || '-' || substr({0}, 1, 2) || substr({0}, 11)"
REPORTED, SUBMITTED, ENDORSED = (RECENT.format(column) for column in ("o.rec_dt", "f.submit_dt", "e.endorse_dt"))
TWICE = "SELECT occ_no FROM occurrence GROUP BY occ_no HAVING COUNT(*) > 1 AND COUNT(DISTINCT team_cd) {}"
DAY_ONLY = "length({}) = 10"
FIRST_FORM = (
    f"SELECT f.occ_no, f.vic_no, MIN({SUBMITTED}) AS at, COUNT(*) AS forms, COUNT(DISTINCT f.grade_cd) AS grades,"
    " MAX(f.grade_cd) AS grade, MIN(f.grade_cd) AS lowest"
    " FROM risk_form f WHERE f.stage_cd = 'S' AND f.form_id IS NOT NULL GROUP BY f.occ_no, f.vic_no"
)
MASH = "SELECT occ_no, vic_no FROM referral WHERE hub_cd = 'MSH' AND cancelled = 'N'"

SQL = {
    "loaded_twice": f"SELECT COUNT(*) FROM ({TWICE.format('= 1')})",
    "loaded_twice_differently": f"SELECT COUNT(*) FROM ({TWICE.format('> 1')})",
    "forms_of_those": f"SELECT COUNT(*) FROM risk_form WHERE occ_no IN ({TWICE.format('> 1')})",
    "no_report_time": "SELECT COUNT(*) FROM occurrence WHERE rec_dt IS NULL",
    "form_without_number": "SELECT COUNT(*) FROM risk_form WHERE form_id IS NULL",
    "merged_away": "SELECT COUNT(*) FROM risk_form WHERE occ_no NOT IN (SELECT occ_no FROM occurrence)",
    "unreadable_submission": "SELECT COUNT(*) FROM risk_form WHERE submit_dt LIKE '31/02/%'",
    "referral_matches_nothing": "SELECT COUNT(*) FROM referral WHERE occ_no NOT IN (SELECT occ_no FROM occurrence)",
    "unreadable_check": "SELECT COUNT(*) FROM unit_check WHERE checked_dt LIKE '31/02/%'",
    "grade_nobody_mapped": "SELECT COUNT(*) FROM risk_form"
    " WHERE grade_cd NOT IN ('S', 'M', 'H', 'HIGH RISK', 'High', 'high')",
    "answer_nobody_mapped": "SELECT COUNT(*) FROM form_answer WHERE ans_cd NOT IN ('Y', 'N', 'NK', '')",
    "signed_off_in_2062": "SELECT COUNT(*) FROM endorsement WHERE endorse_dt LIKE '%/2062 %'",
    "report_without_time_of_day": f"SELECT COUNT(*) FROM occurrence WHERE {DAY_ONLY.format('rec_dt')}",
    "sign_off_without_time_of_day": f"SELECT COUNT(*) FROM endorsement WHERE {DAY_ONLY.format('endorse_dt')}",
    "reported_in_repeated_hour": "SELECT COUNT(*) FROM occurrence"
    " WHERE rec_dt LIKE '25/10/2026 01:%' OR rec_dt LIKE '26/10/2025 01:%'",
    "submitted_in_repeated_hour": "SELECT COUNT(*) FROM risk_form"
    " WHERE submit_dt LIKE '25/10/2026 01:%' OR submit_dt LIKE '26/10/2025 01:%'",
    "reported_in_missing_hour": "SELECT COUNT(*) FROM occurrence"
    " WHERE rec_dt LIKE '29/03/2026 01:%' OR rec_dt LIKE '30/03/2025 01:%'",
    "received_not_sent": "SELECT COUNT(*) FROM referral WHERE sent_dt IS NULL AND ack_dt IS NOT NULL",
    "grade_variant": "SELECT COUNT(*) FROM risk_form WHERE grade_cd IN ('HIGH RISK', 'High', 'high')",
    "no_repeat_flag": "SELECT COUNT(*) FROM occ_victim WHERE rpt_vic IS NULL",
    "old_form_after_change": f"SELECT COUNT(*) FROM risk_form f WHERE form_cd = 'VF24' AND {SUBMITTED} > '2025-06-03 13:00'",
    "no_such_supervisor": "SELECT COUNT(*) FROM occurrence WHERE sup NOT IN (SELECT collar FROM employee)",
    "officer_has_left": "SELECT COUNT(*) FROM occurrence"
    " WHERE oic IN (SELECT collar FROM employee WHERE left_dt IS NOT NULL)",
    "referred_to_wrong_hub": "SELECT COUNT(*) FROM referral WHERE hub_cd NOT IN ('MSH', 'MRC', 'IDV', 'CSC')",
    "collar_in_lower_case": "SELECT COUNT(*) FROM endorsement WHERE endorser <> UPPER(endorser)",
    "author_signed_off": "SELECT COUNT(*) FROM endorsement e JOIN risk_form f USING (form_id)"
    " WHERE e.endorser = f.author AND e.void IS NULL",
    "signed_off_before_submission": "SELECT COUNT(*) FROM endorsement e JOIN risk_form f USING (form_id)"
    f" WHERE {ENDORSED} < {SUBMITTED} AND NOT {DAY_ONLY.format('e.endorse_dt')} AND f.submit_dt NOT LIKE '31/02/%'",
    "submitted_before_report": "SELECT COUNT(DISTINCT f.form_id) FROM risk_form f JOIN occurrence o USING (occ_no)"
    f" WHERE {SUBMITTED} < {REPORTED} AND f.submit_dt NOT LIKE '31/02/%' AND f.form_id IS NOT NULL",
    "left_as_draft": "SELECT COUNT(*) FROM risk_form"
    " WHERE stage_cd = 'D' AND julianday('2026-11-03') - julianday("
    "substr(start_dt, 7, 4) || '-' || substr(start_dt, 4, 2) || '-' || substr(start_dt, 1, 2)) BETWEEN 9 AND 100",
    "assessed_twice": f"SELECT COUNT(*) FROM ({FIRST_FORM}) WHERE forms = 2 AND grades = 1",
    "high_days_later": f"SELECT COUNT(*) FROM ({FIRST_FORM}) x JOIN occurrence o USING (occ_no)"
    f" WHERE forms = 2 AND grade = 'M' AND lowest = 'H' AND {REPORTED} < '2026-10-19'"
    " AND (SELECT COUNT(*) FROM referral r WHERE r.occ_no = x.occ_no AND hub_cd = 'MSH') = 1",
    "referred_twice": f"SELECT COUNT(*) FROM (SELECT 1 FROM ({MASH}) GROUP BY occ_no, vic_no HAVING COUNT(*) > 1)",
    "referral_cancelled": "SELECT COUNT(*) FROM referral WHERE cancelled = 'Y'",
    "duplicate": "SELECT COUNT(*) FROM occ_victim JOIN occurrence USING (occ_no) WHERE status_cd = 'DUP'",
    "cancelled": "SELECT COUNT(*) FROM occ_victim JOIN occurrence USING (occ_no) WHERE status_cd = 'CAN'",
    "not_domestic": "SELECT COUNT(*) FROM occ_victim JOIN occurrence USING (occ_no) WHERE status_cd = 'NDA'",
    "reason_recorded": "SELECT COUNT(*) FROM occ_victim WHERE no_form_cd IS NOT NULL",
    "declined": "SELECT COUNT(*) FROM risk_form WHERE declined = 'Y'",
}

EACH = [pytest.param(sown, id=sown.name) for sown in SOWN]


@pytest.mark.parametrize("sown", EACH)
def test_a_fault_is_there_in_its_known_number(records, sown):
    assert records.execute(SQL[sown.name]).fetchone() == (sown.count,)


def test_each_fault_is_counted_here():
    assert set(SQL) == {sown.name for sown in SOWN}


@pytest.mark.parametrize("sown", EACH)
def test_the_force_knows_the_key_of_each_fault(force, sown):
    keys = force.sown[sown.name]
    assert len(set(keys)) == len(keys) == sown.count


def test_no_incident_has_two_faults(force):
    incidents = [key for sown in SOWN for key in force.sown[sown.name] if re.fullmatch(r"WM\d\d-\d{6}/\d", key)]
    assert len(set(incidents)) == len(incidents)


@pytest.mark.parametrize("sown", EACH)
def test_a_finding_is_looked_for_in_a_column_there_is(sown):
    if isinstance(sown.found, AsFinding) and sown.found.column:
        contract = RECORD_SETS[sown.found.record_set]
        assert sown.found.column == contract.key or contract.spec(sown.found.column) is not None
