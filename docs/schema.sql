-- The schema after all migrations; `make schema` writes it, a test compares it.


CREATE SCHEMA vault;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE FUNCTION public.append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'SX001'; END $$;

CREATE FUNCTION public.audit_append(at timestamp with time zone, actor_id uuid, actor_role text, deed text, subject_kind text, subject_id uuid, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    AS $_$
DECLARE n bigint;
BEGIN
  INSERT INTO public.audit_log AS l (at, actor_id, actor_role, deed, subject_kind, subject_id, detail)
  VALUES ($1, $2, $3, $4, $5, $6, COALESCE($7, '{}'::jsonb)) RETURNING l.id INTO n;
  RETURN n;
END $_$;

CREATE FUNCTION public.bigrams(t text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT COST 20000 PARALLEL SAFE
    AS $$
  SELECT COALESCE(array_agg(DISTINCT substr(lower(t), i, 2)), '{}') FROM generate_series(1, greatest(length(t) - 1, 0)) i
$$;

CREATE FUNCTION public.case_shredded(p_kind text, p_case uuid, p_on date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
  IF p_kind = 'complaint' THEN UPDATE complaints SET has_contact = false, shredded_on = p_on, -- and nobody can be called back any more
    due_on = CASE WHEN due_rule <> 'DL23' THEN due_on END, due_sum = CASE WHEN due_rule <> 'DL23' THEN due_sum END, due_rule = CASE WHEN due_rule <> 'DL23' THEN due_rule ELSE '' END WHERE id = p_case AND (has_contact OR shredded_on IS NULL); END IF;
  IF p_kind = 'feedback' THEN UPDATE feedbacks SET has_contact = false WHERE id = p_case AND has_contact; END IF;
END $$;

CREATE FUNCTION public.complaint_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE c complaints;
BEGIN
  SELECT * INTO c FROM complaints x WHERE x.id = p_case AND (p_role = 'county' OR p_role = 'office' AND x.office_id = p_office);
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF complaint_keeps_off(p_case, p_account, p_office) THEN RETURN false; END IF;
  IF EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.part = 'investigator') THEN
    RETURN EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.part = 'investigator' AND p.account_id = p_account);
  END IF;
  RETURN CASE WHEN c.office_id IS NULL THEN p_role = 'county' ELSE p_role = 'office' AND c.office_id = p_office END;
END $$;

CREATE FUNCTION public.complaint_keeps_off(p_case uuid, p_account uuid, p_office uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  SELECT c.about = 'bureau' OR c.about = 'office' AND COALESCE(c.about_office_id = p_office, false)
    OR COALESCE((SELECT length(a.name) > 1 AND strpos(c.officer, a.name) > 0 FROM accounts a WHERE a.id = p_account), false)
    OR EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = p_account AND p.part = 'recused')
  FROM complaints c WHERE c.id = p_case
$$;

CREATE FUNCTION public.complaint_subject(p_agency uuid, p_target text) RETURNS TABLE(agency_id uuid, agency_office uuid, about text, about_office_id uuid)
    LANGUAGE sql STABLE
    AS $$
  SELECT a.id, a.office_id, CASE WHEN o.id IS NOT NULL THEN 'office' WHEN b.id IS NOT NULL THEN 'bureau' ELSE 'agency' END, o.id
  FROM (SELECT 1) one
  LEFT JOIN LATERAL (SELECT x.id, x.office_id FROM agencies x WHERE x.active AND (x.id = p_agency OR p_agency IS NULL AND x.name = p_target) LIMIT 1) a ON true
  LEFT JOIN LATERAL (SELECT x.id FROM offices x WHERE x.name <> '' AND strpos(p_target, x.name) > 0 LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT x.id FROM bureau x WHERE x.name <> '' AND strpos(p_target, x.name) > 0 LIMIT 1) b ON true
$$;

CREATE FUNCTION public.complaint_to_county(p_case uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE complaints c SET office_id = NULL, handler_id = (SELECT a.id FROM accounts a WHERE a.id = c.handler_id AND a.role <> 'office') WHERE c.id = p_case;
  DELETE FROM complaint_people p USING accounts a WHERE p.complaint_id = p_case AND p.part = 'investigator' AND a.id = p.account_id AND a.role = 'office';
  UPDATE leads l SET office_id = NULL, version = l.version + 1 WHERE l.origin = 'complaint' AND l.origin_id = p_case AND l.state = 'open' AND l.office_id IS NOT NULL;
END $$;

CREATE FUNCTION public.deadline_due(p_rule text, p_from date) RETURNS date
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE r deadline_rules; d date := p_from; n int := 0; loaded int := 0; works bool;
BEGIN
  SELECT * INTO r FROM deadline_rules WHERE code = p_rule AND effective_from <= p_from ORDER BY effective_from DESC LIMIT 1;
  IF NOT FOUND OR p_from IS NULL THEN RETURN NULL; END IF;
  IF r.unit = 'd' THEN RETURN p_from + r.value; END IF;
  WHILE n < r.value LOOP
    d := d + 1;
    IF extract(year FROM d) <> loaded THEN
      SELECT year INTO loaded FROM calendar_years WHERE year = extract(year FROM d);
      IF NOT FOUND THEN RETURN NULL; END IF;
    END IF;
    SELECT c.working INTO works FROM calendar_days c WHERE c.day = d;
    IF COALESCE(works, extract(isodow FROM d) < 6) THEN n := n + 1; END IF;
  END LOOP;
  RETURN d;
END $$;

CREATE FUNCTION public.feedback_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  SELECT true FROM feedbacks f WHERE f.id = p_case AND (p_role = 'county' OR f.office_id = p_office)
    AND NOT EXISTS (SELECT FROM tickets own LEFT JOIN visit_supervisors m ON m.visit_id = own.visit_id AND m.account_id = p_account
      WHERE own.id = f.ticket_id AND (m.account_id IS NOT NULL OR own.visit_id IS NULL AND own.issued_to = p_account))
$$;

CREATE FUNCTION public.feedback_keep(p_hash bytea, p_typed boolean, p_now timestamp with time zone, p_agency uuid, p_day date, p_matter text, p_id uuid, p_suspect boolean, p_form integer, p_scale integer, p_business text, p_kind text, p_facts jsonb, p_ratings jsonb, p_overall integer, p_bad boolean, p_problem text, p_advice text, p_reply boolean, p_contact boolean, p_receipt bytea, p_body bytea, p_hour timestamp with time zone, p_vault uuid, p_key text, p_sealed bytea, p_sealed_on date, p_many integer, p_held boolean) RETURNS TABLE(complete boolean, kept boolean, crowded boolean, ticket uuid, office text, agency text, checked_on text)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.feedback_keep_first(p_answers jsonb, p_now timestamp with time zone, p_form integer) RETURNS TABLE(a integer, ticket uuid, office text, agency text, checked_on text)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ -- a plan is kept for the session: made over ten tickets, it must still be good over a hundred thousand
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

CREATE FUNCTION public.feedback_mix(p_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE k uuid; used uuid[];
BEGIN
  SELECT array_agg(DISTINCT f.ticket_id) INTO used FROM feedbacks f WHERE f.id = ANY (p_ids) AND f.ticket_id IS NOT NULL;
  PERFORM FROM tickets x WHERE x.id = ANY (used) ORDER BY x.id FOR NO KEY UPDATE;
  FOR k IN SELECT x FROM unnest(used) x ORDER BY random() LOOP
    UPDATE tickets t SET answered = t.answered WHERE t.id = k;
  END LOOP;
  UPDATE feedbacks f SET settled = 2 WHERE f.id = ANY (p_ids);
  WITH gone AS (DELETE FROM feedbacks f WHERE f.id = ANY (p_ids) RETURNING f.*)
  INSERT INTO feedbacks SELECT * FROM gone ORDER BY random();
  PERFORM vault_mix('feedback', p_ids);
  PERFORM pictures_mix('feedback', p_ids);
END $$;

CREATE FUNCTION public.job_enqueue(p_kind text, p_key text, p_run_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    AS $$ -- keeps its plan, as audit_append does
BEGIN
  INSERT INTO public.jobs (kind, key, run_at) VALUES (p_kind, p_key, p_run_at) ON CONFLICT (kind, key) DO NOTHING;
  RETURN FOUND;
END $$;

CREATE FUNCTION public.lead_correct(p_origin text, p_origin_id uuid, p_office uuid, p_agency uuid, p_text text, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
  l record;
BEGIN
  UPDATE leads x SET office_id = p_office, agency_id = p_agency, version = x.version + 1
  WHERE x.origin = p_origin AND x.origin_id = p_origin_id AND x.state = 'open' AND (x.office_id, x.agency_id) IS DISTINCT FROM (p_office, p_agency) RETURNING x.id, x.agency_id INTO l;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text) VALUES (l.id, 'correct', 'open', p_at, NULL, 'system', p_text);
  PERFORM audit_append(p_at, NULL, 'system', 'lead.correct', 'lead', l.id, jsonb_build_object('agency_id', p_agency, 'office_id', p_office));
  RETURN true;
END $$;

CREATE FUNCTION public.lead_due(p_origin text, p_raised date) RETURNS date
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
  RETURN deadline_due(CASE p_origin WHEN 'feedback' THEN 'DL13' WHEN 'complaint' THEN 'DL01' WHEN 'transfer' THEN 'DL15' END, p_raised);
END $$;

CREATE FUNCTION public.lead_raise(p_id uuid, p_origin text, p_origin_id uuid, p_item text, p_office uuid, p_agency uuid, p_severity text, p_category text, p_fact text, p_happened date, p_reporter uuid, p_at timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.lead_settle(p_origin text, p_origin_id uuid, p_state text, p_reason text, p_to text, p_actor uuid, p_role text, p_at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE l record; n int := 0;
BEGIN
  FOR l IN UPDATE leads SET state = p_state, reason = p_reason, referred_to = p_to, decided_at = p_at, decided_by = p_actor, version = version + 1
      WHERE origin = p_origin AND origin_id = p_origin_id AND state = 'open' AND severity <> 'redline' RETURNING id LOOP
    INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text)
    VALUES (l.id, CASE p_state WHEN 'referred' THEN 'refer' ELSE 'dismiss' END, p_state, p_at, p_actor, p_role, p_reason);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;

CREATE FUNCTION public.next_code(series text) RETURNS text
    LANGUAGE plpgsql
    AS $_$
DECLARE n bigint := next_number($1);
BEGIN RETURN $1 || '-' || lpad(n::text, greatest(4, length(n::text)), '0'); END $_$;

CREATE FUNCTION public.next_number(wanted text) RETURNS bigint
    LANGUAGE sql
    AS $$
  INSERT INTO counters (series, value) VALUES (wanted, 1)
  ON CONFLICT (series) DO UPDATE SET value = counters.value + 1 RETURNING value
$$;

CREATE FUNCTION public.pictures_mix(p_kind text, p_owners uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE a record;
BEGIN
  FOR a IN SELECT id, sha256 FROM attachments WHERE owner_kind = p_kind AND owner_id = ANY (p_owners) ORDER BY random() LOOP
    UPDATE attachments t SET declared_at = date_trunc('hour', t.declared_at) WHERE t.id = a.id;
    UPDATE photos p SET held_at = date_trunc('hour', p.held_at) WHERE p.sha256 = a.sha256;
    UPDATE derivatives d SET made_at = date_trunc('hour', d.made_at) WHERE d.sha256 = a.sha256;
  END LOOP;
END $$;

CREATE FUNCTION public.public_progress(p_origin text, p_origin_id uuid) RETURNS TABLE(step text, at timestamp with time zone, due date)
    LANGUAGE sql STABLE
    AS $$
  SELECT 'lead.' || e.state, e.at, NULL::date FROM leads l JOIN lead_events e ON e.lead_id = l.id WHERE l.origin = p_origin AND l.origin_id = p_origin_id
  UNION ALL
  SELECT 'problem.' || e.state, e.at, CASE WHEN e.state = 'rectifying' AND p.state = 'rectifying' THEN p.due_on END
  FROM leads l JOIN problems p ON p.id = l.problem_id JOIN problem_events e ON e.problem_id = p.id
  WHERE l.origin = p_origin AND l.origin_id = p_origin_id AND e.state NOT IN ('confirmed', 'disputed')
$$;

CREATE FUNCTION public.rates_own_visit(p_problem uuid, p_account uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
  RETURN EXISTS (SELECT FROM leads l JOIN feedbacks f ON f.id = l.origin_id JOIN tickets k ON k.id = f.ticket_id
    WHERE l.problem_id = p_problem AND l.origin = 'feedback'
      AND (k.visit_id IS NULL AND k.issued_to = p_account OR EXISTS (SELECT FROM visit_supervisors m WHERE m.visit_id = k.visit_id AND m.account_id = p_account)));
END $$;

CREATE FUNCTION public.vault_expired(p_today date, p_most integer) RETURNS TABLE(case_kind text, case_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  (SELECT DISTINCT 'feedback', i.case_id FROM vault.identities i
    WHERE i.case_kind = 'feedback' AND i.shredded_on IS NULL AND deadline_due('RT03', i.sealed_on) < p_today LIMIT p_most)
  UNION ALL
  (SELECT DISTINCT 'complaint', i.case_id FROM vault.identities i JOIN complaints c ON c.id = i.case_id
    WHERE i.case_kind = 'complaint' AND i.shredded_on IS NULL AND c.state IN ('closed', 'refused', 'transferred')
      AND deadline_due('RT01', (COALESCE(c.closed_at, c.decided_at) AT TIME ZONE 'Asia/Shanghai')::date) < p_today LIMIT p_most)
$$;

CREATE FUNCTION public.vault_mix(p_kind text, p_cases uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
DECLARE c uuid;
BEGIN
  FOR c IN SELECT x FROM unnest(p_cases) x ORDER BY random() LOOP
    UPDATE vault.identities i SET sealed_on = i.sealed_on WHERE i.case_kind = p_kind AND i.case_id = c;
  END LOOP;
END $$;

CREATE FUNCTION public.vault_replace(p_id uuid, p_kind text, p_case uuid, p_key text, p_sealed bytea, p_on date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
  DELETE FROM vault.identities WHERE case_kind = p_kind AND case_id = p_case;
  INSERT INTO vault.identities VALUES (p_id, p_kind, p_case, substr(p_sealed, 61), p_on);
  INSERT INTO vault.data_keys VALUES (p_id, p_key, substr(p_sealed, 1, 60));
  RETURN true;
END $$;

CREATE FUNCTION public.vault_reseal(p_id uuid, p_old_key text, p_key text, p_sealed bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
  UPDATE vault.data_keys SET key_id = p_key, wrapped = substr(p_sealed, 1, 60) WHERE identity_id = p_id AND key_id = p_old_key;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE vault.identities SET sealed = substr(p_sealed, 61) WHERE id = p_id;
  RETURN true;
END $$;

CREATE FUNCTION public.vault_seal(id uuid, case_kind text, case_id uuid, key_id text, sealed bytea, sealed_on date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $_$ -- plpgsql keeps the plan for the session, sql plans at each call
BEGIN
  INSERT INTO vault.identities VALUES ($1, $2, $3, substr($5, 61), $6);
  INSERT INTO vault.data_keys VALUES ($1, $4, substr($5, 1, 60));
  RETURN true;
END $_$;

CREATE FUNCTION public.vault_shred(p_kind text, p_case uuid, p_on date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
DECLARE n int;
BEGIN
  DELETE FROM vault.data_keys k USING vault.identities i WHERE i.id = k.identity_id AND i.case_kind = p_kind AND i.case_id = p_case;
  GET DIAGNOSTICS n = ROW_COUNT;
  UPDATE vault.identities SET sealed = '', shredded_on = p_on WHERE case_kind = p_kind AND case_id = p_case AND shredded_on IS NULL;
  PERFORM public.case_shredded(p_kind, p_case, p_on);
  RETURN n;
END $$;

CREATE FUNCTION public.visit_incomplete(p_visit uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  SELECT EXISTS (SELECT FROM sheets s WHERE s.visit_id = p_visit AND s.complete_at IS NULL AND NOT EXISTS (SELECT FROM sheets n WHERE n.supersedes = s.id))
$$;

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    office_id uuid,
    agency_id uuid,
    certificate text DEFAULT ''::text NOT NULL,
    certificate_until date,
    password_hash text NOT NULL,
    must_change boolean DEFAULT true NOT NULL,
    old_hashes text[] DEFAULT '{}'::text[] NOT NULL,
    totp_secret bytea,
    totp_confirmed_at timestamp with time zone,
    totp_last_step bigint DEFAULT 0 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    left_on timestamp with time zone,
    successor_id uuid,
    created_at timestamp with time zone NOT NULL,
    last_login_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_agency CHECK (((role = 'agency'::text) = (agency_id IS NOT NULL))),
    CONSTRAINT accounts_place CHECK (((role = ANY (ARRAY['office'::text, 'supervisor'::text])) = (office_id IS NOT NULL))),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['county'::text, 'leader'::text, 'office'::text, 'supervisor'::text, 'agency'::text, 'hotline'::text, 'admin'::text, 'auditor'::text]))),
    CONSTRAINT accounts_username_check CHECK ((username ~ '^[a-z0-9][a-z0-9._-]{1,31}$'::text))
);

CREATE TABLE public.agencies (
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    office_id uuid,
    phone text DEFAULT ''::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT agencies_kind_check CHECK ((kind = ANY (ARRAY['township'::text, 'county'::text])))
);

CREATE TABLE public.attachments (
    id uuid NOT NULL,
    owner_kind text NOT NULL,
    owner_id uuid NOT NULL,
    item text DEFAULT ''::text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    source text DEFAULT 'album'::text NOT NULL,
    taken_at timestamp with time zone,
    lat double precision,
    lng double precision,
    accuracy double precision,
    datum text DEFAULT ''::text NOT NULL,
    caption text DEFAULT ''::text NOT NULL,
    for_agency boolean DEFAULT false NOT NULL,
    by_account uuid,
    declared_at timestamp with time zone NOT NULL,
    CONSTRAINT attachments_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['sheet'::text, 'problem'::text, 'feedback'::text, 'complaint'::text, 'visit'::text, 'paper'::text, 'lead'::text]))),
    CONSTRAINT attachments_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT attachments_source_check CHECK ((source = ANY (ARRAY['camera'::text, 'album'::text, 'signature'::text, 'public'::text, 'desk'::text])))
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_role text NOT NULL,
    deed text NOT NULL,
    subject_kind text DEFAULT ''::text NOT NULL,
    subject_id uuid,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT audit_log_deed_check CHECK ((deed ~ '^[a-z_]+(\.[a-z_]+)+$'::text))
);

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_seals (
    id bigint NOT NULL,
    last_txid xid8 NOT NULL,
    last_id bigint NOT NULL,
    rows integer NOT NULL,
    prev bytea NOT NULL,
    head bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL
);

ALTER TABLE public.audit_seals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_seals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ballot_clock (
    only_one boolean DEFAULT true NOT NULL,
    settled_until timestamp with time zone NOT NULL,
    CONSTRAINT ballot_clock_only_one_check CHECK (only_one)
);

CREATE TABLE public.ballot_periods (
    agency_id uuid NOT NULL,
    from_month text NOT NULL,
    to_month text NOT NULL,
    n integer NOT NULL,
    score numeric NOT NULL,
    satisfied numeric NOT NULL,
    poor numeric NOT NULL,
    r1 numeric NOT NULL,
    r2 numeric NOT NULL,
    r3 numeric NOT NULL,
    r4 numeric NOT NULL,
    r5 numeric NOT NULL,
    published_on date NOT NULL,
    CONSTRAINT ballot_periods_check CHECK ((to_month >= from_month)),
    CONSTRAINT ballot_periods_from_month_check CHECK ((from_month ~ '^\d{4}-\d{2}$'::text)),
    CONSTRAINT ballot_periods_n_check CHECK ((n >= 5))
);

CREATE UNLOGGED TABLE public.ballot_traces (
    n bigint NOT NULL,
    hour timestamp with time zone NOT NULL,
    box bytea NOT NULL
);

ALTER TABLE public.ballot_traces ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ballot_traces_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bureau (
    id uuid NOT NULL,
    name text NOT NULL,
    county text NOT NULL,
    prefix text NOT NULL,
    hotline text DEFAULT ''::text NOT NULL,
    only_one boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT bureau_only_one_check CHECK (only_one)
);

CREATE TABLE public.businesses (
    id uuid NOT NULL,
    name text NOT NULL,
    uscc text,
    address text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    industry text DEFAULT ''::text NOT NULL,
    office_id uuid,
    active boolean DEFAULT true NOT NULL,
    confirmed boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT businesses_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'household'::text, 'farm'::text, 'other'::text]))),
    CONSTRAINT businesses_uscc_check CHECK ((uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'::text))
);

CREATE TABLE public.calendar_days (
    day date NOT NULL,
    year integer NOT NULL,
    working boolean NOT NULL,
    name text NOT NULL,
    CONSTRAINT calendar_days_check CHECK ((EXTRACT(year FROM day) = (year)::numeric))
);

CREATE TABLE public.calendar_years (
    year integer NOT NULL,
    source text NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL
);

CREATE TABLE public.callback_events (
    id bigint NOT NULL,
    callback_id uuid NOT NULL,
    deed text NOT NULL,
    result text DEFAULT ''::text NOT NULL,
    seen text DEFAULT ''::text NOT NULL,
    filled text DEFAULT ''::text NOT NULL,
    beside text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    on_day date NOT NULL,
    actor_id uuid NOT NULL,
    CONSTRAINT callback_events_deed_check CHECK ((deed = ANY (ARRAY['call'::text, 'undo'::text]))),
    CONSTRAINT callback_events_result_check CHECK ((result = ANY (ARRAY[''::text, 'reached'::text, 'unreached'::text, 'declined'::text])))
);

ALTER TABLE public.callback_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.callback_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.callback_rounds (
    month text NOT NULL,
    drawn_on date NOT NULL,
    share integer NOT NULL,
    "least" integer NOT NULL,
    pool integer DEFAULT 0 NOT NULL,
    drawn integer DEFAULT 0 NOT NULL,
    CONSTRAINT callback_rounds_month_check CHECK ((month ~ '^\d{4}-(0[1-9]|1[0-2])$'::text))
);

CREATE TABLE public.callback_settings (
    only_one boolean DEFAULT true NOT NULL,
    share integer NOT NULL,
    "least" integer NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT callback_settings_least_check CHECK ((("least" >= 1) AND ("least" <= 20))),
    CONSTRAINT callback_settings_only_one_check CHECK (only_one),
    CONSTRAINT callback_settings_share_check CHECK (((share >= 10) AND (share <= 100)))
);

CREATE TABLE public.callbacks (
    id uuid NOT NULL,
    month text NOT NULL,
    visit_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    tried_on date,
    contact text DEFAULT ''::text NOT NULL,
    seen text DEFAULT ''::text NOT NULL,
    filled text DEFAULT ''::text NOT NULL,
    beside text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT callbacks_beside_check CHECK ((beside = ANY (ARRAY[''::text, 'yes'::text, 'no'::text, 'unsure'::text]))),
    CONSTRAINT callbacks_check CHECK (((state = 'unreached'::text) = (tries = 3))),
    CONSTRAINT callbacks_check1 CHECK (((state = 'reached'::text) = (((seen || filled) || beside) <> ''::text))),
    CONSTRAINT callbacks_check2 CHECK (((state = 'open'::text) OR (contact = ''::text))),
    CONSTRAINT callbacks_filled_check CHECK ((filled = ANY (ARRAY[''::text, 'own'::text, 'officer'::text, 'other'::text, 'nobody'::text]))),
    CONSTRAINT callbacks_seen_check CHECK ((seen = ANY (ARRAY[''::text, 'yes'::text, 'no'::text, 'unsure'::text]))),
    CONSTRAINT callbacks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'reached'::text, 'unreached'::text, 'declined'::text]))),
    CONSTRAINT callbacks_tries_check CHECK (((tries >= 0) AND (tries <= 3)))
);

CREATE TABLE public.checklists (
    version integer NOT NULL,
    effective_from date NOT NULL,
    body jsonb NOT NULL
);

CREATE TABLE public.complaint_drafts (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    body text NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL
);

CREATE TABLE public.complaint_events (
    id bigint NOT NULL,
    complaint_id uuid NOT NULL,
    deed text NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_role text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.complaint_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.complaint_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.complaint_people (
    complaint_id uuid NOT NULL,
    account_id uuid NOT NULL,
    part text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT complaint_people_part_check CHECK ((part = ANY (ARRAY['investigator'::text, 'recused'::text])))
);

CREATE TABLE public.complaint_versions (
    id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    way text NOT NULL,
    body jsonb NOT NULL,
    body_hash bytea NOT NULL,
    has_contact boolean DEFAULT false NOT NULL,
    at timestamp with time zone NOT NULL,
    by_account uuid,
    settled text DEFAULT ''::text NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    receipt_hash bytea,
    CONSTRAINT complaint_versions_settled_check CHECK ((settled = ANY (ARRAY[''::text, 'first'::text, 'other'::text, 'both'::text]))),
    CONSTRAINT complaint_versions_way_check CHECK ((way = ANY (ARRAY['public'::text, 'desk'::text, '12345'::text])))
);

CREATE TABLE public.complaints (
    id uuid NOT NULL,
    number text NOT NULL,
    channel text NOT NULL,
    office_id uuid,
    agency_id uuid,
    target text NOT NULL,
    officer text DEFAULT ''::text NOT NULL,
    happened text NOT NULL,
    place text NOT NULL,
    fact text NOT NULL,
    request text DEFAULT ''::text NOT NULL,
    category text DEFAULT 'other'::text NOT NULL,
    subcategory text DEFAULT ''::text NOT NULL,
    already text DEFAULT 'none'::text NOT NULL,
    urgency text DEFAULT 'normal'::text NOT NULL,
    anonymous boolean DEFAULT true NOT NULL,
    confidential boolean DEFAULT true NOT NULL,
    reply_wanted boolean DEFAULT false NOT NULL,
    has_contact boolean DEFAULT false NOT NULL,
    outer_number text DEFAULT ''::text NOT NULL,
    outer_source uuid,
    about text DEFAULT 'agency'::text NOT NULL,
    about_office_id uuid,
    state text DEFAULT 'received'::text NOT NULL,
    handler_id uuid,
    due_rule text DEFAULT ''::text NOT NULL,
    due_on date,
    due_sum jsonb,
    extended boolean DEFAULT false NOT NULL,
    extension_asked boolean DEFAULT false NOT NULL,
    finding text DEFAULT ''::text NOT NULL,
    refused_ground text DEFAULT ''::text NOT NULL,
    referred_to text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    retaliation boolean DEFAULT false NOT NULL,
    reopened integer DEFAULT 0 NOT NULL,
    paused_on date,
    pause_ground text DEFAULT ''::text NOT NULL,
    stopped_sum jsonb,
    asks text DEFAULT ''::text NOT NULL,
    asked_once boolean DEFAULT false NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    follow_tries integer DEFAULT 0 NOT NULL,
    follow_tried_on date,
    receipt_hash bytea NOT NULL,
    body_hash bytea NOT NULL,
    nonce_hash bytea,
    taken_by uuid,
    suspect boolean DEFAULT false NOT NULL,
    received_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    decided_at timestamp with time zone,
    answered_at timestamp with time zone,
    closed_at timestamp with time zone,
    changed_at timestamp with time zone,
    shredded_on date,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT complaints_about_check CHECK ((about = ANY (ARRAY['agency'::text, 'office'::text, 'bureau'::text]))),
    CONSTRAINT complaints_already_check CHECK ((already = ANY (ARRAY['none'::text, 'review'::text, 'suit'::text, 'petition'::text, 'discipline'::text]))),
    CONSTRAINT complaints_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'phone'::text, 'visit'::text, 'letter'::text, 'mail'::text, '12345'::text, 'superior'::text, 'transfer'::text, 'contact'::text, 'supervisor'::text]))),
    CONSTRAINT complaints_check CHECK (((paused_on IS NULL) = (pause_ground = ''::text))),
    CONSTRAINT complaints_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'done'::text, 'declined'::text, 'silent'::text]))),
    CONSTRAINT complaints_pause_ground_check CHECK ((pause_ground = ANY (ARRAY[''::text, 'completion'::text, 'appraisal'::text, 'other_organ'::text]))),
    CONSTRAINT complaints_state_check CHECK ((state = ANY (ARRAY['received'::text, 'accepted'::text, 'investigating'::text, 'proposed'::text, 'decided'::text, 'answered'::text, 'closed'::text, 'refused'::text, 'transferred'::text]))),
    CONSTRAINT complaints_urgency_check CHECK ((urgency = ANY (ARRAY['normal'::text, 'urgent'::text, 'critical'::text])))
);

