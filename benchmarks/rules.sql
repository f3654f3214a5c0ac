-- The bundled rules as a good analyst would write them for DuckDB: facts once, then one SELECT a rule.
-- It is held to the monitor's own verdicts in every run of the benchmark: outcome, due and done, item by item.
-- It is simpler than the monitor in what it need not know here: one version a rule, no unreadable cell, no date without
-- a time, no row set aside, nobody's reasons, and no dates known later than they were announced.
--
-- Given: incidents, assessments, referrals (as mapped), holiday(day), and $as_at.

-- What had happened by the as-at --------------------------------------------------------------------------------------

CREATE OR REPLACE MACRO by_now(t) AS CASE WHEN t <= getvariable('as_at') THEN t END;

CREATE OR REPLACE TABLE incident AS
SELECT incident_ref, reported_at, excluded_reason IS NOT NULL AS excluded, no_assessment_reason, children_present,
       specialist_required, by_now(checks_completed_at) AS checks_completed_at,
       by_now(specialist_allocated_at) AS specialist_allocated_at,
       by_now(protection_notice_considered_at) AS protection_notice_considered_at, protection_notice_decision
FROM incidents WHERE reported_at <= getvariable('as_at');

CREATE OR REPLACE TABLE form AS
WITH newest AS (  -- the last form of each kind: every other of that kind is superseded
    SELECT incident_ref, instrument, arg_max(assessment_ref, (submitted_at, assessment_ref)) AS assessment_ref
    FROM assessments WHERE submitted_at <= getvariable('as_at') AND instrument IS NOT NULL GROUP BY incident_ref, instrument
)
SELECT a.assessment_ref, a.incident_ref, a.instrument, submitted_at, assessor_id, question_count, answered_count, yes_count,
       declined, rationale_recorded, by_now(signed_off_at) AS signed_off_at,
       CASE WHEN signed_off_at > getvariable('as_at') THEN NULL ELSE signed_off_by END AS signed_off_by,
       CASE risk_grade WHEN 'standard' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 END AS risk,
       CASE WHEN signed_off_at > getvariable('as_at') THEN NULL
            ELSE CASE final_grade WHEN 'standard' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 END END AS final,
       CASE WHEN signed_off_at > getvariable('as_at') THEN NULL ELSE final_rationale_recorded END AS final_rationale,
       a.instrument IS NOT NULL AND newest.assessment_ref IS NULL AS superseded
FROM assessments a JOIN incident USING (incident_ref) LEFT JOIN newest USING (assessment_ref) WHERE submitted_at <= getvariable('as_at');

CREATE OR REPLACE TABLE sent AS
SELECT r.referral_ref, r.incident_ref, destination, referred_at, by_now(received_at) AS received_at
FROM referrals r JOIN incident USING (incident_ref)
WHERE referred_at <= getvariable('as_at') AND cancelled IS DISTINCT FROM 'yes';

-- The grade of an incident: a timeline of what assessors and supervisors recorded -------------------------------------

CREATE OR REPLACE TABLE place AS
WITH both_steps AS (
    SELECT incident_ref, assessment_ref, 0 AS step, risk AS grade, submitted_at AS at, submitted_at AS stands FROM form
    UNION ALL
    SELECT incident_ref, assessment_ref, 1, final,
           CASE WHEN signed_off_at IS NOT NULL THEN greatest(signed_off_at, submitted_at) END,
           greatest(signed_off_at, submitted_at)  -- of one missing, the other: directly after its submission
    FROM form WHERE final IS NOT NULL
)
SELECT *, last_value(grade IGNORE NULLS) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
       row_number() OVER w AS rank
FROM both_steps WINDOW w AS (PARTITION BY incident_ref ORDER BY stands, assessment_ref, step);

CREATE OR REPLACE TABLE grade AS
WITH last AS (
    SELECT incident_ref, arg_max(grade, rank) AS grade,
           max(rank) FILTER (WHERE before IS DISTINCT FROM grade) AS spell
    FROM place WHERE grade IS NOT NULL GROUP BY incident_ref
)
SELECT l.incident_ref, l.grade, p.at AS grade_since
FROM last l JOIN place p ON p.incident_ref = l.incident_ref AND p.rank = l.spell;

