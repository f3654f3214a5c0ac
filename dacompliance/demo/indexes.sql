-- What the force's own database administrator would have made for the monitor's queries.
CREATE INDEX form_answer_by_form ON form_answer (form_id, item_no, ans_cd);
CREATE INDEX endorsement_by_form ON endorsement (form_id);
CREATE INDEX unit_check_by_victim ON unit_check (occ_no, vic_no);
CREATE INDEX occurrence_by_number ON occurrence (occ_no);