CREATE TABLE public.counters (
    series text NOT NULL,
    value bigint NOT NULL
);

CREATE TABLE public.deadline_rules (
    code text NOT NULL,
    effective_from date NOT NULL,
    event text NOT NULL,
    value integer NOT NULL,
    unit text NOT NULL,
    basis text NOT NULL,
    strength text NOT NULL,
    changed_by uuid,
    version integer DEFAULT 1 NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT deadline_rules_strength_check CHECK ((strength = ANY (ARRAY['national'::text, 'henan'::text, 'local'::text, 'other'::text, 'template'::text, 'inferred'::text]))),
    CONSTRAINT deadline_rules_unit_check CHECK ((unit = ANY (ARRAY['wd'::text, 'd'::text]))),
    CONSTRAINT deadline_rules_value_check CHECK (((value >= 0) AND (value <= 3650)))
);

CREATE TABLE public.derivatives (
    sha256 text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    size bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    made_at timestamp with time zone NOT NULL,
    digest text DEFAULT ''::text NOT NULL,
    CONSTRAINT derivatives_kind_check CHECK ((kind = ANY (ARRAY['thumb'::text, 'view'::text])))
);

CREATE TABLE public.devices (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    revoked_reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT devices_check CHECK (((revoked_at IS NULL) = (revoked_reason = ''::text)))
);

