-- +goose Up
CREATE TABLE complaints (
  id uuid PRIMARY KEY, number text NOT NULL UNIQUE, channel text NOT NULL CHECK (channel IN ('web','phone','visit','letter','mail','12345','superior','transfer','contact','supervisor')),
  office_id uuid REFERENCES offices, agency_id uuid REFERENCES agencies, target text NOT NULL, officer text NOT NULL DEFAULT '', happened text NOT NULL, place text NOT NULL, fact text NOT NULL, request text NOT NULL DEFAULT '', category text NOT NULL DEFAULT 'other',
  already text NOT NULL DEFAULT 'none' CHECK (already IN ('none','review','suit','petition','discipline')), urgency text NOT NULL DEFAULT 'normal' CHECK (urgency IN ('normal','urgent','critical')),
  anonymous bool NOT NULL DEFAULT true, confidential bool NOT NULL DEFAULT true, reply_wanted bool NOT NULL DEFAULT false, has_contact bool NOT NULL DEFAULT false, outer_number text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'received' CHECK (state IN ('received','accepted','refused','transferred','decided','told','closed')), answer text NOT NULL DEFAULT '', receipt_hash bytea NOT NULL UNIQUE, body_hash bytea NOT NULL UNIQUE,
  taken_by uuid REFERENCES accounts, suspect bool NOT NULL DEFAULT false, -- suspect: a program seems to have filled it; it waits for a person before it becomes a lead
  received_at timestamptz NOT NULL, decided_at timestamptz, version int NOT NULL DEFAULT 1);
CREATE INDEX complaints_list ON complaints (received_at DESC, id DESC);
CREATE INDEX complaints_office ON complaints (office_id, received_at DESC, id DESC);
CREATE INDEX complaints_taken ON complaints (taken_by, received_at DESC, id DESC) WHERE taken_by IS NOT NULL;
GRANT SELECT (id, office_id) ON complaints TO suixing_vault;
