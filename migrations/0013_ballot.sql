-- +goose Up
-- The ballot (docs/adr/0012): what keeps answers apart from those who gave them, and what else tickets and wall codes need.

-- A visit may get another ticket in place of one that was lost or pasted over; only one of them is good.
ALTER TABLE tickets DROP CONSTRAINT tickets_visit_id_key;

CREATE UNIQUE INDEX tickets_visit ON tickets (visit_id) WHERE visit_id IS NOT NULL AND revoked_at IS NULL;
-- An answer marks its ticket; no index may name that mark, or each answer writes all of a ticket's indexes.
DROP INDEX tickets_device;
CREATE INDEX tickets_device ON tickets (device_id) WHERE device_id IS NOT NULL AND visit_id IS NULL AND revoked_at IS NULL;


-- settled: 0 just came, 1 flagged or released since, 2 settled, 3 a 追评 came since. The settlement of an hour writes its answers anew in random order, raises
-- their leads in that order and leaves one row in the trail that counts them; until then the answer itself is what waits.
ALTER TABLE feedbacks
  ADD COLUMN settled smallint NOT NULL DEFAULT 0,
  ADD COLUMN quarantined bool NOT NULL DEFAULT false,  -- over the cap or without proof of work: a person looks first
  ADD COLUMN agency_text text NOT NULL DEFAULT '',     -- what the rated agency may read of the free text, written by the office
  ADD COLUMN more_overall int CHECK (more_overall BETWEEN 1 AND 5), ADD COLUMN more_text text NOT NULL DEFAULT '',
  ADD COLUMN more_hour timestamptz CHECK (date_trunc('hour', more_hour) = more_hour), -- 追评, once, after the office has answered
  ADD COLUMN twin_of uuid;                             -- paper entered under an id that was taken: both are kept
CREATE INDEX feedbacks_held ON feedbacks (received_hour DESC, id) WHERE quarantined; -- few
CREATE INDEX feedbacks_touched ON feedbacks (received_hour) WHERE settled IN (1, 3);
-- Dead copies in arrival order go soon: only the settlement leaves any.
ALTER TABLE feedbacks SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);

-- Everything before settled_until is settled, but for what was touched since.
CREATE TABLE ballot_clock (only_one bool PRIMARY KEY DEFAULT true CHECK (only_one), settled_until timestamptz NOT NULL);

-- What a rated agency has been shown, for good: whole months, joined until there are five answers. Never changed, so that no
-- two looks at different times can be subtracted.
CREATE TABLE ballot_periods (
  agency_id uuid NOT NULL REFERENCES agencies, from_month text NOT NULL CHECK (from_month ~ '^\d{4}-\d{2}$'), to_month text NOT NULL CHECK (to_month >= from_month),
  n int NOT NULL CHECK (n >= 5), score numeric NOT NULL, satisfied numeric NOT NULL, poor numeric NOT NULL, r1 numeric NOT NULL, r2 numeric NOT NULL, r3 numeric NOT NULL, r4 numeric NOT NULL, r5 numeric NOT NULL,
  published_on date NOT NULL, PRIMARY KEY (agency_id, from_month));
CREATE TRIGGER ballot_periods_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ballot_periods FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Codes that hang on a wall: one that is good for each business. The secret is made from id and key, so a poster can be drawn again.
CREATE TABLE wall_codes (
  id uuid PRIMARY KEY, business_id uuid NOT NULL REFERENCES businesses, office_id uuid NOT NULL REFERENCES offices, hash bytea NOT NULL UNIQUE, short_hash bytea NOT NULL UNIQUE,
  created_on date NOT NULL, created_by uuid NOT NULL REFERENCES accounts, revoked_at timestamptz);
CREATE UNIQUE INDEX wall_codes_business ON wall_codes (business_id) WHERE revoked_at IS NULL;
CREATE INDEX wall_codes_office ON wall_codes (office_id, id);

-- Where answers came from, for a day: boxes sealed under a key outside the database, beside no answer. Unlogged, so that it
-- is in no WAL archive; a crash loses signals and nothing else.
CREATE UNLOGGED TABLE ballot_traces (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hour timestamptz NOT NULL, box bytea NOT NULL);
CREATE INDEX ballot_traces_hour ON ballot_traces (hour);

-- Writes sealed identities of these cases anew, in random order, so that their place and transaction tell nothing.
-- +goose StatementBegin
CREATE FUNCTION vault_mix(p_kind text, p_cases uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$
DECLARE c uuid;
BEGIN
  FOR c IN SELECT x FROM unnest(p_cases) x ORDER BY random() LOOP
    UPDATE vault.identities i SET sealed_on = i.sealed_on WHERE i.case_kind = p_kind AND i.case_id = c;
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION vault_mix FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault_mix TO suixing_app;
-- The same for the pictures of public forms; the time of a derivative is kept to the hour like everything else about them.
-- +goose StatementBegin
CREATE FUNCTION pictures_mix(p_kind text, p_owners uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE a record;
BEGIN
  FOR a IN SELECT id, sha256 FROM attachments WHERE owner_kind = p_kind AND owner_id = ANY (p_owners) ORDER BY random() LOOP
    UPDATE attachments t SET declared_at = date_trunc('hour', t.declared_at) WHERE t.id = a.id;
    UPDATE photos p SET held_at = date_trunc('hour', p.held_at) WHERE p.sha256 = a.sha256;
    UPDATE derivatives d SET made_at = date_trunc('hour', d.made_at) WHERE d.sha256 = a.sha256;
  END LOOP;
END $$;
-- +goose StatementEnd
-- feedback_handler: may this account see who spoke? Null: out of its sight, as the answer to her own visit is to a supervisor.
-- The same rule as the reads of answers.
-- +goose StatementBegin
CREATE FUNCTION feedback_handler(p_case uuid, p_account uuid, p_role text, p_office uuid) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT true FROM feedbacks f WHERE f.id = p_case AND (p_role = 'county' OR f.office_id = p_office)
    AND NOT EXISTS (SELECT FROM tickets own LEFT JOIN visit_supervisors m ON m.visit_id = own.visit_id AND m.account_id = p_account
      WHERE own.id = f.ticket_id AND (m.account_id IS NOT NULL OR own.visit_id IS NULL AND own.issued_to = p_account))
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION feedback_handler FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feedback_handler TO suixing_vault, suixing_app;
-- Counts of a day under keyed hashes: nothing to archive.
ALTER TABLE public_slowdown SET UNLOGGED;
-- The settlement of some answers, all of one hour or all touched since: rows, tickets, identities and pictures are written anew
-- in random order in this one transaction. Returns nothing that an order could be read from.
-- +goose StatementBegin
CREATE FUNCTION feedback_mix(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