CREATE TABLE public.feedbacks (
    id uuid NOT NULL,
    ticket_id uuid,
    channel text NOT NULL,
    agency_id uuid,
    office_id uuid,
    counted boolean NOT NULL,
    suspect boolean DEFAULT false NOT NULL,
    form_version integer NOT NULL,
    scale integer NOT NULL,
    checked_on date NOT NULL,
    business_name text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    matter text NOT NULL,
    facts jsonb NOT NULL,
    ratings jsonb NOT NULL,
    overall integer NOT NULL,
    bad boolean NOT NULL,
    problem_text text DEFAULT ''::text NOT NULL,
    advice text DEFAULT ''::text NOT NULL,
    reply_wanted boolean DEFAULT false NOT NULL,
    has_contact boolean DEFAULT false NOT NULL,
    receipt_hash bytea NOT NULL,
    body_hash bytea NOT NULL,
    state text DEFAULT 'received'::text NOT NULL,
    reply text DEFAULT ''::text NOT NULL,
    replied_at timestamp with time zone,
    entered_by uuid,
    received_hour timestamp with time zone NOT NULL,
    settled smallint DEFAULT 0 NOT NULL,
    quarantined boolean DEFAULT false NOT NULL,
    agency_text text DEFAULT ''::text NOT NULL,
    more_overall integer,
    more_text text DEFAULT ''::text NOT NULL,
    more_hour timestamp with time zone,
    twin_of uuid,
    CONSTRAINT feedbacks_channel_check CHECK ((channel = ANY (ARRAY['ticket'::text, 'wall'::text, 'paper'::text]))),
    CONSTRAINT feedbacks_more_hour_check CHECK ((date_trunc('hour'::text, more_hour) = more_hour)),
    CONSTRAINT feedbacks_more_overall_check CHECK (((more_overall >= 1) AND (more_overall <= 5))),
    CONSTRAINT feedbacks_overall_check CHECK (((overall >= 1) AND (overall <= 5))),
    CONSTRAINT feedbacks_received_hour_check CHECK ((date_trunc('hour'::text, received_hour) = received_hour)),
    CONSTRAINT feedbacks_scale_check CHECK ((scale = ANY (ARRAY[3, 5]))),
    CONSTRAINT feedbacks_state_check CHECK ((state = ANY (ARRAY['received'::text, 'checking'::text, 'answered'::text])))
)
WITH (autovacuum_vacuum_threshold='1', autovacuum_vacuum_scale_factor='0');

