-- +goose Up
-- Triage: what came in and waits for a person to decide. Every origin raises a lead; a lead becomes a problem, joins one, or ends here.
CREATE TABLE leads (
  id uuid PRIMARY KEY, number text NOT NULL UNIQUE,
  origin text NOT NULL CHECK (origin IN ('visit','feedback','complaint','casefile','special','contact','supervisor','transfer','activity','filing')),
  origin_id uuid, origin_item text NOT NULL DEFAULT '',
  office_id uuid REFERENCES offices, agency_id uuid REFERENCES agencies, severity text NOT NULL DEFAULT 'general' CHECK (severity IN ('redline','general','minor')),
  category text NOT NULL DEFAULT 'other', fact text NOT NULL, happened_on date, reporter_id uuid, raised_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open','registered','attached','dismissed','referred')), problem_id uuid REFERENCES problems,
  reason text NOT NULL DEFAULT '', referred_to text NOT NULL DEFAULT '', due_on date,
  -- Of what was referred: the number of the letter, when a written outcome is due and by which rule from when, and how it ended.
  letter_number text NOT NULL DEFAULT '', outcome_rule text NOT NULL DEFAULT '', outcome_from date, outcome_due_on date, outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('','done','declined','silent')),
  decided_at timestamptz, decided_by uuid, version int NOT NULL DEFAULT 1,
  CHECK ((state IN ('registered','attached')) = (problem_id IS NOT NULL)));
CREATE UNIQUE INDEX leads_origin ON leads (origin, origin_id, origin_item) WHERE origin_id IS NOT NULL;
CREATE INDEX leads_open ON leads (raised_at, id) WHERE state = 'open';
CREATE INDEX leads_office_open ON leads (office_id, raised_at, id) WHERE state = 'open';
CREATE INDEX leads_severity_open ON leads (severity, raised_at, id) WHERE state = 'open';
CREATE INDEX leads_origin_open ON leads (origin, raised_at, id) WHERE state = 'open';
CREATE INDEX leads_awaited ON leads (outcome_due_on, id) WHERE outcome_due_on IS NOT NULL;
CREATE INDEX leads_all ON leads (raised_at DESC, id DESC);
CREATE INDEX leads_office_all ON leads (office_id, raised_at DESC, id DESC);
CREATE INDEX leads_state_all ON leads (state, raised_at DESC, id DESC);
CREATE INDEX leads_agency_all ON leads (agency_id, raised_at DESC, id DESC);
CREATE INDEX leads_problem ON leads (problem_id) WHERE problem_id IS NOT NULL;
CREATE INDEX leads_text ON leads USING gin (bigrams(number || ' ' || fact));
CREATE TABLE lead_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead_id uuid NOT NULL REFERENCES leads, deed text NOT NULL, state text NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_role text NOT NULL, text text NOT NULL DEFAULT '');
CREATE INDEX lead_events_lead ON lead_events (lead_id, id);
CREATE TRIGGER lead_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lead_events FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- lead_due: until when a lead is to be looked at, by where it came from. Null also while a year's calendar is missing: then it is
-- counted when the year comes.
-- +goose StatementBegin
CREATE FUNCTION lead_due(p_origin text, p_raised date) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN deadline_due(CASE p_origin WHEN 'feedback' THEN 'DL13' WHEN 'complaint' THEN 'DL01' WHEN 'transfer' THEN 'DL15' END, p_raised);
END $$;
-- +goose StatementEnd
-- lead_raise: what intake features call inside their own statement. Same origin twice gives the same lead. Returns its id.
-- The counter's lock makes raisers of one year take turns, so the second look decides, and a number not used goes back.
-- +goose StatementBegin
CREATE FUNCTION lead_raise(p_id uuid, p_origin text, p_origin_id uuid, p_item text, p_office uuid, p_agency uuid, p_severity text, p_category text, p_fact text, p_happened date, p_reporter uuid, p_at timestamptz)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  known uuid; n bigint;
  today date := (p_at AT TIME ZONE 'Asia/Shanghai')::date;
  wanted text := 'XS' || to_char(today, 'YYYY');
BEGIN
  SELECT l.id INTO known FROM leads l WHERE l.origin = p_origin AND l.origin_id = p_origin_id AND l.origin_item = p_item;
  IF known IS NOT NULL THEN RETURN known; END IF;
  n := next_number(wanted);
  SELECT l.id INTO known FROM leads l WHERE l.origin = p_origin AND l.origin_id = p_origin_id AND l.origin_item = p_item;
  IF known IS NOT NULL THEN
    UPDATE counters c SET value = c.value - 1 WHERE c.series = wanted;
    RETURN known;
  END IF;
  INSERT INTO leads (id, number, origin, origin_id, origin_item, office_id, agency_id, severity, category, fact, happened_on, reporter_id, raised_at, due_on)
  VALUES (p_id, wanted || '-' || lpad(n::text, greatest(4, length(n::text)), '0'), p_origin, p_origin_id, p_item, p_office, p_agency, p_severity, p_category, p_fact, p_happened, p_reporter, p_at,
          lead_due(p_origin, today));
  INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text) VALUES (p_id, 'raise', 'open', p_at, p_reporter, COALESCE((SELECT role FROM accounts WHERE accounts.id = p_reporter), 'system'), '');
  RETURN p_id;
END $$;
-- +goose StatementEnd
-- Whether a problem came out of an answer about a visit that this person stood beside (of a ticket tied to no visit yet: that was
-- hers to hand out). What was said of her does not come to her by the register. Written late-bound: tickets come with 0010.
-- +goose StatementBegin
CREATE FUNCTION rates_own_visit(p_problem uuid, p_account uuid) RETURNS bool LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM leads l JOIN feedbacks f ON f.id = l.origin_id JOIN tickets k ON k.id = f.ticket_id
    WHERE l.problem_id = p_problem AND l.origin = 'feedback'
      AND (k.visit_id IS NULL AND k.issued_to = p_account OR EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = k.visit_id AND m.account_id = p_account)));
END $$;
-- +goose StatementEnd
