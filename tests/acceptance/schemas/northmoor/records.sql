-- Northmoor's records system keeps everything as events, parties, tasks and answers, with codes looked up in one table.
-- Times are instants with a zone. The database is live: what is in it is known up to now.

CREATE TABLE code (list varchar(20), id integer, label varchar(40));
CREATE TABLE event (event_id uuid PRIMARY KEY, event_no integer, logged timestamptz, beat_id integer, crime boolean,
                    status_id integer, oic integer);
CREATE TABLE party (event_id uuid, seq smallint, part char(1), known_before boolean);
CREATE TABLE officer (officer_id integer PRIMARY KEY, warrant varchar(8), mailbox varchar(60), rank_id integer,
                      manager integer, until date);
CREATE TABLE form (form_id integer PRIMARY KEY, event_id uuid, seq smallint, template varchar(20), locked timestamptz,
                   author integer, refused boolean);
CREATE TABLE answer (form_id integer, question varchar(10), value_id integer);
CREATE TABLE task (task_id integer PRIMARY KEY, event_id uuid, seq smallint, form_id integer, kind varchar(10),
                   raised timestamptz, done timestamptz, done_by integer, void boolean NOT NULL DEFAULT false,
                   result_id integer, note text);

INSERT INTO code VALUES
  ('ANSWER', 1, 'Yes'), ('ANSWER', 2, 'No'), ('ANSWER', 3, 'Don''t know'), ('ANSWER', 4, 'Refused to say'),
  ('GRADE', 11, 'Standard'), ('GRADE', 12, 'Medium'), ('GRADE', 13, 'High'),
  ('STATUS', 21, 'Open'), ('STATUS', 22, 'Finalised'), ('STATUS', 23, 'Created in error'), ('STATUS', 24, 'Not domestic'),
  ('NOFORM', 31, 'Partner agency assessed'), ('BEAT', 41, 'Moorside'), ('BEAT', 42, 'Harbour'),
  ('RANK', 51, 'Constable'), ('RANK', 52, 'Sergeant');
INSERT INTO officer VALUES
  (9001, 'c9001', 'pc9001@northmoor.example', 51, 9002, NULL), (9002, 'c9002', 'sgt9002@northmoor.example', 52, NULL, NULL),
  (9003, 'c9003', 'sgt9003@northmoor.example', 52, NULL, '2026-10-31'),
  (9004, 'c9004', 'pc9004@northmoor.example', 51, 9003, NULL);

-- 101: two victims, in the hour that came twice; one case high and done as it should be, one assessed by a partner.
INSERT INTO event VALUES ('00000000-0000-0000-0000-000000000101', 101, '2026-10-25 01:30Z', 41, true, 21, 9001);
INSERT INTO party VALUES ('00000000-0000-0000-0000-000000000101', 1, 'V', true),
                         ('00000000-0000-0000-0000-000000000101', 2, 'V', NULL),
                         ('00000000-0000-0000-0000-000000000101', 3, 'S', NULL);
INSERT INTO form VALUES (11, '00000000-0000-0000-0000-000000000101', 1, 'DASH 2009', '2026-10-25 03:00Z', 9001, false);
INSERT INTO answer SELECT 11, 'Q' || n, 1 + mod(n, 3) FROM generate_series(1, 27) AS n;
INSERT INTO answer VALUES (11, 'GRADE', 13), (11, 'REASON', NULL);
INSERT INTO task VALUES
  (31, '00000000-0000-0000-0000-000000000101', 1, 11, 'SIGNOFF', '2026-10-25 03:00Z', '2026-10-25 09:00Z', 9002),
  (32, '00000000-0000-0000-0000-000000000101', 1, NULL, 'MASH', '2026-10-25 10:00Z', '2026-10-26 09:00Z', 9002),
  (33, '00000000-0000-0000-0000-000000000101', 1, NULL, 'CHECKS', '2026-10-25 04:00Z', '2026-10-26 02:00Z', 9002);
INSERT INTO task VALUES
  (34, '00000000-0000-0000-0000-000000000101', 2, NULL, 'NOFORM', '2026-10-25 04:00Z', '2026-10-25 05:00Z', 9001, false, 31);