CREATE TABLE public.findings (
    id uuid NOT NULL,
    sheet_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    item text NOT NULL,
    severity text NOT NULL,
    category text NOT NULL,
    text text NOT NULL,
    note text NOT NULL,
    on_spot boolean DEFAULT false NOT NULL,
    lead_id uuid,
    raised_at timestamp with time zone,
    waived_reason text DEFAULT ''::text NOT NULL,
    waived_by uuid,
    waived_at timestamp with time zone,
    in_force boolean DEFAULT true NOT NULL,
    CONSTRAINT findings_severity_check CHECK ((severity = ANY (ARRAY['redline'::text, 'general'::text, 'minor'::text])))
);

CREATE TABLE public.held_sheets (
    id uuid NOT NULL,
    sheet_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    version integer NOT NULL,
    account_id uuid NOT NULL,
    device_id uuid,
    office_id uuid,
    why text NOT NULL,
    faults text DEFAULT ''::text NOT NULL,
    raw bytea NOT NULL,
    digest text NOT NULL,
    photos text[] NOT NULL,
    photo_bytes bigint NOT NULL,
    business_name text NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    kept boolean,
    reason text DEFAULT ''::text NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    CONSTRAINT held_sheets_check CHECK (((settled_at IS NULL) = (kept IS NULL))),
    CONSTRAINT held_sheets_check1 CHECK (((outcome <> ''::text) = COALESCE(kept, false))),
    CONSTRAINT held_sheets_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'saved'::text, 'same'::text, 'clashed'::text]))),
    CONSTRAINT held_sheets_why_check CHECK ((why = ANY (ARRAY['device_revoked'::text, 'account_left'::text, 'role_changed'::text, 'invalid'::text])))
);

CREATE TABLE public.jobs (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    run_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    leased_until timestamp with time zone,
    last_error text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lead_events (
    id bigint NOT NULL,
    lead_id uuid NOT NULL,
    deed text NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_role text NOT NULL,
    text text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.lead_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lead_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.leads (
    id uuid NOT NULL,
    number text NOT NULL,
    origin text NOT NULL,
    origin_id uuid,
    origin_item text DEFAULT ''::text NOT NULL,
    office_id uuid,
    agency_id uuid,
    severity text DEFAULT 'general'::text NOT NULL,
    category text DEFAULT 'other'::text NOT NULL,
    fact text NOT NULL,
    happened_on date,
    reporter_id uuid,
    raised_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    problem_id uuid,
    reason text DEFAULT ''::text NOT NULL,
    referred_to text DEFAULT ''::text NOT NULL,
    due_on date,
    letter_number text DEFAULT ''::text NOT NULL,
    outcome_rule text DEFAULT ''::text NOT NULL,
    outcome_from date,
    outcome_due_on date,
    outcome text DEFAULT ''::text NOT NULL,
    decided_at timestamp with time zone,
    decided_by uuid,
    version integer DEFAULT 1 NOT NULL,
    due_key date GENERATED ALWAYS AS (COALESCE(due_on, 'infinity'::date)) STORED NOT NULL,
    CONSTRAINT leads_check CHECK (((state = ANY (ARRAY['registered'::text, 'attached'::text])) = (problem_id IS NOT NULL))),
    CONSTRAINT leads_origin_check CHECK ((origin = ANY (ARRAY['visit'::text, 'feedback'::text, 'complaint'::text, 'casefile'::text, 'special'::text, 'contact'::text, 'supervisor'::text, 'transfer'::text, 'activity'::text, 'filing'::text]))),
    CONSTRAINT leads_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'done'::text, 'declined'::text, 'silent'::text]))),
    CONSTRAINT leads_severity_check CHECK ((severity = ANY (ARRAY['redline'::text, 'general'::text, 'minor'::text]))),
    CONSTRAINT leads_state_check CHECK ((state = ANY (ARRAY['open'::text, 'registered'::text, 'attached'::text, 'dismissed'::text, 'referred'::text])))
);

CREATE TABLE public.login_throttle (
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    free_at timestamp with time zone NOT NULL,
    under integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.officers (
    id uuid NOT NULL,
    agency_id uuid NOT NULL,
    name text NOT NULL,
    credential_number text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT officers_check CHECK ((valid_to >= valid_from)),
    CONSTRAINT officers_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'revoked'::text])))
);

CREATE TABLE public.offices (
    id uuid NOT NULL,
    name text NOT NULL,
    township text NOT NULL,
    prefix text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    plaque_on date,
    active boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL
);

