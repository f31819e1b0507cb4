-- +goose Up
CREATE TABLE tickets (
  id uuid PRIMARY KEY, hash bytea NOT NULL UNIQUE, short_hash bytea NOT NULL UNIQUE, -- SHA-256 of the 128 random bits and of the typed code
  issued_to uuid NOT NULL REFERENCES accounts, office_id uuid NOT NULL REFERENCES offices, issued_on date NOT NULL, request_id uuid NOT NULL, position int NOT NULL, -- one batch per request id
  visit_id uuid UNIQUE REFERENCES visits, bound_at timestamptz, expires_at timestamptz, revoked_at timestamptz, answered bool NOT NULL DEFAULT false,
  CONSTRAINT tickets_batch UNIQUE (issued_to, request_id, position)
) WITH (fillfactor = 80); -- room beside each ticket to mark it answered without touching an index
CREATE INDEX tickets_issued ON tickets (issued_to) WHERE visit_id IS NULL AND revoked_at IS NULL;
-- An answer: random id (UUIDv4), time to the hour, nothing about the device. counted=false: a later answer, kept and flagged.
-- agency_id and office_id come from the ticket's own visit inside the statement; a foreign key would lock the few rows of
-- agencies and offices for each answer, and all answers would queue at them.
-- suspect: a program seems to have filled it; a flag for the desk, nothing is dropped.
CREATE TABLE feedbacks (
  id uuid PRIMARY KEY, ticket_id uuid REFERENCES tickets, channel text NOT NULL CHECK (channel IN ('ticket','wall','paper')), agency_id uuid, office_id uuid,
  counted bool NOT NULL, suspect bool NOT NULL DEFAULT false, form_version int NOT NULL, scale int NOT NULL CHECK (scale IN (3,5)), checked_on date NOT NULL, business_name text NOT NULL DEFAULT '', kind text NOT NULL, matter text NOT NULL,
  facts jsonb NOT NULL, ratings jsonb NOT NULL, overall int NOT NULL CHECK (overall BETWEEN 1 AND 5), bad bool NOT NULL, problem_text text NOT NULL DEFAULT '', advice text NOT NULL DEFAULT '',
  reply_wanted bool NOT NULL DEFAULT false, has_contact bool NOT NULL DEFAULT false, receipt_hash bytea NOT NULL UNIQUE, body_hash bytea NOT NULL, state text NOT NULL DEFAULT 'received' CHECK (state IN ('received','checking','answered')), reply text NOT NULL DEFAULT '', replied_at timestamptz,
  entered_by uuid REFERENCES accounts, received_hour timestamptz NOT NULL CHECK (date_trunc('hour', received_hour) = received_hour));
CREATE UNIQUE INDEX feedbacks_counted ON feedbacks (ticket_id) WHERE counted AND ticket_id IS NOT NULL;
CREATE INDEX feedbacks_list ON feedbacks (received_hour DESC, id);
CREATE INDEX feedbacks_agency ON feedbacks (agency_id, received_hour);
CREATE INDEX feedbacks_office ON feedbacks (office_id, received_hour DESC, id);
CREATE INDEX feedbacks_later ON feedbacks (ticket_id) WHERE NOT counted AND ticket_id IS NOT NULL;
-- The revealing role checks whose case it is, and sees no more of it.
GRANT SELECT (id, office_id) ON feedbacks TO suixing_vault;
-- Slowing of guesses: a keyed hash of day and address, gone the next day. Names nobody.
CREATE TABLE public_slowdown (key bytea PRIMARY KEY, day date NOT NULL, hits int NOT NULL);
CREATE INDEX public_slowdown_day ON public_slowdown (day);
-- What the public may know of what became of an answer or a complaint: steps and days, never words or people.
-- +goose StatementBegin
CREATE FUNCTION public_progress(p_origin text, p_origin_id uuid) RETURNS TABLE (step text, at timestamptz, due date) LANGUAGE sql STABLE AS $$
  SELECT 'lead.' || e.state, e.at, NULL::date FROM leads l JOIN lead_events e ON e.lead_id = l.id WHERE l.origin = p_origin AND l.origin_id = p_origin_id
  UNION ALL
  SELECT 'problem.' || e.state, e.at, CASE WHEN e.state = 'rectifying' AND p.state = 'rectifying' THEN p.due_on END
  FROM leads l JOIN problems p ON p.id = l.problem_id JOIN problem_events e ON e.problem_id = p.id
  WHERE l.origin = p_origin AND l.origin_id = p_origin_id AND e.state NOT IN ('confirmed', 'disputed')
$$;
-- +goose StatementEnd
