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
CREATE INDEX feedbacks_moved ON feedbacks (state, received_hour DESC, id) WHERE state <> 'received'; -- few
CREATE INDEX feedbacks_suspect ON feedbacks (received_hour DESC, id) WHERE suspect;
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
-- The whole write of one answer: use the ticket up, keep the answer (the first one counts, a later one is kept beside it,
-- the same one again changes nothing), seal the contact. Its lead and the row in the trail come with the settlement of its
-- hour, in an order that tells nothing (0013). Beyond p_many later answers of one ticket only those with proof of work are
-- kept, and what a person without script pressed, who is looked at first (p_held): crowded asks for one or the other.
-- A function, because plpgsql keeps the plan of each step; as one statement it was planned anew for every answer, which
-- took longer than the write. A bound ticket's visit says agency, day and matter, whatever was sent. No row: no such ticket.
-- complete is false where an unbound ticket's answer names no agency. All times kept are whole hours.
-- +goose StatementBegin
CREATE FUNCTION feedback_keep(p_hash bytea, p_typed bool, p_now timestamptz, p_agency uuid, p_day date, p_matter text, p_id uuid, p_suspect bool, p_form int, p_scale int,
  p_business text, p_kind text, p_facts jsonb, p_ratings jsonb, p_overall int, p_bad bool, p_problem text, p_advice text, p_reply bool, p_contact bool, p_receipt bytea, p_body bytea,
  p_hour timestamptz, p_vault uuid, p_key text, p_sealed bytea, p_sealed_on date, p_many int, p_held bool)
RETURNS TABLE (complete bool, kept bool, crowded bool, ticket uuid, office text, agency text, checked_on text) LANGUAGE plpgsql AS $$
DECLARE
  t tickets; k record; first bool;
BEGIN
  -- The first answer of a good ticket, which nearly all are, holds it and marks it in one step; any other is looked at
  -- again. Held first: a visit that is being bound to it at this moment is then seen, or comes after the answer.
  IF p_typed THEN UPDATE tickets x SET answered = true WHERE x.short_hash = p_hash AND NOT x.answered AND x.revoked_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > p_now) RETURNING * INTO t;
  ELSE UPDATE tickets x SET answered = true WHERE x.hash = p_hash AND NOT x.answered AND x.revoked_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > p_now) RETURNING * INTO t; END IF;
  first := FOUND;
  IF NOT first THEN
    IF p_typed THEN SELECT * INTO t FROM tickets x WHERE x.short_hash = p_hash FOR NO KEY UPDATE;
    ELSE SELECT * INTO t FROM tickets x WHERE x.hash = p_hash FOR NO KEY UPDATE; END IF;
    IF NOT FOUND OR t.revoked_at IS NOT NULL OR t.expires_at <= p_now THEN RETURN; END IF;
  END IF;
  IF t.visit_id IS NULL THEN
    SELECT t.office_id AS office_id, o.name AS office, a.id AS agency_id, a.name AS agency, p_matter AS matter, p_day AS day INTO k
    FROM offices o LEFT JOIN agencies a ON a.id = p_agency AND a.active WHERE o.id = t.office_id;
  ELSE
    SELECT v.office_id, o.name AS office, v.agency_id, a.name AS agency, v.matter, COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on, p_day) AS day INTO k
    FROM visits v JOIN offices o ON o.id = v.office_id JOIN agencies a ON a.id = v.agency_id WHERE v.id = t.visit_id;
  END IF;
  complete := k.agency_id IS NOT NULL AND k.day IS NOT NULL AND COALESCE(k.matter, '') <> '';
  kept := false; crowded := false;
  IF complete AND NOT first AND p_many > 0 THEN
    SELECT count(*) >= p_many AND NOT EXISTS (SELECT FROM feedbacks f WHERE f.receipt_hash = p_receipt) INTO crowded
    FROM (SELECT FROM feedbacks f WHERE f.ticket_id = t.id AND NOT f.counted LIMIT p_many) later;
  END IF;
  IF complete AND NOT crowded THEN
    INSERT INTO feedbacks (id, ticket_id, channel, agency_id, office_id, counted, suspect, quarantined, form_version, scale, checked_on, business_name, kind, matter, facts, ratings, overall, bad,
      problem_text, advice, reply_wanted, has_contact, receipt_hash, body_hash, state, received_hour)
    VALUES (p_id, t.id, 'ticket', k.agency_id, k.office_id, first, p_suspect, p_held, p_form, p_scale, k.day, p_business, p_kind, k.matter, p_facts, p_ratings, p_overall, p_bad,
      p_problem, p_advice, p_reply, p_contact, p_receipt, p_body, CASE WHEN p_bad THEN 'checking' ELSE 'received' END, p_hour)
    ON CONFLICT (receipt_hash) DO NOTHING;
    kept := FOUND;
    IF kept AND p_contact THEN PERFORM vault_seal(p_vault, 'feedback', p_id, p_key, p_sealed, p_sealed_on); END IF;
  END IF;
  IF first AND NOT kept THEN UPDATE tickets x SET answered = false WHERE x.id = t.id; END IF; -- nothing was kept: the form comes back
  ticket := t.id; office := k.office; agency := COALESCE(k.agency, ''); checked_on := COALESCE(to_char(k.day, 'YYYY-MM-DD'), '');
  RETURN NEXT;