CREATE TABLE public.outer_keys (
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE public.outer_nonces (
    key_id uuid NOT NULL,
    nonce bytea NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.outer_sources (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.papers (
    id uuid NOT NULL,
    code text NOT NULL,
    number text NOT NULL,
    office_id uuid NOT NULL,
    visit_id uuid,
    blank boolean NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT papers_check CHECK ((blank OR (visit_id IS NOT NULL)))
);

CREATE TABLE public.phone_discards (
    device_id uuid NOT NULL,
    id uuid NOT NULL,
    visit_id uuid,
    day text DEFAULT ''::text NOT NULL,
    said_at timestamp with time zone,
    reason text NOT NULL,
    noted_at timestamp with time zone NOT NULL
);

CREATE TABLE public.phone_items (
    device_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    visit_id uuid NOT NULL,
    day text NOT NULL,
    version integer NOT NULL,
    photos integer NOT NULL,
    photos_here integer NOT NULL,
    bytes bigint NOT NULL,
    sealed_at timestamp with time zone,
    state text NOT NULL,
    why text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT phone_items_kind_check CHECK ((kind = ANY (ARRAY['sheet'::text, 'cancel'::text])))
);

CREATE TABLE public.phone_losses (
    id uuid NOT NULL,
    device_id uuid NOT NULL,
    account_id uuid NOT NULL,
    cause text NOT NULL,
    items jsonb NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    reason text DEFAULT ''::text NOT NULL,
    found boolean DEFAULT false NOT NULL,
    CONSTRAINT phone_losses_cause_check CHECK ((cause = ANY (ARRAY['dropped'::text, 'wiped'::text, 'replaced'::text])))
);

CREATE TABLE public.phones (
    device_id uuid NOT NULL,
    account_id uuid NOT NULL,
    epoch uuid NOT NULL,
    app_version text NOT NULL,
    persisted boolean,
    installed boolean NOT NULL,
    drafts integer NOT NULL,
    photos integer NOT NULL,
    said_at timestamp with time zone NOT NULL,
    first_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.photo_looks (
    sha256 text NOT NULL,
    look bigint NOT NULL,
    bands bigint[] NOT NULL
);

CREATE TABLE public.photo_uploads (
    sha256 text NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.photos (
    sha256 text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    width integer DEFAULT 0 NOT NULL,
    height integer DEFAULT 0 NOT NULL,
    held_at timestamp with time zone NOT NULL,
    preview text DEFAULT 'due'::text NOT NULL,
    CONSTRAINT photos_preview_check CHECK ((preview = ANY (ARRAY['due'::text, 'made'::text, 'none'::text]))),
    CONSTRAINT photos_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.problem_events (
    id bigint NOT NULL,
    problem_id uuid NOT NULL,
    deed text NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_role text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    for_agency boolean DEFAULT false NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.problem_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.problem_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.problems (
    id uuid NOT NULL,
    number text NOT NULL,
    agency_number text DEFAULT ''::text NOT NULL,
    office_id uuid,
    agency_id uuid NOT NULL,
    origin text NOT NULL,
    severity text NOT NULL,
    category text NOT NULL,
    tag text DEFAULT ''::text NOT NULL,
    nature text DEFAULT 'improper'::text NOT NULL,
    common boolean DEFAULT false NOT NULL,
    item text DEFAULT ''::text NOT NULL,
    fact text NOT NULL,
    basis text DEFAULT ''::text NOT NULL,
    found_on date NOT NULL,
    agency_text text DEFAULT ''::text NOT NULL,
    deidentified_by uuid,
    deidentified_at timestamp with time zone,
    state text NOT NULL,
    rung text DEFAULT ''::text NOT NULL,
    served_on date,
    due_on date,
    due_rule text DEFAULT ''::text NOT NULL,
    due_sum jsonb,
    due_key date GENERATED ALWAYS AS (
CASE
    WHEN ((state = 'confirmed'::text) AND (severity = 'redline'::text)) THEN '-infinity'::date
    ELSE COALESCE(due_on, 'infinity'::date)
END) STORED NOT NULL,
    original_due_on date,
    yjs_due_on date,
    extended boolean DEFAULT false NOT NULL,
    extension_asked date,
    accountability boolean DEFAULT false NOT NULL,
    reopened integer DEFAULT 0 NOT NULL,
    round integer DEFAULT 0 NOT NULL,
    reporter_id uuid,
    verifier_id uuid,
    handler_id uuid,
    registered_at timestamp with time zone NOT NULL,
    ordered_at timestamp with time zone,
    submitted_at timestamp with time zone,
    closed_at timestamp with time zone,
    look_back_on date,
    queued_rung text DEFAULT ''::text NOT NULL,
    queued_note text DEFAULT ''::text NOT NULL,
    queued_by uuid,
    queued_at timestamp with time zone,
    queued_role text DEFAULT ''::text NOT NULL,
    queued_office uuid,
    queue_fault text DEFAULT ''::text NOT NULL,
    letter_number text DEFAULT ''::text NOT NULL,
    outcome_rule text DEFAULT ''::text NOT NULL,
    outcome_from date,
    outcome_due_on date,
    outcome text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    agency_version integer DEFAULT 0 NOT NULL,
    business text DEFAULT ''::text NOT NULL,
    CONSTRAINT problems_category_check CHECK ((category = ANY (ARRAY['inaction'::text, 'misconduct'::text, 'procedure'::text, 'manner'::text, 'integrity'::text, 'discretion'::text, 'qualification'::text, 'paperwork'::text, 'disturbance'::text, 'other'::text]))),
    CONSTRAINT problems_check CHECK (((queued_at IS NOT NULL) = (queued_rung <> ''::text))),
    CONSTRAINT problems_check1 CHECK (((queued_at IS NULL) OR (state = 'confirmed'::text))),
    CONSTRAINT problems_check2 CHECK (((closed_at IS NOT NULL) = (state = ANY (ARRAY['closed'::text, 'withdrawn'::text, 'referred'::text])))),
    CONSTRAINT problems_check3 CHECK (((ordered_at IS NULL) OR (agency_text <> ''::text))),
    CONSTRAINT problems_nature_check CHECK ((nature = ANY (ARRAY['unlawful'::text, 'improper'::text, 'flaw'::text, 'advice'::text]))),
    CONSTRAINT problems_origin_check CHECK ((origin = ANY (ARRAY['visit'::text, 'feedback'::text, 'complaint'::text, 'casefile'::text, 'special'::text, 'contact'::text, 'supervisor'::text, 'transfer'::text, 'activity'::text, 'filing'::text]))),
    CONSTRAINT problems_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'done'::text, 'declined'::text, 'silent'::text]))),
    CONSTRAINT problems_queued_rung_check CHECK ((queued_rung = ANY (ARRAY[''::text, 'FBK'::text, 'TXH'::text, 'DBH'::text, 'YJS'::text, 'JDS'::text]))),
    CONSTRAINT problems_rung_check CHECK ((rung = ANY (ARRAY[''::text, 'FBK'::text, 'TXH'::text, 'DBH'::text, 'YJS'::text, 'JDS'::text]))),
    CONSTRAINT problems_severity_check CHECK ((severity = ANY (ARRAY['redline'::text, 'general'::text, 'minor'::text]))),
    CONSTRAINT problems_state_check CHECK ((state = ANY (ARRAY['confirmed'::text, 'rectifying'::text, 'submitted'::text, 'disputed'::text, 'closed'::text, 'withdrawn'::text, 'referred'::text]))),
    CONSTRAINT problems_tag_check CHECK (((tag = ''::text) OR (tag ~ '^T(0[1-9]|1[0-9])$'::text)))
);

CREATE UNLOGGED TABLE public.public_slowdown (
    key bytea NOT NULL,
    day date NOT NULL,
    hits integer NOT NULL
);

CREATE TABLE public.receipts (
    code text NOT NULL,
    sheet_id uuid NOT NULL,
    version integer NOT NULL,
    body bytea NOT NULL,
    key_id text NOT NULL,
    algorithm text NOT NULL,
    signature bytea NOT NULL,
    issued_at timestamp with time zone NOT NULL
);

CREATE TABLE public.release_rounds (
    agency_id uuid NOT NULL,
    office_id uuid NOT NULL,
    from_on date NOT NULL,
    until date NOT NULL,
    businesses integer NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    CONSTRAINT release_rounds_businesses_check CHECK ((businesses >= 5)),
    CONSTRAINT release_rounds_check CHECK ((until >= from_on))
);

CREATE TABLE public.reveal_requests (
    id uuid NOT NULL,
    case_kind text NOT NULL,
    case_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    reason text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    approved boolean,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT reveal_requests_case_kind_check CHECK ((case_kind = ANY (ARRAY['feedback'::text, 'complaint'::text]))),
    CONSTRAINT reveal_requests_check CHECK (((decided_by IS NULL) = (approved IS NULL))),
    CONSTRAINT reveal_requests_second CHECK ((decided_by <> asked_by))
);

CREATE TABLE public.reveals (
    id uuid NOT NULL,
    case_kind text NOT NULL,
    case_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    request_id uuid,
    read_by uuid,
    read_at timestamp with time zone,
    CONSTRAINT reveals_case_kind_check CHECK ((case_kind = ANY (ARRAY['feedback'::text, 'complaint'::text]))),
    CONSTRAINT reveals_check CHECK (((read_by IS NULL) = (read_at IS NULL))),
    CONSTRAINT reveals_other CHECK ((read_by <> account_id)),
    CONSTRAINT reveals_role_check CHECK ((role = ANY (ARRAY['office'::text, 'county'::text])))
);

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text DEFAULT 'browser'::text NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    idle_until timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    device_id uuid,
    CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['browser'::text, 'token'::text])))
);

CREATE TABLE public.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by uuid
);

CREATE TABLE public.sheet_conflicts (
    id uuid NOT NULL,
    sheet_id uuid NOT NULL,
    kind text NOT NULL,
    raw bytea NOT NULL,
    digest text NOT NULL,
    author_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    kept text DEFAULT ''::text NOT NULL,
    result_id uuid,
    CONSTRAINT sheet_conflicts_check CHECK (((kept = 'other'::text) = (result_id IS NOT NULL))),
    CONSTRAINT sheet_conflicts_kept_check CHECK ((kept = ANY (ARRAY[''::text, 'first'::text, 'other'::text]))),
    CONSTRAINT sheet_conflicts_kind_check CHECK ((kind = ANY (ARRAY['same_id'::text, 'same_version'::text])))
);

CREATE TABLE public.sheets (
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    author_id uuid NOT NULL,
    version integer NOT NULL,
    supersedes uuid,
    reason text DEFAULT ''::text NOT NULL,
    checklist_version integer NOT NULL,
    mode text NOT NULL,
    body jsonb NOT NULL,
    raw bytea NOT NULL,
    digest text NOT NULL,
    overall text NOT NULL,
    stopped boolean DEFAULT false NOT NULL,
    late_reason text DEFAULT ''::text NOT NULL,
    standings jsonb DEFAULT '[]'::jsonb NOT NULL,
    remarks text[] DEFAULT '{}'::text[] NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    complete_at timestamp with time zone,
    CONSTRAINT sheets_check CHECK (((version > 1) OR (supersedes IS NULL))),
    CONSTRAINT sheets_mode_check CHECK ((mode = ANY (ARRAY['full'::text, 'quick'::text]))),
    CONSTRAINT sheets_overall_check CHECK ((overall = ANY (ARRAY['standard'::text, 'mostly'::text, 'poor'::text]))),
    CONSTRAINT sheets_version_check CHECK ((version >= 1))
);

CREATE TABLE public.tickets (
    id uuid NOT NULL,
    hash bytea NOT NULL,
    short_hash bytea NOT NULL,
    issued_to uuid NOT NULL,
    office_id uuid NOT NULL,
    issued_on date NOT NULL,
    request_id uuid NOT NULL,
    "position" integer NOT NULL,
    visit_id uuid,
    bound_at timestamp with time zone,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    answered boolean DEFAULT false NOT NULL,
    device_id uuid
)
WITH (fillfactor='80');

CREATE TABLE public.visit_events (
    id bigint NOT NULL,
    visit_id uuid NOT NULL,
    deed text NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_role text NOT NULL,
    text text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.visit_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.visit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.visit_former (
    visit_id uuid NOT NULL,
    account_id uuid NOT NULL,
    off_at timestamp with time zone NOT NULL
);

CREATE TABLE public.visit_supervisors (
    visit_id uuid NOT NULL,
    account_id uuid NOT NULL
);

CREATE TABLE public.visits (
    id uuid NOT NULL,
    number text NOT NULL,
    origin text NOT NULL,
    method text DEFAULT 'accompanied'::text NOT NULL,
    office_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    business_id uuid,
    business_name text NOT NULL,
    business_uscc text DEFAULT ''::text NOT NULL,
    business_address text DEFAULT ''::text NOT NULL,
    matter text NOT NULL,
    notice_number text DEFAULT ''::text NOT NULL,
    external_code text DEFAULT ''::text NOT NULL,
    planned_on date,
    planned_by uuid,
    plan_digest text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    cancel_reason text DEFAULT ''::text NOT NULL,
    flagged boolean DEFAULT false NOT NULL,
    happened_at timestamp with time zone,
    recorded_at timestamp with time zone,
    received_at timestamp with time zone,
    late boolean DEFAULT false NOT NULL,
    late_reason text DEFAULT ''::text NOT NULL,
    overall text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT visits_method_check CHECK ((method = ANY (ARRAY['accompanied'::text, 'special'::text, 'unannounced'::text, 'random'::text, 'casefile'::text]))),
    CONSTRAINT visits_origin_check CHECK ((origin = ANY (ARRAY['planned'::text, 'spot'::text]))),
    CONSTRAINT visits_overall_check CHECK ((overall = ANY (ARRAY[''::text, 'standard'::text, 'mostly'::text, 'poor'::text]))),
    CONSTRAINT visits_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'recorded'::text, 'cancelled'::text])))
);

