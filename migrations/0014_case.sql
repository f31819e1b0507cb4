-- +goose Up
-- The work on a complaint (DOMAIN B.4 W1): its time line, who looks into it, who keeps off, what was added, drafts of the
-- hotline, and the 12345 platforms that hand tickets in.
CREATE TABLE complaint_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, complaint_id uuid NOT NULL REFERENCES complaints, deed text NOT NULL, state text NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_role text NOT NULL,
  text text NOT NULL DEFAULT '', data jsonb NOT NULL DEFAULT '{}');
CREATE INDEX complaint_events_case ON complaint_events (complaint_id, id);
CREATE TRIGGER complaint_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON complaint_events FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TABLE complaint_people (
  complaint_id uuid NOT NULL REFERENCES complaints, account_id uuid NOT NULL REFERENCES accounts, part text NOT NULL CHECK (part IN ('investigator','recused')), reason text NOT NULL DEFAULT '', at timestamptz NOT NULL,
  PRIMARY KEY (complaint_id, account_id));
CREATE INDEX complaint_people_account ON complaint_people (account_id, part);
-- What came in again under the same number with other words: both versions are kept until a person has looked.
CREATE TABLE complaint_versions (
  id uuid PRIMARY KEY, complaint_id uuid NOT NULL REFERENCES complaints, way text NOT NULL CHECK (way IN ('public','desk','12345')), body jsonb NOT NULL, body_hash bytea NOT NULL, has_contact bool NOT NULL DEFAULT false,
  at timestamptz NOT NULL, by_account uuid REFERENCES accounts, settled text NOT NULL DEFAULT '' CHECK (settled IN ('','first','other','both')), settled_at timestamptz, settled_by uuid REFERENCES accounts,
  receipt_hash bytea UNIQUE, -- what the public sent has a code of its own; it tells of the same complaint
  UNIQUE (complaint_id, body_hash));
CREATE INDEX complaint_versions_open ON complaint_versions (complaint_id) WHERE settled = '';
-- A draft is its writer's alone, and her successor's when she leaves; body is sealed by the server, for it holds the caller's name before anything is filed.
CREATE TABLE complaint_drafts (
  id uuid PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts, body text NOT NULL, saved_at timestamptz NOT NULL, version int NOT NULL DEFAULT 1);
CREATE INDEX complaint_drafts_account ON complaint_drafts (account_id, saved_at DESC);
CREATE INDEX complaint_drafts_age ON complaint_drafts (saved_at);
-- 12345: a source hands tickets in under keys. A key's secret is made from the server's own and stands nowhere.
CREATE TABLE outer_sources (id uuid PRIMARY KEY, name text NOT NULL CONSTRAINT outer_sources_name_key UNIQUE, created_at timestamptz NOT NULL);
CREATE TABLE outer_keys (id uuid PRIMARY KEY, source_id uuid NOT NULL REFERENCES outer_sources, created_at timestamptz NOT NULL, created_by uuid REFERENCES accounts, used_at timestamptz, revoked_at timestamptz);
CREATE TABLE outer_nonces (key_id uuid NOT NULL, nonce bytea NOT NULL, seen_at timestamptz NOT NULL, PRIMARY KEY (key_id, nonce));
CREATE INDEX outer_nonces_age ON outer_nonces (seen_at);

INSERT INTO deadline_rules (code, effective_from, event, value, unit, basis, strength) VALUES
  ('DL23', '2024-01-01', '告知投诉人结果后，回访', 30, 'd', '县里设定；12345热线把回访结果计入考核（潍坊市条例第二十五条）', 'inferred'),
  ('DL24', '2024-01-01', '要求补正后，投诉人补齐材料（期限停止计算）', 10, 'wd', '参照《中华人民共和国行政复议法》第三十一条：收到补正通知之日起十日内，一次性载明；第八十八条：十日指工作日', 'other'),
  ('DL25', '2024-01-01', '等鉴定或者其他机关的结果，到期查看一次（期限停止计算）', 30, 'd', '县里设定；停止计算要写明理由、附上凭据', 'inferred'),
  ('DL26', '2024-01-01', '转送别的机关后，到期催问一次', 10, 'wd', '县里设定；没有规定对方机关办理的期限，到期没有结果就催问', 'inferred'),
  ('RT01', '2024-01-01', '投诉办结后，销毁投诉人的身份信息', 730, 'd', '县里设定；《中华人民共和国个人信息保护法》第十九条：保存期限应当为实现处理目的所必要的最短时间', 'inferred'),
  ('RT02', '2024-01-01', '没有提交的投诉草稿，清除', 7, 'd', '县里设定；《中华人民共和国个人信息保护法》第十九条', 'inferred'),
  ('RT03', '2024-01-01', '反馈表收到后，销毁联系方式', 365, 'd', '县里设定；《中华人民共和国个人信息保护法》第十九条', 'inferred');