END $$;
-- +goose StatementEnd
-- The same for answers that arrive at one moment, in one transaction and for a third of the price. It takes only what
-- nearly all are, the first answer of a scanned good ticket that is told enough; what it leaves is for feedback_keep.
-- p_answers: an array of objects with the fields named below; a tells which.
-- +goose StatementBegin
CREATE FUNCTION feedback_keep_first(p_answers jsonb, p_now timestamptz, p_form int) RETURNS TABLE (a int, ticket uuid, office text, agency text, checked_on text) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$ -- a plan is kept for the session: made over ten tickets, it must still be good over a hundred thousand
DECLARE
  nos int[]; ids uuid[]; offices_of uuid[]; visits_of uuid[]; n int;
BEGIN
  -- Held first, and looked at in a second step: a visit that is being bound at this moment is then seen.
  WITH held AS (
    UPDATE tickets x SET answered = true FROM jsonb_to_recordset(p_answers) AS y(a int, hash bytea, agency uuid, day date, matter text)
    WHERE x.hash = y.hash AND NOT x.answered AND x.revoked_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > p_now)
      AND (x.visit_id IS NOT NULL OR y.day IS NOT NULL AND y.matter <> '' AND EXISTS (SELECT FROM agencies g WHERE g.id = y.agency AND g.active))
    RETURNING y.a, x.id, x.office_id, x.visit_id)
  SELECT array_agg(held.a), array_agg(held.id), array_agg(held.office_id), array_agg(held.visit_id) INTO nos, ids, offices_of, visits_of FROM held;
  IF nos IS NULL THEN RETURN; END IF;
  RETURN QUERY WITH told AS (
    SELECT h.a AS no, h.id AS ticket_id, o.id AS office_id, o.name AS office_name, g.id AS agency_id, g.name AS agency_name, y.*,
      CASE WHEN v.id IS NULL THEN y.matter ELSE v.matter END AS about, CASE WHEN v.id IS NULL THEN y.day ELSE COALESCE((v.happened_at AT TIME ZONE 'Asia/Shanghai')::date, v.planned_on, y.day) END AS checked
    FROM unnest(nos, ids, offices_of, visits_of) AS h(a, id, office_id, visit_id)
    JOIN jsonb_to_recordset(p_answers) AS y(a int, agency uuid, day date, matter text, id uuid, suspect bool, scale int, business text, kind text, facts jsonb, ratings jsonb, overall int, bad bool,
      problem text, advice text, reply bool, contact bool, receipt bytea, body bytea, hour timestamptz, vault uuid, key text, sealed bytea, sealed_on date) ON y.a = h.a
    LEFT JOIN visits v ON v.id = h.visit_id JOIN offices o ON o.id = COALESCE(v.office_id, h.office_id) JOIN agencies g ON g.id = COALESCE(v.agency_id, y.agency)
  ), kept AS (
    INSERT INTO feedbacks (id, ticket_id, channel, agency_id, office_id, counted, suspect, form_version, scale, checked_on, business_name, kind, matter, facts, ratings, overall, bad,
      problem_text, advice, reply_wanted, has_contact, receipt_hash, body_hash, state, received_hour)
    SELECT t.id, t.ticket_id, 'ticket', t.agency_id, t.office_id, true, t.suspect, p_form, t.scale, t.checked, t.business, t.kind, NULLIF(t.about, ''), t.facts, t.ratings, t.overall, t.bad,
      t.problem, t.advice, t.reply, t.contact, t.receipt, t.body, CASE WHEN t.bad THEN 'checking' ELSE 'received' END, t.hour FROM told t
  )
  SELECT t.no, t.ticket_id, t.office_name, t.agency_name, to_char(t.checked, 'YYYY-MM-DD') FROM told t
  WHERE CASE WHEN t.contact THEN vault_seal(t.vault, 'feedback', t.id, t.key, t.sealed, t.sealed_on) ELSE true END;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n <> cardinality(nos) THEN RAISE EXCEPTION 'feedback_keep_first: % of % kept', n, cardinality(nos); END IF; -- none is kept, and each is asked for by itself
