-- Southfold's forms are scanned: its database knows how many questions were answered and how many with yes, not which.
-- There is no table of staff. Keys have a fixed width, times are text without a mark between their parts.

CREATE TABLE CASES (
    CASE_ID    CHAR(10),
    RECD       CHAR(12),       -- 202611022110
    STATION    CHAR(4),
    TEAM       CHAR(6),
    OFFICER    CHAR(8),
    CRIME_YN   CHAR(1),
    CHILD_YN   CHAR(1),
    CLOSE_CD   CHAR(3),
    RESEARCHED CHAR(12),
    CUSTODY    CHAR(1)
);
CREATE TABLE SCANS (
    SCAN_ID    INTEGER,
    CASE_ID    CHAR(10),
    FORM       CHAR(6),
    SENT       CHAR(12),
    AUTHOR     CHAR(8),
    N_ANSWERED TEXT,           -- typed from the scan
    N_YES      TEXT,
    N_UNKNOWN  TEXT,
    REFUSED    CHAR(1),
    GRADE      CHAR(1),
    WHY        CHAR(1),
    SEEN       CHAR(12),
    SEEN_BY    CHAR(8)
);
CREATE TABLE SENT_ON (
    SENT_ID    INTEGER,
    CASE_ID    CHAR(10),
    TO_WHOM    CHAR(10),
    SENT_DAY   CHAR(8),        -- 20261102
    STRUCK_OUT CHAR(1)
);
CREATE TABLE LOADS (LOADED CHAR(12));
INSERT INTO LOADS VALUES ('202611020530'), ('202611030530');

INSERT INTO CASES VALUES
 ('SF001     ', '202610261800', 'S1  ', 'RED   ', '411     ', 'Y', 'N', '   ', '202610271000', '1'),
 ('SF002     ', '202610270100', 'S1  ', 'RED   ', '412     ', 'Y', 'Y', '   ', '202610281200', '0'),
 ('SF003     ', '202610271400', 'S2  ', 'BLUE  ', '413     ', 'N', 'N', 'CAN', NULL,           '0'),
 ('SF004     ', '202610281500', 'S2  ', 'BLUE  ', '413     ', 'N', '?', '   ', NULL,           ' '),
 ('SF005     ', '202611022030', 'S2  ', 'BLUE  ', '414     ', 'N', 'N', '   ', NULL,           '0'),
 ('SF006     ', '2026110X2030', 'S2  ', 'BLUE  ', '414     ', 'N', 'N', '   ', NULL,           '0'),
 ('SF007     ', '202610290900', 'S1  ', 'RED   ', '411     ', 'N', 'N', '   ', NULL,           '0');
INSERT INTO SCANS VALUES
 -- High risk, all questions answered, sent on the same day.
 (1, 'SF001     ', 'V27   ', '202610262000', '411     ', '27', '15', '2', '0', 'H', 'Y', '202610270800', '401     '),
 -- Two questions left blank; sent to the MASH three days later.
 (2, 'SF002     ', 'V27   ', '202610270300', '412     ', '25', '16', '0', '0', 'H', 'Y', '202610280500', '401     '),
 -- A form that nobody listed, so nobody knows how many questions it has; not graded.
 (4, 'SF004     ', 'PILOT ', '202610281700', '413     ', '12', '3',  '0', '0', ' ', ' ', NULL,           NULL),
 -- A number that is none.
 (5, 'SF005     ', 'V27   ', '202611022200', '414     ', '2T', '3',  '0', '0', 'S', 'Y', NULL,           NULL),
 -- The case it belongs to has no time that can be read.
 (6, 'SF006     ', 'V27   ', '202611022200', '414     ', '27', '3',  '0', '0', 'S', 'Y', NULL,           NULL),
 -- The same scan twice, identical: one form. Sent a minute before the report: somebody has to look.
 (7, 'SF007     ', 'V27   ', '202610290859', '411     ', '27', '3',  '0', '0', 'M', 'Y', '202610291000', '401     '),
 (7, 'SF007     ', 'V27   ', '202610290859', '411     ', '27', '3',  '0', '0', 'M', 'Y', '202610291000', '401     ');
INSERT INTO SENT_ON VALUES
 (21, 'SF001     ', 'MASH HUB  ', '20261026', 'N'),
 (22, 'SF002     ', 'MASH HUB  ', '20261027', 'Y'),
 (23, 'SF002     ', 'MASH HUB  ', '20261030', 'N'),
 (24, 'SF999     ', 'MASH HUB  ', '20261030', 'N');