-- complaint_subject: what a complaint's target is: the agency named, or the one whose name was written exactly, and its
-- office; one of our own offices, or the bureau. Intake, a second version and its settling ask the same question here.
-- +goose StatementBegin
CREATE FUNCTION complaint_subject(p_agency uuid, p_target text) RETURNS TABLE (agency_id uuid, agency_office uuid, about text, about_office_id uuid)
LANGUAGE sql STABLE AS $$
  SELECT a.id, a.office_id, CASE WHEN o.id IS NOT NULL THEN 'office' WHEN b.id IS NOT NULL THEN 'bureau' ELSE 'agency' END, o.id
  FROM (SELECT 1) one
  LEFT JOIN LATERAL (SELECT x.id, x.office_id FROM agencies x WHERE x.active AND (x.id = p_agency OR p_agency IS NULL AND x.name = p_target) LIMIT 1) a ON true
  LEFT JOIN LATERAL (SELECT x.id FROM offices x WHERE x.name <> '' AND strpos(p_target, x.name) > 0 LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT x.id FROM bureau x WHERE x.name <> '' AND strpos(p_target, x.name) > 0 LIMIT 1) b ON true
$$;
-- complaint_to_county: the case leaves its office, with its open lead; nobody of an office stays on it.
CREATE FUNCTION complaint_to_county(p_case uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE complaints c SET office_id = NULL, handler_id = (SELECT a.id FROM accounts a WHERE a.id = c.handler_id AND a.role <> 'office') WHERE c.id = p_case;
  DELETE FROM complaint_people p USING accounts a WHERE p.complaint_id = p_case AND p.part = 'investigator' AND a.id = p.account_id AND a.role = 'office';
  UPDATE leads l SET office_id = NULL, version = l.version + 1 WHERE l.origin = 'complaint' AND l.origin_id = p_case AND l.state = 'open' AND l.office_id IS NOT NULL;
END $$;
-- +goose StatementEnd
-- complaint_keeps_off: does this account stand back from the case, or is the complaint about him or his own? The same rule as Case.conflict.
-- +goose StatementBegin
CREATE FUNCTION complaint_keeps_off(p_case uuid, p_account uuid, p_office uuid) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.about = 'bureau' OR c.about = 'office' AND COALESCE(c.about_office_id = p_office, false)
    OR COALESCE((SELECT length(a.name) > 1 AND strpos(c.officer, a.name) > 0 FROM accounts a WHERE a.id = p_account), false)
    OR EXISTS (SELECT FROM complaint_people p WHERE p.complaint_id = c.id AND p.account_id = p_account AND p.part = 'recused')
  FROM complaints c WHERE c.id = p_case
$$;
-- +goose StatementEnd
-- complaint_handler: may this account see who spoke in this case? Null: out of its sight. The same rule as Case.handles.
-- +goose StatementBegin
CREATE FUNCTION complaint_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
-- case_shredded: the vault tells the feature that the identity of one of its cases is gone.
CREATE FUNCTION case_shredded(p_kind text, p_case uuid, p_on date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_kind = 'complaint' THEN UPDATE complaints SET has_contact = false, shredded_on = p_on, -- and nobody can be called back any more
    due_on = CASE WHEN due_rule <> 'DL23' THEN due_on END, due_sum = CASE WHEN due_rule <> 'DL23' THEN due_sum END, due_rule = CASE WHEN due_rule <> 'DL23' THEN due_rule ELSE '' END WHERE id = p_case AND (has_contact OR shredded_on IS NULL); END IF;
  IF p_kind = 'feedback' THEN UPDATE feedbacks SET has_contact = false WHERE id = p_case AND has_contact; END IF;
END $$;
-- vault_expired: the cases whose identity is past its retention today, by the rules RT01 and RT03.
CREATE FUNCTION vault_expired(p_today date, p_most int) RETURNS TABLE (case_kind text, case_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  (SELECT DISTINCT 'feedback', i.case_id FROM vault.identities i
    WHERE i.case_kind = 'feedback' AND i.shredded_on IS NULL AND deadline_due('RT03', i.sealed_on) < p_today LIMIT p_most)
  UNION ALL
  (SELECT DISTINCT 'complaint', i.case_id FROM vault.identities i JOIN complaints c ON c.id = i.case_id
    WHERE i.case_kind = 'complaint' AND i.shredded_on IS NULL AND c.state IN ('closed', 'refused', 'transferred')
      AND deadline_due('RT01', (COALESCE(c.closed_at, c.decided_at) AT TIME ZONE 'Asia/Shanghai')::date) < p_today LIMIT p_most)
$$;
-- lead_settle: what an intake feature calls when its own decision ends the open lead it raised. A red line is not for it.
CREATE FUNCTION lead_settle(p_origin text, p_origin_id uuid, p_state text, p_reason text, p_to text, p_actor uuid, p_role text, p_at timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
REVOKE ALL ON FUNCTION complaint_handler, complaint_keeps_off, case_shredded, vault_expired FROM PUBLIC;
GRANT EXECUTE ON FUNCTION complaint_handler, complaint_keeps_off, vault_expired TO suixing_vault;
