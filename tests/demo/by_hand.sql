-- Three figures of the demonstration's report, worked out from its records by hand: one month, :month as 02/2026.
-- It knows nothing of the monitor. What stands twice under one key with different content belongs to nobody.
WITH occurrence_row AS (
    SELECT DISTINCT o.*, v.vic_no, v.no_form_cd,
           julianday(substr(rec_dt, 7, 4) || '-' || substr(rec_dt, 4, 2) || '-' || substr(rec_dt, 1, 2) || substr(rec_dt, 11)) AS reported
      FROM occurrence o JOIN occ_victim v USING (occ_no)
     WHERE substr(rec_dt, 4, 7) = :month
),
incident AS (
    SELECT * FROM occurrence_row GROUP BY occ_no, vic_no HAVING count(*) = 1
),
answered AS (
    SELECT form_id, count(DISTINCT item_no) AS answers FROM form_answer WHERE ans_cd IN ('Y', 'N', 'NK') GROUP BY form_id
),
form_row AS (
    SELECT DISTINCT f.*,
           julianday(substr(submit_dt, 7, 4) || '-' || substr(submit_dt, 4, 2) || '-' || substr(submit_dt, 1, 2) || substr(submit_dt, 11)) AS submitted
      FROM risk_form f
),
form AS (
    SELECT form_row.*, coalesce(answers, 0) AS answers FROM form_row LEFT JOIN answered USING (form_id)
     WHERE form_id IS NOT NULL
     GROUP BY form_id HAVING count(*) = 1 AND submitted IS NOT NULL
),
judged AS (
    SELECT incident.*,
           (SELECT min(submitted) FROM form WHERE form.occ_no = incident.occ_no AND form.vic_no = incident.vic_no) AS first,
           EXISTS (SELECT 1 FROM form
                    WHERE form.occ_no = incident.occ_no AND form.vic_no = incident.vic_no
                      AND answers = CASE form_cd WHEN 'VF27' THEN 27 WHEN 'VF24' THEN 24 END
                      AND (grade_cd IN ('S', 'M', 'H', 'High', 'HIGH RISK')
                           OR form_id IN (SELECT form_id FROM endorsement
                                           WHERE void IS NULL AND endorse_dt IS NOT NULL AND final_grade_cd IN ('S', 'M', 'H')))
                  ) AS complete
      FROM incident WHERE status_cd IN ('OPN', 'CLS')
)
SELECT (SELECT count(*) FROM incident WHERE status_cd IN ('DUP', 'CAN', 'NDA'))                             AS excluded,
       count(*)                                                                                            AS due,
       sum(complete)                                                                                       AS complete,
       sum(first IS NOT NULL OR no_form_cd IS NULL)                                                        AS judged,
       sum(first >= reported AND round((first - reported) * 24 * 60) <= 24 * 60)                           AS in_time
  FROM judged
