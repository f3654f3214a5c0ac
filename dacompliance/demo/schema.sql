-- The nightly copy of an invented records system. Like most such copies it has no keys of its own:
-- what the load appended twice is there twice. Times are local wall times as text, 02/11/2026 21:10.

CREATE TABLE load_log (            -- one row a table and night
    load_id     INTEGER,
    table_name  TEXT,
    load_end    TEXT,
    outcome     TEXT               -- OK, FAILED
);

CREATE TABLE employee (
    collar      TEXT,              -- WM1482
    disp_name   TEXT,
    mail_addr   TEXT,
    role_cd     TEXT,              -- PC, SGT, INSP, CRU
    team_cd     TEXT,
    stn_cd      TEXT,
    line_mgr    TEXT,              -- a collar number
    left_dt     TEXT               -- a date
);

CREATE TABLE occurrence (
    occ_no      TEXT,              -- WM26-004512
    rec_dt      TEXT,              -- when the report came in
    flag_dt     TEXT,              -- when it was flagged as domestic abuse
    att_dt      TEXT,              -- when an officer attended
    stn_cd      TEXT,
    team_cd     TEXT,
    oic         TEXT,              -- officer in the case
    sup         TEXT,              -- supervisor
    class_cd    TEXT,              -- C crime, NC non-crime
    child_flag  TEXT,              -- Y, N
    status_cd   TEXT               -- OPN, CLS, DUP, CAN, NDA
);

CREATE TABLE occ_victim (          -- a row a victim; no name is kept in the copy
    occ_no      TEXT,
    vic_no      INTEGER,
    rpt_vic     TEXT,              -- Y, N
    no_form_cd  TEXT               -- why there is no risk form: R1, R2, R3
);

CREATE TABLE risk_form (           -- the header of a form
    form_id     INTEGER,
    occ_no      TEXT,
    vic_no      INTEGER,
    form_cd     TEXT,              -- VF24 until 3 June 2025, then VF27
    stage_cd    TEXT,              -- D draft, S submitted
    start_dt    TEXT,
    submit_dt   TEXT,
    author      TEXT,
    declined    TEXT,              -- Y, N: the victim would not answer
    grade_cd    TEXT,              -- S, M, H
    rationale   TEXT               -- Y, N: whether a reason is written; the words are not copied
);

CREATE TABLE form_answer (         -- a row an answer
    form_id     INTEGER,
    item_no     INTEGER,
    ans_cd      TEXT               -- Y, N, NK
);

CREATE TABLE endorsement (         -- a supervisor's sign-off of a form
    form_id         INTEGER,
    endorse_dt      TEXT,
    endorser        TEXT,
    final_grade_cd  TEXT,          -- only where the supervisor changed it
    final_rationale TEXT,
    void            TEXT           -- Y: struck out, recorded in error
);

CREATE TABLE unit_check (          -- the referral unit's research
    occ_no      TEXT,
    vic_no      INTEGER,
    checked_dt  TEXT,
    checked_by  TEXT
);

CREATE TABLE referral (
    ref_no      TEXT,
    occ_no      TEXT,
    vic_no      INTEGER,
    hub_cd      TEXT,              -- MSH, MRC, IDV, CSC
    sent_dt     TEXT,
    ack_dt      TEXT,
    cancelled   TEXT               -- Y, N
);
