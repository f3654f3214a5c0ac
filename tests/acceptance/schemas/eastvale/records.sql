-- Eastvale keeps no copy of its records system: its performance unit publishes one flat table each night, a row a form.
-- An incident without a form has one row with the form's columns empty. Times are UTC; when something was sent to the
-- MASH or the MARAC is a date, kept as midnight. Codes are numbers, answers one letter each in a row of twenty-seven.

CREATE TABLE da_risk_report (
    inc_no       INTEGER,
    reported_utc TEXT,
    district     INTEGER,
    shift        TEXT,
    officer      TEXT,
    sergeant     TEXT,
    sgt_mail     TEXT,
    crimed       INTEGER,       -- 1, 0
    closed_as    INTEGER,       -- 7 duplicate, 8 cancelled
    no_form      TEXT,          -- why there is none
    checks_utc   TEXT,
    form_no      INTEGER,
    form_type    TEXT,
    sent_utc     TEXT,          -- when the form was submitted
    author       TEXT,
    answers      TEXT,          -- Y, N, U for unknown, - for blank
    refused      INTEGER,
    grade        INTEGER,       -- 1 standard, 2 medium, 3 high
    grade_why    INTEGER,       -- whether a reason is written
    ok_utc       TEXT,          -- the sergeant's endorsement
    ok_by        TEXT,
    ok_grade     INTEGER,
    ok_why       INTEGER,
    mash_date    TEXT,
    marac_date   TEXT,
    refreshed    TEXT           -- when the table was made, UTC
);

INSERT INTO da_risk_report VALUES
 -- A high-risk case done as it should be, in summer time: every UTC time is an hour before the wall clock.
 (1001, '2026-10-20 20:30:00', 1, 'A', 'p12', 'S77', 's77@eastvale.example', 1, NULL, NULL, '2026-10-21 20:00:00',
  501, 'DASH', '2026-10-20 23:40:00', 'p12', 'YNYNYNYNYNYNYNYNYNYNYNYNYUU', 0, 3, 1, '2026-10-21 07:00:00', 's77', NULL, NULL,
  '2026-10-21 00:00:00', NULL, '2026-11-03 05:30:00'),
 -- No form and no reason; the clocks went back within its 24 hours.
 (1002, '2026-10-24 22:30:00', 1, 'A', 'p13', 'S77', 's77@eastvale.example', 0, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-03 05:30:00'),
 -- No form, and a reason.
 (1003, '2026-10-27 10:00:00', 2, 'B', 'p13', 'S78', 's78@eastvale.example', 0, NULL, 'victim not found', NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-03 05:30:00'),
 -- A duplicate of another.
 (1004, '2026-10-27 10:05:00', 2, 'B', 'p13', 'S78', 's78@eastvale.example', 0, 7, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-03 05:30:00'),
 -- Two forms: the first had two blanks, the second an hour later none.
 (1005, '2026-11-02 10:00:00', 2, 'B', 'p14', 'S78', 's78@eastvale.example', 1, NULL, NULL, NULL,
  505, 'DASH', '2026-11-02 11:00:00', 'p14', 'YNYN-NYNYNYN-NYNYNYNYNYNYNY', 0, 2, 1, NULL, NULL, NULL, NULL,
  NULL, NULL, '2026-11-03 05:30:00'),
 (1005, '2026-11-02 10:00:00', 2, 'B', 'p14', 'S78', 's78@eastvale.example', 1, NULL, NULL, NULL,
  506, 'DASH', '2026-11-02 12:00:00', 'p14', 'YNYNYNYNYNYNYNYNYNYNYNYNYNY', 0, 2, 1, NULL, NULL, NULL, NULL,
  NULL, NULL, '2026-11-03 05:30:00'),
 -- An answer and a grade that nobody mapped, signed off by its own author.
 (1006, '2026-10-28 09:00:00', 3, 'C', 'p15', 'S79', 's79@eastvale.example', 1, NULL, NULL, '2026-10-29 12:00:00',
  507, 'DASH', '2026-10-28 10:00:00', 'p15', 'YNYN?NYNYNYNYNYNYNYNYNYNYNY', 0, 9, 1, '2026-10-28 11:00:00', 'P15', NULL, NULL,
  NULL, NULL, '2026-11-03 05:30:00'),
 -- Made high at sign-off, and never sent to the MASH.
 (1007, '2026-10-30 20:00:00', 3, 'C', 'p15', 'S79', 's79@eastvale.example', 1, NULL, NULL, '2026-10-31 08:00:00',
  508, 'DASH', '2026-10-30 22:00:00', 'p15', 'NNNNNNNNNNNNNNNNNNNNNNNNNNN', 0, 1, 1, '2026-10-31 09:00:00', 's79', 3, 0,
  NULL, '2026-11-02 00:00:00', '2026-11-03 05:30:00'),
 -- The victim would not answer; graded without a reason, and nobody has looked at it.
 (1008, '2026-11-01 14:00:00', 3, 'C', 'p16', NULL, NULL, 0, NULL, NULL, NULL,
  509, 'DASH', '2026-11-01 15:00:00', 'p16', '---------------------------', 1, 2, 0, NULL, NULL, NULL, NULL,
  NULL, NULL, '2026-11-03 05:30:00');
