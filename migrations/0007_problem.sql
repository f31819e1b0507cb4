-- +goose Up
-- The register of problems and their rectification. The id is random (v4), not time-ordered: the agency sees it, and a v7 id
-- would tell to the millisecond when the record, the form or the complaint behind a problem came in (invariant 4).
CREATE TABLE problems (
  id uuid PRIMARY KEY, number text NOT NULL UNIQUE,
  agency_number text NOT NULL DEFAULT '',   -- what the agency calls it, taken at the order: the register's number follows triage
  office_id uuid REFERENCES offices,        -- null: the county handles it itself
  agency_id uuid NOT NULL REFERENCES agencies,
  origin text NOT NULL CHECK (origin IN ('visit','feedback','complaint','casefile','special','contact','supervisor','transfer','activity','filing')),
  severity text NOT NULL CHECK (severity IN ('redline','general','minor')),
  category text NOT NULL CHECK (category IN ('inaction','misconduct','procedure','manner','integrity','discretion','qualification','paperwork','disturbance','other')),
  tag text NOT NULL DEFAULT '' CHECK (tag = '' OR tag ~ '^T(0[1-9]|1[0-9])$'),
  nature text NOT NULL DEFAULT 'improper' CHECK (nature IN ('unlawful','improper','flaw','advice')), common bool NOT NULL DEFAULT false,
  item text NOT NULL DEFAULT '', fact text NOT NULL, basis text NOT NULL DEFAULT '', found_on date NOT NULL,
  agency_text text NOT NULL DEFAULT '', deidentified_by uuid, deidentified_at timestamptz,
  state text NOT NULL CHECK (state IN ('confirmed','rectifying','submitted','disputed','closed','withdrawn','referred')),
  rung text NOT NULL DEFAULT '' CHECK (rung IN ('','FBK','TXH','DBH','YJS','JDS')), served_on date, due_on date, due_rule text NOT NULL DEFAULT '', due_sum jsonb,
  -- The queue's order: what has no date yet comes last, but a red line that nobody has ordered yet comes first.
  due_key date NOT NULL GENERATED ALWAYS AS (CASE WHEN state = 'confirmed' AND severity = 'redline' THEN DATE '-infinity' ELSE COALESCE(due_on, DATE 'infinity') END) STORED,
  original_due_on date,                     -- as ordered; an extension ends at most 20 days after it
  yjs_due_on date,                          -- due date of the last opinion served: a decision needs it to have passed
  extended bool NOT NULL DEFAULT false, extension_asked date, accountability bool NOT NULL DEFAULT false, reopened int NOT NULL DEFAULT 0, round int NOT NULL DEFAULT 0,
  reporter_id uuid, verifier_id uuid, handler_id uuid, registered_at timestamptz NOT NULL, ordered_at timestamptz, submitted_at timestamptz, closed_at timestamptz, look_back_on date,
  -- An order out of a public voice waits here for its release (docs/adr/0015).
  queued_rung text NOT NULL DEFAULT '' CHECK (queued_rung IN ('','FBK','TXH','DBH','YJS','JDS')), queued_note text NOT NULL DEFAULT '', queued_by uuid, queued_at timestamptz,
  -- The post that whoever handed it in had that day: what she is by the time it leaves does not matter. queue_fault: why it could not leave.
  queued_role text NOT NULL DEFAULT '', queued_office uuid, queue_fault text NOT NULL DEFAULT '',
  -- Of what was referred: as in leads.
  letter_number text NOT NULL DEFAULT '', outcome_rule text NOT NULL DEFAULT '', outcome_from date, outcome_due_on date, outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('','done','declined','silent')),
  version int NOT NULL DEFAULT 1,
  agency_version int NOT NULL DEFAULT 0,    -- what the agency reads as the version: how many of the deeds it may read there were from the order on
  CHECK ((queued_at IS NOT NULL) = (queued_rung <> '')), CHECK (queued_at IS NULL OR state = 'confirmed'),
  CHECK ((closed_at IS NOT NULL) = (state IN ('closed','withdrawn','referred'))),
  CHECK (ordered_at IS NULL OR agency_text <> ''));
