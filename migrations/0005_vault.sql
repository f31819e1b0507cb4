-- +goose Up
-- Identities of complainants and respondents (invariant 4). The app's role may only call vault_seal; reading needs suixing_vault.
-- Each identity is sealed under a data key of its own, and that key is wrapped by the vault's key, which is a file outside
-- the database. Deleting the data key shreds the identity: what is left of it anywhere opens no more.
CREATE SCHEMA vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO suixing_vault;
CREATE TABLE vault.identities (
  id uuid PRIMARY KEY, case_kind text NOT NULL CHECK (case_kind IN ('feedback','complaint')), case_id uuid NOT NULL,
  sealed bytea NOT NULL, sealed_on date NOT NULL, shredded_on date, CHECK ((shredded_on IS NOT NULL) = (sealed = '')));
CREATE INDEX identities_case ON vault.identities (case_kind, case_id, sealed_on);
CREATE TABLE vault.data_keys (identity_id uuid PRIMARY KEY REFERENCES vault.identities ON DELETE CASCADE, key_id text NOT NULL, wrapped bytea NOT NULL);
CREATE INDEX data_keys_key ON vault.data_keys (key_id);
GRANT SELECT ON vault.identities, vault.data_keys TO suixing_vault;
-- vault_seal takes the wrapped data key, 60 bytes, and behind it what is sealed under it.
-- +goose StatementBegin
CREATE FUNCTION vault_seal(id uuid, case_kind text, case_id uuid, key_id text, sealed bytea, sealed_on date) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$ -- plpgsql keeps the plan for the session, sql plans at each call
BEGIN
  INSERT INTO vault.identities VALUES ($1, $2, $3, substr($5, 61), $6);
  INSERT INTO vault.data_keys VALUES ($1, $4, substr($5, 1, 60));
  RETURN true;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION vault_seal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault_seal TO suixing_app;
-- What the revealing role may change, and nothing else: the same identity under a newer key, another identity in its place
-- (更正), and none at all (删除, 到期).
-- +goose StatementBegin
CREATE FUNCTION vault_reseal(p_id uuid, p_old_key text, p_key text, p_sealed bytea) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$
BEGIN
  UPDATE vault.data_keys SET key_id = p_key, wrapped = substr(p_sealed, 1, 60) WHERE identity_id = p_id AND key_id = p_old_key;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE vault.identities SET sealed = substr(p_sealed, 61) WHERE id = p_id;
  RETURN true;
END $$;
CREATE FUNCTION vault_replace(p_id uuid, p_kind text, p_case uuid, p_key text, p_sealed bytea, p_on date) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$
BEGIN
  DELETE FROM vault.identities WHERE case_kind = p_kind AND case_id = p_case;
  INSERT INTO vault.identities VALUES (p_id, p_kind, p_case, substr(p_sealed, 61), p_on);
  INSERT INTO vault.data_keys VALUES (p_id, p_key, substr(p_sealed, 1, 60));
  RETURN true;
END $$;
CREATE FUNCTION vault_shred(p_kind text, p_case uuid, p_on date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$
DECLARE n int;
BEGIN
  DELETE FROM vault.data_keys k USING vault.identities i WHERE i.id = k.identity_id AND i.case_kind = p_kind AND i.case_id = p_case;
  GET DIAGNOSTICS n = ROW_COUNT;
  UPDATE vault.identities SET sealed = '', shredded_on = p_on WHERE case_kind = p_kind AND case_id = p_case AND shredded_on IS NULL;
  PERFORM public.case_shredded(p_kind, p_case, p_on);
  RETURN n;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION vault_reseal, vault_replace, vault_shred FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault_reseal, vault_replace, vault_shred TO suixing_vault;
-- At county level a second person agrees before anyone looks (T16). No word of who spoke: the app may read it, not write it.
CREATE TABLE reveal_requests (
  id uuid PRIMARY KEY, case_kind text NOT NULL CHECK (case_kind IN ('feedback','complaint')), case_id uuid NOT NULL, asked_by uuid NOT NULL REFERENCES accounts, reason text NOT NULL,
  asked_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, decided_by uuid REFERENCES accounts, decided_at timestamptz, approved bool, why text NOT NULL DEFAULT '',
  CHECK ((decided_by IS NULL) = (approved IS NULL)), CONSTRAINT reveal_requests_second CHECK (decided_by <> asked_by));
CREATE INDEX reveal_requests_case ON reveal_requests (case_kind, case_id, asked_at DESC);
CREATE INDEX reveal_requests_open ON reveal_requests (expires_at) WHERE approved IS NULL;
REVOKE INSERT, UPDATE, DELETE ON reveal_requests FROM suixing_app;
GRANT SELECT, INSERT, UPDATE (expires_at, decided_by, decided_at, approved, why) ON reveal_requests TO suixing_vault;
GRANT SELECT (id, name) ON accounts TO suixing_vault;
-- Who looked, when and why: told to whoever else answers for the case, until another has read it (T16). No word of who spoke.
CREATE TABLE reveals (
  id uuid PRIMARY KEY, case_kind text NOT NULL CHECK (case_kind IN ('feedback','complaint')), case_id uuid NOT NULL, account_id uuid NOT NULL REFERENCES accounts,
  role text NOT NULL CHECK (role IN ('office','county')), reason text NOT NULL, at timestamptz NOT NULL, request_id uuid REFERENCES reveal_requests,
  read_by uuid REFERENCES accounts, read_at timestamptz, CHECK ((read_by IS NULL) = (read_at IS NULL)), CONSTRAINT reveals_other CHECK (read_by <> account_id));
CREATE INDEX reveals_at ON reveals (at DESC, id);
CREATE INDEX reveals_case ON reveals (case_id, at DESC);
CREATE INDEX reveals_waiting ON reveals (at DESC) WHERE read_at IS NULL;
REVOKE INSERT, UPDATE, DELETE ON reveals FROM suixing_app;
GRANT SELECT, INSERT, UPDATE (read_by, read_at) ON reveals TO suixing_vault;
