-- Three figures of the demonstration's report, worked out from its records by hand, a row a month of report:
-- month, excluded; due, complete (DASH completion); judged, in time (RA-01, 24 hours of real time).
-- It knows nothing of the monitor. What stands twice under one key with different content belongs to nobody.
WITH RECURSIVE
-- Summer time, by the law: from 01:00 UTC of March's last Sunday to 01:00 UTC of October's. An hour that came twice is
-- its first; one that never came is read by the clock that was still going.
year(n) AS (SELECT 2024 UNION ALL SELECT n + 1 FROM year WHERE n < 2027),
summer AS (
    SELECT datetime(n || '-03-25', 'weekday 0', '+2 hours')  AS starts,
           datetime(n || '-10-25', 'weekday 0', '+2 hours') AS ends
      FROM year
),
-- Every text that stands for a time, once: 02/11/2026 21:10, or a day alone. 31 February is no time, though SQLite takes it.
wall AS (
    SELECT said, length(said) = 10 AS day_only,
           substr(said, 7, 4) || '-' || substr(said, 4, 2) || '-' || substr(said, 1, 2) || substr(said, 11) AS iso
      FROM (SELECT rec_dt AS said FROM occurrence UNION SELECT submit_dt FROM risk_form
            UNION SELECT endorse_dt FROM endorsement UNION SELECT load_end FROM load_log)
     WHERE said IS NOT NULL
),
instant AS MATERIALIZED (
    SELECT said, day_only,
           CAST(strftime('%s', iso) AS INTEGER) / 60
           - 60 * EXISTS (SELECT 1 FROM summer WHERE datetime(iso) >= starts AND datetime(iso) < ends) AS minute,
           CAST(strftime('%s', date(iso, '+1 day')) AS INTEGER) / 60
           - 60 * EXISTS (SELECT 1 FROM summer WHERE date(iso, '+1 day') > starts AND date(iso, '+1 day') < ends) AS midnight
      FROM wall WHERE strftime('%d/%m/%Y', iso, '+0 days') = substr(said, 1, 10)
),
-- The copy knows what its oldest load of a table knew.
known AS (
    SELECT min(minute) AS minute
      FROM (SELECT max(minute) AS minute FROM load_log JOIN instant ON said = load_end
             WHERE outcome = 'OK' AND table_name IN ('occurrence', 'occ_victim', 'unit_check', 'risk_form', 'form_answer',
                                                     'endorsement', 'referral')
             GROUP BY table_name)
),
incident AS (
    SELECT * FROM (SELECT DISTINCT o.*, v.vic_no, v.rpt_vic, v.no_form_cd FROM occurrence o JOIN occ_victim v USING (occ_no)
                    WHERE rec_dt IS NOT NULL)
     GROUP BY occ_no, vic_no HAVING count(*) = 1
),
answered AS (
    SELECT form_id, count(DISTINCT item_no) AS answers FROM form_answer WHERE ans_cd IN ('Y', 'N', 'NK') GROUP BY form_id
),
graded AS (  -- at sign-off
    SELECT form_id FROM endorsement JOIN instant ON said = endorse_dt, known
     WHERE void IS NULL AND final_grade_cd IN ('S', 'M', 'H') AND instant.minute <= known.minute
),
form_row AS (SELECT DISTINCT * FROM risk_form),
form AS (  -- one without a number, twice under one, or with a time nobody can read spoils what is known of its incident
    SELECT occ_no, vic_no, instant.minute AS submitted,
           form_id IS NULL
           OR form_id IN (SELECT form_id FROM form_row WHERE form_id > 0 GROUP BY form_id HAVING count(*) > 1)
           OR (submit_dt IS NOT NULL AND instant.minute IS NULL) AS spoilt,
           answers = CASE form_cd WHEN 'VF27' THEN 27 WHEN 'VF24' THEN 24 END
           AND (grade_cd IN ('S', 'M', 'H', 'high', 'High', 'HIGH RISK') OR form_id IN (SELECT form_id FROM graded)) AS whole
      FROM form_row LEFT JOIN instant ON said = submit_dt LEFT JOIN answered USING (form_id)
),
forms AS (
    SELECT occ_no, vic_no, max(spoilt) AS spoilt, min(submitted) AS first,
           max(submitted IS NOT NULL AND NOT spoilt AND whole) AS complete
      FROM form GROUP BY occ_no, vic_no
),
-- A day without a time starts the clock at its end; only what came before the day is before the report.
judged AS (
    SELECT substr(rec_dt, 7, 4) || '-' || substr(rec_dt, 4, 2) AS month, status_cd, no_form_cd,
           instant.minute AS reported,
           24 * 60 + CASE WHEN day_only THEN midnight ELSE instant.minute END AS due,
           coalesce(spoilt, 0) AS spoilt, first, coalesce(complete, 0) AS complete
      FROM incident JOIN instant ON said = rec_dt LEFT JOIN forms USING (occ_no, vic_no)
)
SELECT month,
       sum(excluded)                                                                       AS excluded,
       sum(counts)                                                                         AS due,
       sum(counts AND complete)                                                            AS complete,
       sum(counts AND (first IS NOT NULL OR spoilt OR no_form_cd IS NULL))                 AS judged,
       sum(counts AND NOT spoilt AND coalesce(first BETWEEN reported AND judged.due, 0))   AS in_time
  FROM (SELECT judged.*, status_cd IN ('DUP', 'CAN', 'NDA') AS excluded,
               status_cd NOT IN ('DUP', 'CAN', 'NDA') AND due < known.minute AS counts FROM judged, known) AS judged
 GROUP BY month ORDER BY month
