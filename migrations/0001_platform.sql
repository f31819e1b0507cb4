-- +goose Up
-- The ground every feature stands on: roles, audit trail, gap-free numbers, background jobs.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Roles belong to the whole cluster. Passwords are the operator's (compose sets them); the embedded cluster trusts its private socket.
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'suixing_app') THEN CREATE ROLE suixing_app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'suixing_vault') THEN CREATE ROLE suixing_vault LOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- +goose StatementEnd
GRANT USAGE ON SCHEMA public TO suixing_app, suixing_vault;
GRANT SELECT ON goose_db_version TO suixing_app; -- a server checks that the schema fits it
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO suixing_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO suixing_app;

-- Append-only. txid lets the sealer take only rows of transactions that have ended for everyone.
CREATE TABLE audit_log (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  txid         xid8        NOT NULL DEFAULT pg_current_xact_id(),
  at           timestamptz NOT NULL,
  actor_id     uuid,                       -- account; null for the public and the system
  actor_role   text        NOT NULL,
  deed         text        NOT NULL CHECK (deed ~ '^[a-z_]+(\.[a-z_]+)+$'),
  subject_kind text        NOT NULL DEFAULT '',
  subject_id   uuid,                       -- null for anonymous intake: the trail must not lead to an answer
  detail       jsonb       NOT NULL DEFAULT '{}'
);
-- The public's rows name neither and need no place in these.
CREATE INDEX audit_log_subject ON audit_log (subject_kind, subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_log_actor ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE TABLE audit_seals (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  last_txid xid8        NOT NULL,          -- every row with a smaller or equal txid is under this or an earlier seal
  last_id   bigint      NOT NULL,
  rows      int         NOT NULL,
  prev      bytea       NOT NULL,
  head      bytea       NOT NULL,
  sealed_at timestamptz NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION audit_append(at timestamptz, actor_id uuid, actor_role text, deed text, subject_kind text, subject_id uuid, detail jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
-- plpgsql keeps its plan; a function in plain SQL is planned anew on every call. No SET search_path, which costs as much
-- as the row: every name below is qualified, and what is not is found in pg_catalog first.
DECLARE n bigint;
BEGIN
  INSERT INTO public.audit_log AS l (at, actor_id, actor_role, deed, subject_kind, subject_id, detail)
  VALUES ($1, $2, $3, $4, $5, $6, COALESCE($7, '{}'::jsonb)) RETURNING l.id INTO n;
  RETURN n;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'SX001'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION append_only();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_log FROM suixing_app;
REVOKE UPDATE, DELETE, TRUNCATE ON audit_seals FROM suixing_app;
GRANT EXECUTE ON FUNCTION audit_append TO suixing_app, suixing_vault;

-- Numbers without gaps: the row stays locked until the transaction that took the number ends.
CREATE TABLE counters (series text PRIMARY KEY, value bigint NOT NULL);
-- +goose StatementBegin
CREATE FUNCTION next_number(wanted text) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO counters (series, value) VALUES (wanted, 1)
  ON CONFLICT (series) DO UPDATE SET value = counters.value + 1 RETURNING value
$$;
-- +goose StatementEnd

-- A number as people read it: BS2026-0001. More than four digits when a year needs them.
-- +goose StatementBegin
CREATE FUNCTION next_code(series text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint := next_number($1);
BEGIN RETURN $1 || '-' || lpad(n::text, greatest(4, length(n::text)), '0'); END $$;
-- +goose StatementEnd

CREATE TABLE jobs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text        NOT NULL,
  key          text        NOT NULL,       -- same kind and key: the same work, once
  run_at       timestamptz NOT NULL,
  attempts     int         NOT NULL DEFAULT 0,
  leased_until timestamptz,
  last_error   text        NOT NULL DEFAULT '',
  UNIQUE (kind, key)
);
CREATE INDEX jobs_due ON jobs (run_at);

-- Two-character Chinese search needs bigrams; pg_trgm alone serves three and more. The high cost makes the planner use the index.
-- +goose StatementBegin
CREATE FUNCTION bigrams(t text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20000 AS $$
  SELECT COALESCE(array_agg(DISTINCT substr(lower(t), i, 2)), '{}') FROM generate_series(1, greatest(length(t) - 1, 0)) i
$$;
-- +goose StatementEnd
