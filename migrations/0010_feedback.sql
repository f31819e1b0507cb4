-- +goose Up
CREATE TABLE tickets (
  id uuid PRIMARY KEY, hash bytea NOT NULL UNIQUE, short_hash bytea NOT NULL UNIQUE, -- SHA-256 of the 128 random bits and of the typed code
  issued_to uuid NOT NULL REFERENCES accounts, office_id uuid NOT NULL REFERENCES offices, issued_on date NOT NULL, request_id uuid NOT NULL, -- one batch per request id
  visit_id uuid UNIQUE REFERENCES visits, bound_at timestamptz, expires_at timestamptz, revoked_at timestamptz, answered bool NOT NULL DEFAULT false);
CREATE INDEX tickets_issued ON tickets (issued_to) WHERE visit_id IS NULL AND revoked_at IS NULL;
-- An answer: random id (UUIDv4), time to the hour, nothing about the device. counted=false: a later answer, kept and flagged.
CREATE TABLE feedbacks (
  id uuid PRIMARY KEY, ticket_id uuid REFERENCES tickets, channel text NOT NULL CHECK (channel IN ('ticket','wall','paper')), agency_id uuid REFERENCES agencies, office_id uuid REFERENCES offices,
  counted bool NOT NULL, form_version int NOT NULL, scale int NOT NULL CHECK (scale IN (3,5)), checked_on date NOT NULL, business_name text NOT NULL DEFAULT '', kind text NOT NULL, matter text NOT NULL,
  facts jsonb NOT NULL, ratings jsonb NOT NULL, overall int NOT NULL CHECK (overall BETWEEN 1 AND 5), bad bool NOT NULL, problem_text text NOT NULL DEFAULT '', advice text NOT NULL DEFAULT '',
  reply_wanted bool NOT NULL DEFAULT false, has_contact bool NOT NULL DEFAULT false, receipt_hash bytea NOT NULL UNIQUE, body_hash bytea NOT NULL, state text NOT NULL DEFAULT 'received' CHECK (state IN ('received','checking','answered')), reply text NOT NULL DEFAULT '', replied_at timestamptz,
  entered_by uuid REFERENCES accounts, received_hour timestamptz NOT NULL CHECK (date_trunc('hour', received_hour) = received_hour));
CREATE UNIQUE INDEX feedbacks_counted ON feedbacks (ticket_id) WHERE counted AND ticket_id IS NOT NULL;
CREATE INDEX feedbacks_list ON feedbacks (received_hour DESC, id);
CREATE INDEX feedbacks_agency ON feedbacks (agency_id, received_hour DESC, id);
CREATE INDEX feedbacks_office ON feedbacks (office_id, received_hour DESC, id);
