-- +goose Up
-- photos: what is held. A row is written only after the object is stored under its hash.
CREATE TABLE photos (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'), size bigint NOT NULL, media_type text NOT NULL,
  width int NOT NULL DEFAULT 0, height int NOT NULL DEFAULT 0, held_at timestamptz NOT NULL,
  preview text NOT NULL DEFAULT 'due' CHECK (preview IN ('due','made','none'))); -- none: cannot be drawn here (damaged), the original alone is shown
-- uploads: who brought the bytes; lets an uploader see them again before they hang on a record.
CREATE TABLE photo_uploads (sha256 text NOT NULL REFERENCES photos, account_id uuid NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (sha256, account_id));
CREATE INDEX photo_uploads_account ON photo_uploads (account_id, at);
-- attachments: what a record declares. Declared here and missing in photos = still on the phone.
CREATE TABLE attachments (
  id uuid PRIMARY KEY, owner_kind text NOT NULL CHECK (owner_kind IN ('sheet','problem','feedback','complaint','visit','paper','lead')), owner_id uuid NOT NULL,
  item text NOT NULL DEFAULT '', position int NOT NULL DEFAULT 0, sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), size bigint NOT NULL,
  source text NOT NULL DEFAULT 'album' CHECK (source IN ('camera','album','signature','public','desk')),
  taken_at timestamptz, lat double precision, lng double precision, accuracy double precision, datum text NOT NULL DEFAULT '',
  caption text NOT NULL DEFAULT '', for_agency bool NOT NULL DEFAULT false, by_account uuid, declared_at timestamptz NOT NULL,
  UNIQUE (owner_kind, owner_id, item, sha256));
CREATE INDEX attachments_sha ON attachments (sha256);
CREATE TABLE derivatives (sha256 text NOT NULL REFERENCES photos, kind text NOT NULL CHECK (kind IN ('thumb','view')), key text NOT NULL, size bigint NOT NULL, width int NOT NULL, height int NOT NULL, made_at timestamptz NOT NULL,
  digest text NOT NULL DEFAULT '', -- SHA-256 of the copy, so that one changed later shows
  PRIMARY KEY (sha256, kind));
-- looks: 64 bits that a photo saved again or made smaller nearly keeps; bands: pieces of them, one more than may differ, to be found by.
CREATE TABLE photo_looks (sha256 text PRIMARY KEY REFERENCES photos ON DELETE CASCADE, look bigint NOT NULL, bands bigint[] NOT NULL);
CREATE INDEX photo_looks_bands ON photo_looks USING gin (bands);
-- receipts: custody receipts, signed by the server once everything a record declared is held (invariant 3).
CREATE TABLE receipts (
  code text PRIMARY KEY, sheet_id uuid NOT NULL UNIQUE, version int NOT NULL, body bytea NOT NULL, key_id text NOT NULL, algorithm text NOT NULL, signature bytea NOT NULL, issued_at timestamptz NOT NULL);
-- job_enqueue: work asked for inside a feature's own statement. Asking again for what still waits changes nothing.
-- +goose StatementBegin
CREATE FUNCTION job_enqueue(p_kind text, p_key text, p_run_at timestamptz) RETURNS bool LANGUAGE plpgsql AS $$ -- keeps its plan, as audit_append does
BEGIN
  INSERT INTO public.jobs (kind, key, run_at) VALUES (p_kind, p_key, p_run_at) ON CONFLICT (kind, key) DO NOTHING;
  RETURN FOUND;
END $$;
-- +goose StatementEnd