CREATE OR REPLACE TABLE case_facts AS
SELECT i.*, f.first_submitted_at, g.grade, g.grade_since, r.marac, r.children
FROM incident i
LEFT JOIN (SELECT incident_ref, min(submitted_at) AS first_submitted_at FROM form GROUP BY incident_ref) f USING (incident_ref)
LEFT JOIN grade g USING (incident_ref)
LEFT JOIN (SELECT incident_ref, min(referred_at) FILTER (WHERE destination = 'MARAC') AS marac,
                  min(referred_at) FILTER (WHERE destination = 'CHILDREN') AS children
           FROM sent GROUP BY incident_ref) r USING (incident_ref);

CREATE OR REPLACE TABLE form_facts AS
SELECT f.*, i.excluded, i.grade, i.grade_since,
       CASE WHEN risk < p.before OR final < risk THEN TRUE
            WHEN (risk IS NOT NULL AND p.before IS NOT NULL) OR (final IS NOT NULL AND risk IS NOT NULL) THEN FALSE
       END AS lowered,
       date_diff('microsecond', submitted_at, signed_off_at) AS taken
FROM form f JOIN case_facts i USING (incident_ref)
LEFT JOIN (SELECT assessment_ref, before FROM place WHERE step = 0) p USING (assessment_ref);

-- The office: Monday to Friday from 09:00 to 17:00, but for bank holidays ------------------------------------------------

CREATE OR REPLACE MACRO local(t) AS timezone('Europe/London', timezone('UTC', t));
CREATE OR REPLACE MACRO utc(t) AS timezone('UTC', timezone('Europe/London', t));

CREATE OR REPLACE TABLE working AS
SELECT day::DATE AS day, row_number() OVER (ORDER BY day) AS number
FROM generate_series(DATE '2020-01-01', DATE '2028-12-31', INTERVAL 1 DAY) t(day)
WHERE isodow(day) <= 5 AND day::DATE NOT IN (SELECT day FROM holiday);

-- For each day: its own place among working days, or the next one's, which is day 0 for a start on a day off.
CREATE OR REPLACE TABLE office AS
SELECT d.day::DATE AS day, w.day IS NOT NULL AS is_open,
       (SELECT min(number) FROM working x WHERE x.day >= d.day::DATE) AS number
FROM generate_series(DATE '2020-01-01', DATE '2028-11-30', INTERVAL 1 DAY) d(day)
LEFT JOIN working w ON w.day = d.day::DATE;

CREATE OR REPLACE TABLE two_days AS
SELECT o.day, utc(w.day + TIME '17:00') AS due FROM office o JOIN working w ON w.number = o.number + 2;

-- Minutes of opening gone by at a start, in microseconds, counted from the first working day.
CREATE OR REPLACE MACRO eight_hours() AS 28800000000;
CREATE OR REPLACE TABLE opening AS
SELECT number, utc(day + TIME '09:00') AS opens, (number - 1) * eight_hours() AS gone FROM working;

-- Outcomes ------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE TYPE outcome AS ENUM ('not_applicable', 'undetermined', 'pending', 'met', 'late', 'breached');

-- A milestone with a deadline. `applies` is true, false or null: unknown.
CREATE OR REPLACE MACRO of_done(applies, started, due, done) AS CASE
    WHEN applies IS FALSE THEN 'not_applicable'
    WHEN started IS NULL OR (applies IS NULL AND getvariable('as_at') > due) THEN 'undetermined'::outcome
    WHEN getvariable('as_at') <= due AND (applies IS NULL OR done IS NULL) THEN 'pending'
    WHEN done <= due THEN 'met' WHEN done IS NOT NULL THEN 'late' ELSE 'breached' END::outcome;