CREATE UNIQUE INDEX problems_agency_number ON problems (agency_number) WHERE agency_number <> '';
CREATE INDEX problems_queued ON problems (agency_id, office_id) WHERE queued_at IS NOT NULL;
-- Whole weeks of an agency's inspections in one office's townships (the zero id: the county's own, all townships), joined until
-- five businesses were inspected. Orders out of public voices leave together, a round at a time. Never changed.
CREATE TABLE release_rounds (
  agency_id uuid NOT NULL REFERENCES agencies, office_id uuid NOT NULL, from_on date NOT NULL, until date NOT NULL CHECK (until >= from_on),
  businesses int NOT NULL CHECK (businesses >= 5), closed_at timestamptz NOT NULL, PRIMARY KEY (agency_id, office_id, until));
CREATE TRIGGER release_rounds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON release_rounds FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TABLE problem_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, problem_id uuid NOT NULL REFERENCES problems, deed text NOT NULL, state text NOT NULL, at timestamptz NOT NULL,
  actor_id uuid, actor_role text NOT NULL, text text NOT NULL DEFAULT '', for_agency bool NOT NULL DEFAULT false, data jsonb NOT NULL DEFAULT '{}');
CREATE INDEX problem_events_problem ON problem_events (problem_id, id);
CREATE TRIGGER problem_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON problem_events FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- Queues: keyset on (due_key, id) over what is open; the register: keyset on (registered_at, id). Each with the scopes and
-- the filters that would otherwise leave an index to be read through (DESIGN section 6, LESSONS A).
CREATE INDEX problems_open ON problems (due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_state_open ON problems (state, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_severity_open ON problems (severity, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_office_open ON problems (office_id, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_office_state_open ON problems (office_id, state, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_office_severity_open ON problems (office_id, severity, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_agency_open ON problems (agency_id, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_agency_state_open ON problems (agency_id, state, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_agency_severity_open ON problems (agency_id, severity, due_key, id) WHERE closed_at IS NULL;
CREATE INDEX problems_registered ON problems (registered_at DESC, id DESC);
CREATE INDEX problems_state_registered ON problems (state, registered_at DESC, id DESC);
CREATE INDEX problems_severity_registered ON problems (severity, registered_at DESC, id DESC);
CREATE INDEX problems_origin_registered ON problems (origin, registered_at DESC, id DESC);
CREATE INDEX problems_office_registered ON problems (office_id, registered_at DESC, id DESC);
CREATE INDEX problems_office_state_registered ON problems (office_id, state, registered_at DESC, id DESC);
CREATE INDEX problems_office_severity_registered ON problems (office_id, severity, registered_at DESC, id DESC);
CREATE INDEX problems_agency_registered ON problems (agency_id, registered_at DESC, id DESC);
CREATE INDEX problems_agency_ordered ON problems (agency_id, ordered_at DESC, id DESC) WHERE ordered_at IS NOT NULL;
CREATE INDEX problems_agency_state_ordered ON problems (agency_id, state, ordered_at DESC, id DESC) WHERE ordered_at IS NOT NULL;
CREATE INDEX problems_agency_severity_ordered ON problems (agency_id, severity, ordered_at DESC, id DESC) WHERE ordered_at IS NOT NULL;
-- An agency's problems are nearly all its own office's: without this the planner takes the two for chance.
CREATE STATISTICS problems_place (dependencies) ON office_id, agency_id FROM problems;
CREATE INDEX problems_awaited ON problems (outcome_due_on, id) WHERE outcome_due_on IS NOT NULL;
CREATE INDEX problems_handler_open ON problems (handler_id) WHERE closed_at IS NULL;
CREATE INDEX problems_text ON problems USING gin (bigrams(number || ' ' || fact));
