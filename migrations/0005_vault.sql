-- +goose Up
-- Identities of complainants and respondents (invariant 4). The app's role may only call vault_seal; reading needs suixing_vault.
CREATE SCHEMA vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO suixing_vault;
CREATE TABLE vault.identities (
  id uuid PRIMARY KEY, case_kind text NOT NULL CHECK (case_kind IN ('feedback','complaint')), case_id uuid NOT NULL,
  key_id text NOT NULL, sealed bytea NOT NULL, sealed_on date NOT NULL, UNIQUE (case_kind, case_id));
GRANT SELECT ON vault.identities TO suixing_vault;
-- +goose StatementBegin
CREATE FUNCTION vault_seal(id uuid, case_kind text, case_id uuid, key_id text, sealed bytea, sealed_on date) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp AS $$ -- plpgsql keeps the plan for the session, sql plans at each call
BEGIN
  INSERT INTO vault.identities VALUES ($1, $2, $3, $4, $5, $6);
  RETURN true;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION vault_seal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault_seal TO suixing_app;