CREATE TABLE public.wall_codes (
    id uuid NOT NULL,
    business_id uuid NOT NULL,
    office_id uuid NOT NULL,
    hash bytea NOT NULL,
    short_hash bytea NOT NULL,
    created_on date NOT NULL,
    created_by uuid NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE vault.data_keys (
    identity_id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL
);

CREATE TABLE vault.identities (
    id uuid NOT NULL,
    case_kind text NOT NULL,
    case_id uuid NOT NULL,
    sealed bytea NOT NULL,
    sealed_on date NOT NULL,
    shredded_on date,
    CONSTRAINT identities_case_kind_check CHECK ((case_kind = ANY (ARRAY['feedback'::text, 'complaint'::text]))),
    CONSTRAINT identities_check CHECK (((shredded_on IS NOT NULL) = (sealed = '\x'::bytea)))
);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_username_key UNIQUE (username);

ALTER TABLE ONLY public.agencies
    ADD CONSTRAINT agencies_name_key UNIQUE (name);

ALTER TABLE ONLY public.agencies
    ADD CONSTRAINT agencies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_owner_kind_owner_id_item_sha256_key UNIQUE (owner_kind, owner_id, item, sha256);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_seals
    ADD CONSTRAINT audit_seals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ballot_clock
    ADD CONSTRAINT ballot_clock_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.ballot_periods
    ADD CONSTRAINT ballot_periods_pkey PRIMARY KEY (agency_id, from_month);

ALTER TABLE ONLY public.ballot_traces
    ADD CONSTRAINT ballot_traces_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.bureau
    ADD CONSTRAINT bureau_only_one_key UNIQUE (only_one);

ALTER TABLE ONLY public.bureau
    ADD CONSTRAINT bureau_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.businesses
    ADD CONSTRAINT businesses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.businesses
    ADD CONSTRAINT businesses_uscc_key UNIQUE (uscc);

ALTER TABLE ONLY public.calendar_days
    ADD CONSTRAINT calendar_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.calendar_years
    ADD CONSTRAINT calendar_years_pkey PRIMARY KEY (year);

ALTER TABLE ONLY public.callback_events
    ADD CONSTRAINT callback_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.callback_rounds
    ADD CONSTRAINT callback_rounds_pkey PRIMARY KEY (month);

ALTER TABLE ONLY public.callback_settings
    ADD CONSTRAINT callback_settings_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_visit_id_key UNIQUE (visit_id);

ALTER TABLE ONLY public.checklists
    ADD CONSTRAINT checklists_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.complaint_drafts
    ADD CONSTRAINT complaint_drafts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.complaint_events
    ADD CONSTRAINT complaint_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.complaint_people
    ADD CONSTRAINT complaint_people_pkey PRIMARY KEY (complaint_id, account_id);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_complaint_id_body_hash_key UNIQUE (complaint_id, body_hash);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_receipt_hash_key UNIQUE (receipt_hash);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_body_hash_key UNIQUE (body_hash);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_nonce_hash_key UNIQUE (nonce_hash);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_number_key UNIQUE (number);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_receipt_hash_key UNIQUE (receipt_hash);

ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (series);

ALTER TABLE ONLY public.deadline_rules
    ADD CONSTRAINT deadline_rules_pkey PRIMARY KEY (code, effective_from);

ALTER TABLE ONLY public.derivatives
    ADD CONSTRAINT derivatives_pkey PRIMARY KEY (sha256, kind);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT feedbacks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT feedbacks_receipt_hash_key UNIQUE (receipt_hash);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_sheet_id_item_key UNIQUE (sheet_id, item);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_account_id_digest_key UNIQUE (account_id, digest);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_kind_key_key UNIQUE (kind, key);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lead_events
    ADD CONSTRAINT lead_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_number_key UNIQUE (number);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.login_throttle
    ADD CONSTRAINT login_throttle_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.officers
    ADD CONSTRAINT officers_credential_number_key UNIQUE (credential_number);

ALTER TABLE ONLY public.officers
    ADD CONSTRAINT officers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.offices
    ADD CONSTRAINT offices_name_key UNIQUE (name);

ALTER TABLE ONLY public.offices
    ADD CONSTRAINT offices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outer_keys
    ADD CONSTRAINT outer_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outer_nonces
    ADD CONSTRAINT outer_nonces_pkey PRIMARY KEY (key_id, nonce);

ALTER TABLE ONLY public.outer_sources
    ADD CONSTRAINT outer_sources_name_key UNIQUE (name);

ALTER TABLE ONLY public.outer_sources
    ADD CONSTRAINT outer_sources_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_code_key UNIQUE (code);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_number_key UNIQUE (number);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.phone_discards
    ADD CONSTRAINT phone_discards_pkey PRIMARY KEY (device_id, id);

ALTER TABLE ONLY public.phone_items
    ADD CONSTRAINT phone_items_pkey PRIMARY KEY (device_id, id);

ALTER TABLE ONLY public.phone_losses
    ADD CONSTRAINT phone_losses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.phones
    ADD CONSTRAINT phones_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.photo_looks
    ADD CONSTRAINT photo_looks_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.photo_uploads
    ADD CONSTRAINT photo_uploads_pkey PRIMARY KEY (sha256, account_id);

ALTER TABLE ONLY public.photos
    ADD CONSTRAINT photos_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.problem_events
    ADD CONSTRAINT problem_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.problems
    ADD CONSTRAINT problems_number_key UNIQUE (number);

ALTER TABLE ONLY public.problems
    ADD CONSTRAINT problems_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.public_slowdown
    ADD CONSTRAINT public_slowdown_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_sheet_id_key UNIQUE (sheet_id);

ALTER TABLE ONLY public.release_rounds
    ADD CONSTRAINT release_rounds_pkey PRIMARY KEY (agency_id, office_id, until);

ALTER TABLE ONLY public.reveal_requests
    ADD CONSTRAINT reveal_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reveals
    ADD CONSTRAINT reveals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_id_key UNIQUE (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_sheet_id_digest_key UNIQUE (sheet_id, digest);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_supersedes_key UNIQUE (supersedes);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_visit_id_author_id_version_key UNIQUE (visit_id, author_id, version);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_batch UNIQUE (issued_to, request_id, "position");

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_short_hash_key UNIQUE (short_hash);

ALTER TABLE ONLY public.visit_events
    ADD CONSTRAINT visit_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.visit_former
    ADD CONSTRAINT visit_former_pkey PRIMARY KEY (visit_id, account_id);

ALTER TABLE ONLY public.visit_supervisors
    ADD CONSTRAINT visit_supervisors_pkey PRIMARY KEY (visit_id, account_id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_number_key UNIQUE (number);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_short_hash_key UNIQUE (short_hash);

ALTER TABLE ONLY vault.data_keys
    ADD CONSTRAINT data_keys_pkey PRIMARY KEY (identity_id);

ALTER TABLE ONLY vault.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);

CREATE INDEX accounts_all ON public.accounts USING btree (name, id);

CREATE INDEX attachments_sha ON public.attachments USING btree (sha256);

CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor_id, id) WHERE (actor_id IS NOT NULL);

CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject_kind, subject_id, id) WHERE (subject_id IS NOT NULL);

CREATE INDEX ballot_traces_hour ON public.ballot_traces USING btree (hour);

CREATE INDEX businesses_all ON public.businesses USING btree (name, id);

CREATE INDEX businesses_name ON public.businesses USING gin (public.bigrams(name));

CREATE INDEX businesses_office ON public.businesses USING btree (office_id, name, id);

CREATE INDEX callback_events_of ON public.callback_events USING btree (callback_id, id);

CREATE INDEX callbacks_list ON public.callbacks USING btree (month DESC, id);

CREATE INDEX callbacks_open ON public.callbacks USING btree (month DESC, id) WHERE (state = 'open'::text);

CREATE INDEX complaint_drafts_account ON public.complaint_drafts USING btree (account_id, saved_at DESC);

CREATE INDEX complaint_drafts_age ON public.complaint_drafts USING btree (saved_at);

CREATE INDEX complaint_events_case ON public.complaint_events USING btree (complaint_id, id);

CREATE INDEX complaint_people_account ON public.complaint_people USING btree (account_id, part);

CREATE INDEX complaint_versions_open ON public.complaint_versions USING btree (complaint_id) WHERE (settled = ''::text);

CREATE INDEX complaints_agency ON public.complaints USING btree (agency_id, received_at DESC) WHERE (agency_id IS NOT NULL);

CREATE INDEX complaints_due ON public.complaints USING btree (due_on) WHERE (due_on IS NOT NULL);

CREATE INDEX complaints_list ON public.complaints USING btree (received_at DESC, id DESC);

CREATE INDEX complaints_office ON public.complaints USING btree (office_id, received_at DESC, id DESC);

CREATE UNIQUE INDEX complaints_outer ON public.complaints USING btree (outer_number) WHERE ((channel = '12345'::text) AND (outer_number <> ''::text));

CREATE INDEX complaints_outer_changed ON public.complaints USING btree (changed_at, id) WHERE (channel = '12345'::text);

CREATE INDEX complaints_state ON public.complaints USING btree (state, received_at DESC, id DESC);

CREATE INDEX complaints_taken ON public.complaints USING btree (taken_by, received_at DESC, id DESC) WHERE (taken_by IS NOT NULL);

CREATE INDEX complaints_text ON public.complaints USING gin (public.bigrams(((((number || ' '::text) || target) || ' '::text) || fact)));

CREATE INDEX devices_account ON public.devices USING btree (account_id);

CREATE INDEX feedbacks_agency ON public.feedbacks USING btree (agency_id, received_hour);

CREATE UNIQUE INDEX feedbacks_counted ON public.feedbacks USING btree (ticket_id) WHERE (counted AND (ticket_id IS NOT NULL));

CREATE INDEX feedbacks_held ON public.feedbacks USING btree (received_hour DESC, id) WHERE quarantined;

CREATE INDEX feedbacks_later ON public.feedbacks USING btree (ticket_id) WHERE ((NOT counted) AND (ticket_id IS NOT NULL));

CREATE INDEX feedbacks_list ON public.feedbacks USING btree (received_hour DESC, id);

CREATE INDEX feedbacks_moved ON public.feedbacks USING btree (state, received_hour DESC, id) WHERE (state <> 'received'::text);

CREATE INDEX feedbacks_office ON public.feedbacks USING btree (office_id, received_hour DESC, id);

CREATE INDEX feedbacks_suspect ON public.feedbacks USING btree (received_hour DESC, id) WHERE suspect;

