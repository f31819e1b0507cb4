-- +goose Up
CREATE TABLE accounts (
  id uuid PRIMARY KEY, username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,31}$'), name text NOT NULL,
  role text NOT NULL CHECK (role IN ('county','leader','office','supervisor','agency','hotline','admin','auditor')),
  office_id uuid REFERENCES offices, agency_id uuid REFERENCES agencies,
  certificate text NOT NULL DEFAULT '', certificate_until date, -- supervision certificate (监督证); empty: none, so no 当场制止
  password_hash text NOT NULL, must_change bool NOT NULL DEFAULT true, old_hashes text[] NOT NULL DEFAULT '{}',
  totp_secret bytea, totp_confirmed_at timestamptz, totp_last_step bigint NOT NULL DEFAULT 0,
  active bool NOT NULL DEFAULT true, left_on timestamptz, successor_id uuid REFERENCES accounts,
  created_at timestamptz NOT NULL, last_login_at timestamptz, version int NOT NULL DEFAULT 1,
  CONSTRAINT accounts_place CHECK ((role IN ('office','supervisor')) = (office_id IS NOT NULL)), CONSTRAINT accounts_agency CHECK ((role = 'agency') = (agency_id IS NOT NULL)));
CREATE INDEX accounts_all ON accounts (name, id);
CREATE TABLE sessions (
  token_hash bytea PRIMARY KEY, id uuid NOT NULL UNIQUE, account_id uuid NOT NULL REFERENCES accounts, kind text NOT NULL DEFAULT 'browser' CHECK (kind IN ('browser','token')),
  label text NOT NULL DEFAULT '', created_at timestamptz NOT NULL, seen_at timestamptz NOT NULL, idle_until timestamptz NOT NULL, ends_at timestamptz NOT NULL);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_ends ON sessions (ends_at);
-- Failed tries per account and per address; the key is a keyed hash, so that the table names nobody.
CREATE TABLE login_throttle (key bytea PRIMARY KEY, failures int NOT NULL, last_at timestamptz NOT NULL, free_at timestamptz NOT NULL,
  under int NOT NULL DEFAULT 0); -- tries that are charged and have no answer yet
CREATE INDEX login_throttle_last ON login_throttle (last_at);
CREATE TABLE settings (key text PRIMARY KEY, value jsonb NOT NULL, changed_at timestamptz NOT NULL, changed_by uuid REFERENCES accounts);