END $$;
-- +goose StatementEnd
-- The random call-back (docs/adr/0016): of each closed month some visits are drawn, and the county asks their businesses by telephone how
-- the form came about. A call hangs on the visit and on nothing else: no answer is named here, no moment finer than the day is kept,
-- and the number that was called goes when the call-back is closed.
CREATE TABLE callback_settings (only_one bool PRIMARY KEY DEFAULT true CHECK (only_one), share int NOT NULL CHECK (share BETWEEN 10 AND 100), least int NOT NULL CHECK (least BETWEEN 1 AND 20), version int NOT NULL DEFAULT 1);
INSERT INTO callback_settings (share, least) VALUES (10, 1);
-- One draw a month, for good: the row of the round is what two servers meet at.
CREATE TABLE callback_rounds (month text PRIMARY KEY CHECK (month ~ '^\d{4}-(0[1-9]|1[0-2])$'), drawn_on date NOT NULL, share int NOT NULL, least int NOT NULL, pool int NOT NULL DEFAULT 0, drawn int NOT NULL DEFAULT 0);
-- tries counts the calls that reached nobody; the third closes.
CREATE TABLE callbacks (
  id uuid PRIMARY KEY, month text NOT NULL REFERENCES callback_rounds, visit_id uuid NOT NULL UNIQUE REFERENCES visits, agency_id uuid NOT NULL REFERENCES agencies,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open','reached','unreached','declined')), tries int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 3), tried_on date, contact text NOT NULL DEFAULT '',
  seen text NOT NULL DEFAULT '' CHECK (seen IN ('','yes','no','unsure')), filled text NOT NULL DEFAULT '' CHECK (filled IN ('','own','officer','other','nobody')), beside text NOT NULL DEFAULT '' CHECK (beside IN ('','yes','no','unsure')),
  version int NOT NULL DEFAULT 1, CHECK ((state = 'unreached') = (tries = 3)), CHECK ((state = 'reached') = (seen || filled || beside <> '')), CHECK (state = 'open' OR contact = ''));
CREATE INDEX callbacks_list ON callbacks (month DESC, id);
CREATE INDEX callbacks_open ON callbacks (month DESC, id) WHERE state = 'open';
-- What was recorded, and what of it was taken back as wrong, with the reason.
CREATE TABLE callback_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, callback_id uuid NOT NULL REFERENCES callbacks, deed text NOT NULL CHECK (deed IN ('call','undo')), result text NOT NULL DEFAULT '' CHECK (result IN ('','reached','unreached','declined')),
  seen text NOT NULL DEFAULT '', filled text NOT NULL DEFAULT '', beside text NOT NULL DEFAULT '', reason text NOT NULL DEFAULT '', on_day date NOT NULL, actor_id uuid NOT NULL REFERENCES accounts);
CREATE INDEX callback_events_of ON callback_events (callback_id, id);
CREATE TRIGGER callback_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON callback_events FOR EACH STATEMENT EXECUTE FUNCTION append_only();