CREATE INDEX feedbacks_touched ON public.feedbacks USING btree (received_hour) WHERE (settled = ANY (ARRAY[1, 3]));

CREATE INDEX findings_offered ON public.findings USING btree (id DESC) WHERE ((lead_id IS NULL) AND (waived_at IS NULL) AND in_force AND (NOT on_spot));

CREATE INDEX findings_visit ON public.findings USING btree (visit_id);

CREATE INDEX held_sheets_open ON public.held_sheets USING btree (received_at) WHERE (settled_at IS NULL);

CREATE INDEX held_sheets_sheet ON public.held_sheets USING btree (sheet_id);

CREATE INDEX jobs_due ON public.jobs USING btree (run_at);

CREATE INDEX lead_events_lead ON public.lead_events USING btree (lead_id, id);

CREATE INDEX leads_agency_all ON public.leads USING btree (agency_id, raised_at DESC, id DESC);

CREATE INDEX leads_all ON public.leads USING btree (raised_at DESC, id DESC);

CREATE INDEX leads_awaited ON public.leads USING btree (outcome_due_on, id) WHERE (outcome_due_on IS NOT NULL);

CREATE INDEX leads_office_all ON public.leads USING btree (office_id, raised_at DESC, id DESC);

CREATE INDEX leads_office_open ON public.leads USING btree (office_id, raised_at, id) WHERE (state = 'open'::text);

CREATE INDEX leads_office_open_due ON public.leads USING btree (office_id, due_key, raised_at, id) WHERE (state = 'open'::text);

CREATE INDEX leads_open ON public.leads USING btree (raised_at, id) WHERE (state = 'open'::text);

CREATE INDEX leads_open_due ON public.leads USING btree (due_key, raised_at, id) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX leads_origin ON public.leads USING btree (origin, origin_id, origin_item) WHERE (origin_id IS NOT NULL);

CREATE INDEX leads_origin_open ON public.leads USING btree (origin, raised_at, id) WHERE (state = 'open'::text);

CREATE INDEX leads_problem ON public.leads USING btree (problem_id) WHERE (problem_id IS NOT NULL);

CREATE INDEX leads_severity_open ON public.leads USING btree (severity, raised_at, id) WHERE (state = 'open'::text);

CREATE INDEX leads_state_all ON public.leads USING btree (state, raised_at DESC, id DESC);

CREATE INDEX leads_text ON public.leads USING gin (public.bigrams(((number || ' '::text) || fact)));

CREATE INDEX login_throttle_last ON public.login_throttle USING btree (last_at);

CREATE INDEX officers_agency ON public.officers USING btree (agency_id, name);

CREATE INDEX officers_all ON public.officers USING btree (name, id);

CREATE INDEX officers_name ON public.officers USING gin (public.bigrams(name));

CREATE INDEX outer_nonces_age ON public.outer_nonces USING btree (seen_at);

CREATE INDEX papers_open ON public.papers USING btree (office_id, made_at) WHERE (visit_id IS NULL);

CREATE UNIQUE INDEX papers_visit ON public.papers USING btree (visit_id) WHERE (NOT blank);

CREATE INDEX phone_losses_device ON public.phone_losses USING btree (device_id);

CREATE INDEX phone_losses_open ON public.phone_losses USING btree (noticed_at) WHERE (settled_at IS NULL);

CREATE INDEX phones_account ON public.phones USING btree (account_id);

CREATE INDEX photo_looks_bands ON public.photo_looks USING gin (bands);

CREATE INDEX photo_uploads_account ON public.photo_uploads USING btree (account_id, at);

CREATE INDEX problem_events_problem ON public.problem_events USING btree (problem_id, id);

CREATE UNIQUE INDEX problems_agency_number ON public.problems USING btree (agency_number) WHERE (agency_number <> ''::text);

