-- The demonstration's force as it would be kept on PostgreSQL: times are timestamps without a zone, flags are booleans,
-- codes have their own width. Four columns stay text, because what was typed there is not always a time.

CREATE TABLE load_log (
    load_id     bigint,
    table_name  varchar(30),
    load_end    timestamp,
    outcome     varchar(10)
);

CREATE TABLE employee (
    collar      varchar(10),
    disp_name   varchar(80),
    mail_addr   varchar(80),
    role_cd     varchar(10),
    team_cd     varchar(10),
    stn_cd      char(6),
    line_mgr    varchar(10),
    left_dt     date
);

CREATE TABLE occurrence (
    occ_no      varchar(20),
    rec_dt      text,
    flag_dt     timestamp,
    att_dt      timestamp,
    stn_cd      char(6),
    team_cd     varchar(10),
    oic         varchar(10),
    sup         varchar(10),
    class_cd    char(2),
    child_flag  boolean,
    status_cd   char(3)
);

CREATE TABLE occ_victim (
    occ_no      varchar(20),
    vic_no      smallint,
    rpt_vic     boolean,
    no_form_cd  char(2)
);

CREATE TABLE risk_form (
    form_id     bigint,
    occ_no      varchar(20),
    vic_no      smallint,
    form_cd     char(4),
    stage_cd    char(1),
    start_dt    timestamp,
    submit_dt   text,
    author      varchar(10),
    declined    boolean,
    grade_cd    varchar(20),
    rationale   boolean
);

CREATE TABLE form_answer (
    form_id     bigint,
    item_no     smallint,
    ans_cd      char(2)
);

CREATE TABLE endorsement (
    form_id         bigint,
    endorse_dt      text,
    endorser        varchar(10),
    final_grade_cd  char(1),
    final_rationale boolean,
    void            boolean
);

CREATE TABLE unit_check (
    occ_no      varchar(20),
    vic_no      smallint,
    checked_dt  text,
    checked_by  varchar(10)
);

CREATE TABLE referral (
    ref_no      varchar(20),
    occ_no      varchar(20),
    vic_no      smallint,
    hub_cd      char(3),
    sent_dt     timestamp,
    ack_dt      timestamp,
    cancelled   boolean
);
