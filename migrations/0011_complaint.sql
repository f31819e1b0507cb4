-- +goose Up
CREATE TABLE complaints (
  id uuid PRIMARY KEY, number text NOT NULL UNIQUE, channel text NOT NULL CHECK (channel IN ('web','phone','visit','letter','mail','12345','superior','transfer','contact','supervisor')),
  office_id uuid REFERENCES offices, agency_id uuid REFERENCES agencies, target text NOT NULL, officer text NOT NULL DEFAULT '', happened text NOT NULL, place text NOT NULL, fact text NOT NULL, request text NOT NULL DEFAULT '',
  category text NOT NULL DEFAULT 'other', subcategory text NOT NULL DEFAULT '',
  already text NOT NULL DEFAULT 'none' CHECK (already IN ('none','review','suit','petition','discipline')), urgency text NOT NULL DEFAULT 'normal' CHECK (urgency IN ('normal','urgent','critical')),
  anonymous bool NOT NULL DEFAULT true, confidential bool NOT NULL DEFAULT true, reply_wanted bool NOT NULL DEFAULT false, has_contact bool NOT NULL DEFAULT false, outer_number text NOT NULL DEFAULT '', outer_source uuid,
  -- what it is about: an agency, or one of our own, who then keep off (回避); an office complained of does not get its own complaint
  about text NOT NULL DEFAULT 'agency' CHECK (about IN ('agency','office','bureau')), about_office_id uuid REFERENCES offices,
  state text NOT NULL DEFAULT 'received' CHECK (state IN ('received','accepted','investigating','proposed','decided','answered','closed','refused','transferred')),
  handler_id uuid REFERENCES accounts, due_rule text NOT NULL DEFAULT '', due_on date, due_sum jsonb, extended bool NOT NULL DEFAULT false, extension_asked bool NOT NULL DEFAULT false,
  finding text NOT NULL DEFAULT '', refused_ground text NOT NULL DEFAULT '', referred_to text NOT NULL DEFAULT '', answer text NOT NULL DEFAULT '', retaliation bool NOT NULL DEFAULT false, reopened int NOT NULL DEFAULT 0,
  -- the clock stands still (补正、鉴定、等其他机关): since when, why, and the sum it runs on with; asks: what the person is asked for
  paused_on date, pause_ground text NOT NULL DEFAULT '' CHECK (pause_ground IN ('','completion','appraisal','other_organ')), stopped_sum jsonb, asks text NOT NULL DEFAULT '', asked_once bool NOT NULL DEFAULT false,
  outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('','done','declined','silent')), -- of the organ it was sent to
  follow_tries int NOT NULL DEFAULT 0, follow_tried_on date, -- calls after the answer that reached nobody
  CHECK ((paused_on IS NULL) = (pause_ground = '')),
  receipt_hash bytea NOT NULL UNIQUE, body_hash bytea NOT NULL UNIQUE, nonce_hash bytea UNIQUE, -- nonce_hash: the public form's own number, so that the form sent again with other words joins this complaint
  taken_by uuid REFERENCES accounts, suspect bool NOT NULL DEFAULT false, -- suspect: a program seems to have filled it; it waits for a person before it becomes a lead
  received_at timestamptz NOT NULL, accepted_at timestamptz, decided_at timestamptz, answered_at timestamptz, closed_at timestamptz, changed_at timestamptz, shredded_on date, version int NOT NULL DEFAULT 1);
CREATE INDEX complaints_list ON complaints (received_at DESC, id DESC);
CREATE INDEX complaints_office ON complaints (office_id, received_at DESC, id DESC);
CREATE INDEX complaints_taken ON complaints (taken_by, received_at DESC, id DESC) WHERE taken_by IS NOT NULL;
CREATE INDEX complaints_state ON complaints (state, received_at DESC, id DESC);
CREATE INDEX complaints_due ON complaints (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX complaints_agency ON complaints (agency_id, received_at DESC) WHERE agency_id IS NOT NULL;
CREATE INDEX complaints_outer_changed ON complaints (changed_at, id) WHERE channel = '12345';
CREATE UNIQUE INDEX complaints_outer ON complaints (outer_number) WHERE channel = '12345' AND outer_number <> '';
CREATE INDEX complaints_text ON complaints USING gin (bigrams(number || ' ' || target || ' ' || fact));
GRANT SELECT (id, office_id, number) ON complaints TO suixing_vault;