CREATE INDEX problems_agency_open ON public.problems USING btree (agency_id, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_agency_ordered ON public.problems USING btree (agency_id, ordered_at DESC, id DESC) WHERE (ordered_at IS NOT NULL);

CREATE INDEX problems_agency_registered ON public.problems USING btree (agency_id, registered_at DESC, id DESC);

CREATE INDEX problems_agency_severity_open ON public.problems USING btree (agency_id, severity, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_agency_severity_ordered ON public.problems USING btree (agency_id, severity, ordered_at DESC, id DESC) WHERE (ordered_at IS NOT NULL);

CREATE INDEX problems_agency_state_open ON public.problems USING btree (agency_id, state, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_agency_state_ordered ON public.problems USING btree (agency_id, state, ordered_at DESC, id DESC) WHERE (ordered_at IS NOT NULL);

CREATE INDEX problems_awaited ON public.problems USING btree (outcome_due_on, id) WHERE (outcome_due_on IS NOT NULL);

CREATE INDEX problems_handler_open ON public.problems USING btree (handler_id) WHERE (closed_at IS NULL);

CREATE INDEX problems_office_open ON public.problems USING btree (office_id, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_office_registered ON public.problems USING btree (office_id, registered_at DESC, id DESC);

CREATE INDEX problems_office_severity_open ON public.problems USING btree (office_id, severity, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_office_severity_registered ON public.problems USING btree (office_id, severity, registered_at DESC, id DESC);

CREATE INDEX problems_office_state_open ON public.problems USING btree (office_id, state, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_office_state_registered ON public.problems USING btree (office_id, state, registered_at DESC, id DESC);

CREATE INDEX problems_open ON public.problems USING btree (due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_origin_registered ON public.problems USING btree (origin, registered_at DESC, id DESC);

CREATE INDEX problems_queued ON public.problems USING btree (agency_id, office_id) WHERE (queued_at IS NOT NULL);

CREATE INDEX problems_registered ON public.problems USING btree (registered_at DESC, id DESC);

CREATE INDEX problems_severity_open ON public.problems USING btree (severity, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_severity_registered ON public.problems USING btree (severity, registered_at DESC, id DESC);

CREATE INDEX problems_state_open ON public.problems USING btree (state, due_key, id) WHERE (closed_at IS NULL);

CREATE INDEX problems_state_registered ON public.problems USING btree (state, registered_at DESC, id DESC);

CREATE INDEX problems_text ON public.problems USING gin (public.bigrams(((((((number || ' '::text) || fact) || ' '::text) || agency_text) || ' '::text) || business)));

CREATE INDEX public_slowdown_day ON public.public_slowdown USING btree (day);

CREATE INDEX reveal_requests_case ON public.reveal_requests USING btree (case_kind, case_id, asked_at DESC);

CREATE INDEX reveal_requests_open ON public.reveal_requests USING btree (expires_at) WHERE (approved IS NULL);

CREATE INDEX reveals_at ON public.reveals USING btree (at DESC, id);

CREATE INDEX reveals_case ON public.reveals USING btree (case_id, at DESC);

CREATE INDEX reveals_waiting ON public.reveals USING btree (at DESC) WHERE (read_at IS NULL);

CREATE INDEX sessions_account ON public.sessions USING btree (account_id);

CREATE INDEX sessions_device ON public.sessions USING btree (device_id) WHERE (device_id IS NOT NULL);

CREATE INDEX sessions_ends ON public.sessions USING btree (ends_at);

CREATE INDEX sheet_conflicts_open ON public.sheet_conflicts USING btree (received_at) WHERE (settled_at IS NULL);

CREATE INDEX sheets_waiting ON public.sheets USING btree (visit_id) WHERE (complete_at IS NULL);

CREATE INDEX tickets_device ON public.tickets USING btree (device_id) WHERE ((device_id IS NOT NULL) AND (visit_id IS NULL) AND (revoked_at IS NULL));

CREATE INDEX tickets_issued ON public.tickets USING btree (issued_to) WHERE ((visit_id IS NULL) AND (revoked_at IS NULL));

CREATE UNIQUE INDEX tickets_visit ON public.tickets USING btree (visit_id) WHERE ((visit_id IS NOT NULL) AND (revoked_at IS NULL));

CREATE INDEX visit_events_visit ON public.visit_events USING btree (visit_id, id);

CREATE INDEX visit_supervisors_account ON public.visit_supervisors USING btree (account_id);

CREATE INDEX visits_agency ON public.visits USING btree (agency_id, created_at DESC, id DESC);

CREATE INDEX visits_cancelled ON public.visits USING btree (created_at DESC, id DESC) WHERE (state = 'cancelled'::text);

CREATE INDEX visits_flagged ON public.visits USING btree (created_at DESC, id DESC) WHERE flagged;

CREATE INDEX visits_late ON public.visits USING btree (created_at DESC, id DESC) WHERE late;

CREATE INDEX visits_list ON public.visits USING btree (created_at DESC, id DESC);

CREATE INDEX visits_office ON public.visits USING btree (office_id, created_at DESC, id DESC);

CREATE INDEX visits_planned ON public.visits USING btree (created_at DESC, id DESC) WHERE (state = 'planned'::text);

CREATE INDEX visits_text ON public.visits USING gin (public.bigrams(((number || ' '::text) || business_name)));

CREATE UNIQUE INDEX wall_codes_business ON public.wall_codes USING btree (business_id) WHERE (revoked_at IS NULL);

CREATE INDEX wall_codes_office ON public.wall_codes USING btree (office_id, id);

CREATE INDEX data_keys_key ON vault.data_keys USING btree (key_id);

CREATE INDEX identities_case ON vault.identities USING btree (case_kind, case_id, sealed_on);

CREATE STATISTICS public.problems_place (dependencies) ON office_id, agency_id FROM public.problems;

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER audit_seals_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_seals FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER ballot_periods_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ballot_periods FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER callback_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.callback_events FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER checklists_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.checklists FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER complaint_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.complaint_events FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER lead_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.lead_events FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER problem_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.problem_events FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER release_rounds_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.release_rounds FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

CREATE TRIGGER visit_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.visit_events FOR EACH STATEMENT EXECUTE FUNCTION public.append_only();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.agencies
    ADD CONSTRAINT agencies_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.ballot_periods
    ADD CONSTRAINT ballot_periods_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.businesses
    ADD CONSTRAINT businesses_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.calendar_days
    ADD CONSTRAINT calendar_days_year_fkey FOREIGN KEY (year) REFERENCES public.calendar_years(year) ON DELETE CASCADE;

ALTER TABLE ONLY public.callback_events
    ADD CONSTRAINT callback_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.callback_events
    ADD CONSTRAINT callback_events_callback_id_fkey FOREIGN KEY (callback_id) REFERENCES public.callbacks(id);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_month_fkey FOREIGN KEY (month) REFERENCES public.callback_rounds(month);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.complaint_drafts
    ADD CONSTRAINT complaint_drafts_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.complaint_events
    ADD CONSTRAINT complaint_events_complaint_id_fkey FOREIGN KEY (complaint_id) REFERENCES public.complaints(id);

ALTER TABLE ONLY public.complaint_people
    ADD CONSTRAINT complaint_people_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.complaint_people
    ADD CONSTRAINT complaint_people_complaint_id_fkey FOREIGN KEY (complaint_id) REFERENCES public.complaints(id);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_by_account_fkey FOREIGN KEY (by_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_complaint_id_fkey FOREIGN KEY (complaint_id) REFERENCES public.complaints(id);

ALTER TABLE ONLY public.complaint_versions
    ADD CONSTRAINT complaint_versions_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_about_office_id_fkey FOREIGN KEY (about_office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_handler_id_fkey FOREIGN KEY (handler_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.complaints
    ADD CONSTRAINT complaints_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.derivatives
    ADD CONSTRAINT derivatives_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.photos(sha256);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT feedbacks_entered_by_fkey FOREIGN KEY (entered_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT feedbacks_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES public.tickets(id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES public.sheets(id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.held_sheets
    ADD CONSTRAINT held_sheets_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.lead_events
    ADD CONSTRAINT lead_events_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_problem_id_fkey FOREIGN KEY (problem_id) REFERENCES public.problems(id);

ALTER TABLE ONLY public.officers
    ADD CONSTRAINT officers_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.outer_keys
    ADD CONSTRAINT outer_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.outer_keys
    ADD CONSTRAINT outer_keys_source_id_fkey FOREIGN KEY (source_id) REFERENCES public.outer_sources(id);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.phone_discards
    ADD CONSTRAINT phone_discards_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id);

ALTER TABLE ONLY public.phone_items
    ADD CONSTRAINT phone_items_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.phones(device_id);

ALTER TABLE ONLY public.phone_losses
    ADD CONSTRAINT phone_losses_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.phone_losses
    ADD CONSTRAINT phone_losses_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.phones(device_id);

ALTER TABLE ONLY public.phone_losses
    ADD CONSTRAINT phone_losses_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.phones
    ADD CONSTRAINT phones_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.phones
    ADD CONSTRAINT phones_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id);

ALTER TABLE ONLY public.photo_looks
    ADD CONSTRAINT photo_looks_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.photos(sha256) ON DELETE CASCADE;

ALTER TABLE ONLY public.photo_uploads
    ADD CONSTRAINT photo_uploads_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.photos(sha256);

ALTER TABLE ONLY public.problem_events
    ADD CONSTRAINT problem_events_problem_id_fkey FOREIGN KEY (problem_id) REFERENCES public.problems(id);

ALTER TABLE ONLY public.problems
    ADD CONSTRAINT problems_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.problems
    ADD CONSTRAINT problems_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.release_rounds
    ADD CONSTRAINT release_rounds_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.reveal_requests
    ADD CONSTRAINT reveal_requests_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reveal_requests
    ADD CONSTRAINT reveal_requests_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reveals
    ADD CONSTRAINT reveals_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reveals
    ADD CONSTRAINT reveals_read_by_fkey FOREIGN KEY (read_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reveals
    ADD CONSTRAINT reveals_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.reveal_requests(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_result_id_fkey FOREIGN KEY (result_id) REFERENCES public.sheets(id);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sheet_conflicts
    ADD CONSTRAINT sheet_conflicts_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES public.sheets(id);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_checklist_version_fkey FOREIGN KEY (checklist_version) REFERENCES public.checklists(version);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_supersedes_fkey FOREIGN KEY (supersedes) REFERENCES public.sheets(id);

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_issued_to_fkey FOREIGN KEY (issued_to) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.visit_events
    ADD CONSTRAINT visit_events_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.visit_former
    ADD CONSTRAINT visit_former_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.visit_former
    ADD CONSTRAINT visit_former_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.visit_supervisors
    ADD CONSTRAINT visit_supervisors_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.visit_supervisors
    ADD CONSTRAINT visit_supervisors_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES public.visits(id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agencies(id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_business_id_fkey FOREIGN KEY (business_id) REFERENCES public.businesses(id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_business_id_fkey FOREIGN KEY (business_id) REFERENCES public.businesses(id);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.wall_codes
    ADD CONSTRAINT wall_codes_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.offices(id);

ALTER TABLE ONLY vault.data_keys
    ADD CONSTRAINT data_keys_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES vault.identities(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA public TO suixing_app;
GRANT USAGE ON SCHEMA public TO suixing_vault;

GRANT USAGE ON SCHEMA vault TO suixing_vault;

GRANT ALL ON FUNCTION public.audit_append(at timestamp with time zone, actor_id uuid, actor_role text, deed text, subject_kind text, subject_id uuid, detail jsonb) TO suixing_app;
GRANT ALL ON FUNCTION public.audit_append(at timestamp with time zone, actor_id uuid, actor_role text, deed text, subject_kind text, subject_id uuid, detail jsonb) TO suixing_vault;

REVOKE ALL ON FUNCTION public.case_shredded(p_kind text, p_case uuid, p_on date) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.complaint_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complaint_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) TO suixing_vault;

REVOKE ALL ON FUNCTION public.complaint_keeps_off(p_case uuid, p_account uuid, p_office uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complaint_keeps_off(p_case uuid, p_account uuid, p_office uuid) TO suixing_vault;

REVOKE ALL ON FUNCTION public.feedback_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.feedback_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) TO suixing_vault;
GRANT ALL ON FUNCTION public.feedback_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) TO suixing_app;

REVOKE ALL ON FUNCTION public.vault_expired(p_today date, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_expired(p_today date, p_most integer) TO suixing_vault;

REVOKE ALL ON FUNCTION public.vault_mix(p_kind text, p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_mix(p_kind text, p_cases uuid[]) TO suixing_app;

REVOKE ALL ON FUNCTION public.vault_replace(p_id uuid, p_kind text, p_case uuid, p_key text, p_sealed bytea, p_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_replace(p_id uuid, p_kind text, p_case uuid, p_key text, p_sealed bytea, p_on date) TO suixing_vault;

REVOKE ALL ON FUNCTION public.vault_reseal(p_id uuid, p_old_key text, p_key text, p_sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_reseal(p_id uuid, p_old_key text, p_key text, p_sealed bytea) TO suixing_vault;

REVOKE ALL ON FUNCTION public.vault_seal(id uuid, case_kind text, case_id uuid, key_id text, sealed bytea, sealed_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_seal(id uuid, case_kind text, case_id uuid, key_id text, sealed bytea, sealed_on date) TO suixing_app;

REVOKE ALL ON FUNCTION public.vault_shred(p_kind text, p_case uuid, p_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.vault_shred(p_kind text, p_case uuid, p_on date) TO suixing_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.accounts TO suixing_app;

GRANT SELECT(id) ON TABLE public.accounts TO suixing_vault;

GRANT SELECT(name) ON TABLE public.accounts TO suixing_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agencies TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attachments TO suixing_app;

GRANT SELECT ON TABLE public.audit_log TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.audit_log_id_seq TO suixing_app;

GRANT SELECT,INSERT ON TABLE public.audit_seals TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.audit_seals_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ballot_clock TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ballot_periods TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ballot_traces TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.ballot_traces_n_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bureau TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.businesses TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_days TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_years TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.callback_events TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.callback_events_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.callback_rounds TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.callback_settings TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.callbacks TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.checklists TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint_drafts TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint_events TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.complaint_events_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint_people TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint_versions TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaints TO suixing_app;

GRANT SELECT(id) ON TABLE public.complaints TO suixing_vault;

GRANT SELECT(number) ON TABLE public.complaints TO suixing_vault;

GRANT SELECT(office_id) ON TABLE public.complaints TO suixing_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.counters TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deadline_rules TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.derivatives TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.devices TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feedbacks TO suixing_app;

GRANT SELECT(id) ON TABLE public.feedbacks TO suixing_vault;

GRANT SELECT(office_id) ON TABLE public.feedbacks TO suixing_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.findings TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.held_sheets TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.jobs_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lead_events TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.lead_events_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.leads TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login_throttle TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.officers TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offices TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outer_keys TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outer_nonces TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outer_sources TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.papers TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_discards TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_items TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_losses TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phones TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.photo_looks TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.photo_uploads TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.photos TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.problem_events TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.problem_events_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.problems TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.public_slowdown TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipts TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.release_rounds TO suixing_app;

GRANT SELECT ON TABLE public.reveal_requests TO suixing_app;
GRANT SELECT,INSERT ON TABLE public.reveal_requests TO suixing_vault;

GRANT UPDATE(expires_at) ON TABLE public.reveal_requests TO suixing_vault;

GRANT UPDATE(decided_by) ON TABLE public.reveal_requests TO suixing_vault;

GRANT UPDATE(decided_at) ON TABLE public.reveal_requests TO suixing_vault;

GRANT UPDATE(approved) ON TABLE public.reveal_requests TO suixing_vault;

GRANT UPDATE(why) ON TABLE public.reveal_requests TO suixing_vault;

GRANT SELECT ON TABLE public.reveals TO suixing_app;
GRANT SELECT,INSERT ON TABLE public.reveals TO suixing_vault;

GRANT UPDATE(read_by) ON TABLE public.reveals TO suixing_vault;

GRANT UPDATE(read_at) ON TABLE public.reveals TO suixing_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.settings TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sheet_conflicts TO suixing_app;

GRANT SELECT,INSERT ON TABLE public.sheets TO suixing_app;

GRANT UPDATE(complete_at) ON TABLE public.sheets TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tickets TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_events TO suixing_app;

GRANT SELECT,USAGE ON SEQUENCE public.visit_events_id_seq TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_former TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_supervisors TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visits TO suixing_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wall_codes TO suixing_app;

GRANT SELECT ON TABLE vault.data_keys TO suixing_vault;

GRANT SELECT ON TABLE vault.identities TO suixing_vault;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT,USAGE ON SEQUENCES  TO suixing_app;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO suixing_app;

