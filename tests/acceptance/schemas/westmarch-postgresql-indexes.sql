-- What the force's own database administrator would have made for the monitor's queries.
CREATE INDEX ON occurrence (occ_no);
CREATE INDEX ON form_answer (form_id);
CREATE INDEX ON endorsement (form_id);
CREATE INDEX ON unit_check (occ_no, vic_no);
ANALYZE;