-- A state with a deadline; without one, `due` is the beginning of time.
CREATE OR REPLACE MACRO of_holds(applies, started, due, holds) AS CASE
    WHEN applies IS FALSE THEN 'not_applicable'
    WHEN started IS NULL OR ((applies IS NULL OR holds IS NULL) AND getvariable('as_at') > due) THEN 'undetermined'::outcome
    WHEN getvariable('as_at') <= due AND (applies IS NULL OR holds IS NULL OR NOT holds) THEN 'pending'
    WHEN holds THEN 'met' ELSE 'breached' END::outcome;

CREATE OR REPLACE MACRO unless_excluded(excluded, applies) AS CASE WHEN excluded THEN FALSE ELSE applies END;

-- What does not apply has no row. ------------------------------------------------------------------------------------------

CREATE OR REPLACE TABLE verdict AS

-- Incidents -----------------------------------------------------------------------------------------------------------

(WITH t AS (SELECT *, unless_excluded(excluded, no_assessment_reason IS NULL OR first_submitted_at IS NOT NULL) AS applies,
                  reported_at + INTERVAL 24 HOUR AS due, first_submitted_at AS done FROM case_facts)
SELECT 'RA-01' AS rule_id, incident_ref AS item_ref,
       CASE WHEN applies AND done < reported_at THEN 'undetermined'::outcome ELSE of_done(applies, reported_at, due, done) END
       AS outcome, due AS due_at, done AS done_at
FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, first_submitted_at IS NOT NULL) AS applies,
                  first_submitted_at + INTERVAL 24 HOUR AS due FROM case_facts)
SELECT 'RU-01', incident_ref, of_done(applies, first_submitted_at, due, checks_completed_at), due, checks_completed_at FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH high AS (
    SELECT i.incident_ref, min(s.referred_at) AS mash FROM case_facts i JOIN sent s ON s.incident_ref = i.incident_ref
    WHERE i.grade = 2 AND s.destination = 'MASH'
      AND (i.grade_since IS NULL OR s.referred_at >= i.grade_since - INTERVAL 48 HOUR) GROUP BY i.incident_ref
), t AS (SELECT *, unless_excluded(excluded, grade IS NOT NULL AND grade = 2) AS applies,
                grade_since + INTERVAL 24 HOUR AS due FROM case_facts LEFT JOIN high USING (incident_ref))
SELECT 'REF-01', incident_ref, of_done(applies, grade_since, due, mash), due, mash FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, coalesce(children_present = 'yes', FALSE) AND first_submitted_at IS NOT NULL)
                  AS applies, first_submitted_at + INTERVAL 24 HOUR AS due FROM case_facts)
SELECT 'REF-03', incident_ref, of_done(applies, first_submitted_at, due, children), due, children FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, coalesce(grade = 2, FALSE) AND grade_since IS NOT NULL) AS applies
           FROM case_facts LEFT JOIN two_days ON two_days.day = local(grade_since)::DATE)
SELECT 'REF-04', incident_ref, of_done(applies, grade_since, due, marac), due, marac FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, coalesce(specialist_required = 'yes', FALSE)) AS applies,
                  reported_at + INTERVAL 48 HOUR AS due, specialist_allocated_at AS done FROM case_facts)
SELECT 'INV-01', incident_ref,
       CASE WHEN applies AND done < reported_at THEN 'undetermined'::outcome ELSE of_done(applies, reported_at, due, done) END, due, done
FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, grade IS NOT NULL AND grade >= 1) AS applies,
                  grade_since + INTERVAL 48 HOUR AS due FROM case_facts)
SELECT 'PN-01', incident_ref,
       of_holds(applies, grade_since, due, protection_notice_considered_at IS NOT NULL AND protection_notice_decision IS NOT NULL),
       due, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

-- Assessments ---------------------------------------------------------------------------------------------------------

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded AND (declined IS NULL OR declined = 'no')) AS applies,
                  submitted_at + INTERVAL 24 HOUR AS due FROM form_facts)