-- 102: a form begun and not yet locked, and a deadline still to come.
INSERT INTO event VALUES ('00000000-0000-0000-0000-000000000102', 102, '2026-11-02 23:00Z', 42, false, 21, 9004);
INSERT INTO party VALUES ('00000000-0000-0000-0000-000000000102', 1, 'V', false);
INSERT INTO form VALUES (12, '00000000-0000-0000-0000-000000000102', 1, 'DASH 2009', NULL, 9004, false);

-- 103: made high at sign-off by its own author; a second form with one blank; the referral was struck out.
INSERT INTO event VALUES ('00000000-0000-0000-0000-000000000103', 103, '2026-10-28 12:00Z', 42, true, 21, 9004);
INSERT INTO party VALUES ('00000000-0000-0000-0000-000000000103', 1, 'V', true);
INSERT INTO form VALUES
  (13, '00000000-0000-0000-0000-000000000103', 1, 'SafeLives checklist', '2026-10-28 13:00Z', 9004, false),
  (14, '00000000-0000-0000-0000-000000000103', 1, 'SafeLives checklist', '2026-10-29 09:00Z', 9004, NULL);
INSERT INTO answer SELECT 13, 'Q' || n, 1 FROM generate_series(1, 24) AS n;
INSERT INTO answer SELECT 14, 'Q' || n, 2 FROM generate_series(1, 24) AS n WHERE n <> 7;
INSERT INTO answer VALUES (13, 'GRADE', 12), (14, 'GRADE', 13), (14, 'REASON', NULL);
INSERT INTO task VALUES
  (35, '00000000-0000-0000-0000-000000000103', 1, 13, 'SIGNOFF', '2026-10-28 13:00Z', '2026-10-28 15:00Z', 9004, false, 13);
INSERT INTO task VALUES
  (36, '00000000-0000-0000-0000-000000000103', 1, NULL, 'MASH', '2026-10-28 16:00Z', NULL, NULL, true);
INSERT INTO task VALUES
  (37, '00000000-0000-0000-0000-000000000103', 1, NULL, 'CHECKS', '2026-10-28 14:00Z', NULL, NULL);

-- 104: not domestic after all.
INSERT INTO event VALUES ('00000000-0000-0000-0000-000000000104', 104, '2026-10-28 18:00Z', 42, false, 24, 9004);
INSERT INTO party VALUES ('00000000-0000-0000-0000-000000000104', 1, 'V', NULL);

-- 105: signed off in the deadline's last instant, checked a microsecond after it, and an answer nobody mapped.
INSERT INTO event VALUES ('00000000-0000-0000-0000-000000000105', 105, '2026-10-29 20:00Z', 41, false, 22, 9001);
INSERT INTO party VALUES ('00000000-0000-0000-0000-000000000105', 1, 'V', NULL);
INSERT INTO form VALUES (15, '00000000-0000-0000-0000-000000000105', 1, 'DASH 2009', '2026-10-29 22:00Z', 9001, false);
INSERT INTO answer SELECT 15, 'Q' || n, CASE n WHEN 3 THEN 4 ELSE 2 END FROM generate_series(1, 27) AS n;
INSERT INTO answer VALUES (15, 'GRADE', 11), (15, 'REASON', NULL);
INSERT INTO task VALUES
  (38, '00000000-0000-0000-0000-000000000105', 1, 15, 'SIGNOFF', '2026-10-29 22:00Z', '2026-10-30 22:00Z', 9002),
  (39, '00000000-0000-0000-0000-000000000105', 1, NULL, 'CHECKS', '2026-10-29 22:00Z', '2026-10-30 22:00:00.000001Z', 9002),
  (40, '00000000-0000-0000-0000-000000000105', 1, NULL, 'MARAC', NULL, '2026-10-31 10:00Z', 9002);

-- A task of an event that is not there any more.
INSERT INTO task VALUES (41, '00000000-0000-0000-0000-000000000999', 1, NULL, 'MASH', '2026-10-30 10:00Z', NULL, NULL);