SELECT 'RA-02', assessment_ref, of_holds(applies, submitted_at, due, answered_count = question_count), due, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded) AS applies, submitted_at + INTERVAL 24 HOUR AS due,
                  (risk IS NOT NULL AND rationale_recorded = 'yes') OR (final IS NOT NULL AND final_rationale = 'yes') AS holds
           FROM form_facts)
SELECT 'RA-03', assessment_ref, of_holds(applies, submitted_at, due, holds), due, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded AND coalesce(instrument IN ('DASH-27', 'SafeLives-24'), FALSE)
                  AND yes_count >= 14 AND ((final IS NOT NULL AND final <> 2) OR (final IS NULL AND risk IS NOT NULL AND risk <> 2)))
                  AS applies FROM form_facts)
SELECT 'RA-04', assessment_ref,
       of_holds(applies, submitted_at, TIMESTAMP '1970-01-01', rationale_recorded = 'yes' OR final_rationale = 'yes'), NULL, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded AND
                  (signed_off_at IS NOT NULL OR final IS NULL OR grade_since IS NOT NULL OR grade <> 2)) AS applies,
                  submitted_at + INTERVAL 24 HOUR AS due FROM form_facts)
SELECT 'SUP-01', assessment_ref,
       of_holds(applies, submitted_at, due, signed_off_at IS NOT NULL AND signed_off_by <> assessor_id), due, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded) AS applies, submitted_at + INTERVAL 24 HOUR AS due FROM form_facts)
SELECT 'SUP-02', assessment_ref,
       CASE WHEN applies AND signed_off_at < submitted_at THEN 'undetermined'::outcome
            ELSE of_done(applies, submitted_at, due, signed_off_at) END, due, signed_off_at FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, NOT superseded AND lowered IS NOT NULL AND lowered AND signed_off_at IS NOT NULL
                  AND final IS NOT NULL AND (coalesce(rationale_recorded = 'yes', FALSE) OR coalesce(final_rationale = 'yes', FALSE)))
                  AS applies, signed_off_at + INTERVAL 24 HOUR AS due FROM form_facts)
SELECT 'SUP-03', assessment_ref, of_holds(applies, signed_off_at, due, final_rationale = 'yes'), due, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, signed_off_at IS NOT NULL AND (taken IS NULL OR taken >= 0)) AS applies FROM form_facts)
SELECT 'SUP-04', assessment_ref, of_holds(applies, submitted_at, TIMESTAMP '1970-01-01', taken >= 60000000), NULL, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

(WITH t AS (SELECT *, unless_excluded(excluded, signed_off_at IS NOT NULL) AS applies,
                  (answered_count = question_count OR coalesce(declined = 'yes', FALSE)) AND (risk IS NOT NULL OR final IS NOT NULL)
                  AS holds FROM form_facts)
SELECT 'SUP-05', assessment_ref, of_holds(applies, submitted_at, TIMESTAMP '1970-01-01', holds), NULL, NULL FROM t
WHERE applies IS NOT FALSE)
UNION ALL

-- Referrals -----------------------------------------------------------------------------------------------------------

(WITH start AS (
    SELECT s.*, excluded, o.gone + least(greatest(date_diff('microsecond', o.opens, referred_at), 0), eight_hours()) AS gone_by
    FROM (SELECT s.*, i.excluded FROM sent s JOIN incident i USING (incident_ref)) s ASOF JOIN opening o ON s.referred_at >= o.opens
), t AS (
    SELECT start.*, unless_excluded(excluded, coalesce(destination = 'MASH', FALSE)) AS applies,
           o.opens + to_microseconds(gone_by + 14400000000 - o.gone) AS due
    FROM start JOIN opening o ON o.number = 1 + (gone_by + 14400000000 - 1) // eight_hours()
)
SELECT 'REF-08', referral_ref,
       CASE WHEN applies AND received_at < referred_at THEN 'undetermined'::outcome
            ELSE of_done(applies, referred_at, due, received_at) END, due, received_at FROM t
WHERE applies IS NOT FALSE);
