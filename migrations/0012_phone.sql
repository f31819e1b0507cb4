-- +goose Up
-- What phones hold, and what comes from a phone that may no longer send.
-- devices: a phone that may submit what it sealed after its login has run out, and nothing else. The phone makes the id; only
-- the hash of its secret is kept. A revoked one (挂失) is still known by its secret, so that what it sends can be held back.
CREATE TABLE devices (
  id uuid PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts, name text NOT NULL, secret_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL, seen_at timestamptz NOT NULL, revoked_at timestamptz, revoked_by uuid REFERENCES accounts, revoked_reason text NOT NULL DEFAULT '',
  CHECK ((revoked_at IS NULL) = (revoked_reason = '')));
CREATE INDEX devices_account ON devices (account_id);
ALTER TABLE sessions ADD COLUMN device_id uuid REFERENCES devices; -- the phone this login is on, once it has said so
CREATE INDEX sessions_device ON sessions (device_id) WHERE device_id IS NOT NULL;
ALTER TABLE tickets ADD COLUMN device_id uuid REFERENCES devices;  -- the phone that carries it
CREATE INDEX tickets_device ON tickets (device_id) WHERE visit_id IS NULL AND revoked_at IS NULL AND NOT answered;
-- held_sheets: quarantine. Sealed records from a revoked phone, from a person who has left, or against the rules of a record
-- (faults says which): not lost, and not accepted before the office has decided. raw is what was sealed, byte for byte.
-- corrected: a later version by its author took its place.
CREATE TABLE held_sheets (
  id uuid PRIMARY KEY, sheet_id uuid NOT NULL, visit_id uuid NOT NULL, version int NOT NULL, account_id uuid NOT NULL REFERENCES accounts, device_id uuid REFERENCES devices, office_id uuid REFERENCES offices,
  why text NOT NULL CHECK (why IN ('device_revoked','account_left','role_changed','invalid')), faults text NOT NULL DEFAULT '', raw bytea NOT NULL, digest text NOT NULL,
  photos text[] NOT NULL, photo_bytes bigint NOT NULL, business_name text NOT NULL, happened_at timestamptz NOT NULL, received_at timestamptz NOT NULL,
  settled_at timestamptz, settled_by uuid REFERENCES accounts, kept bool, reason text NOT NULL DEFAULT '', outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('','saved','same','clashed')),
  corrected bool NOT NULL DEFAULT false, UNIQUE (account_id, digest), CHECK ((settled_at IS NULL) = (kept IS NULL)), CHECK ((outcome <> '') = COALESCE(kept, false)));
CREATE INDEX held_sheets_open ON held_sheets (received_at) WHERE settled_at IS NULL;
CREATE INDEX held_sheets_sheet ON held_sheets (sheet_id);
-- phones: what each phone last said it holds. epoch is made when the database on the phone is made: another one means that the
-- earlier database is gone.
CREATE TABLE phones (
  device_id uuid PRIMARY KEY REFERENCES devices, account_id uuid NOT NULL REFERENCES accounts, epoch uuid NOT NULL, app_version text NOT NULL, persisted bool, installed bool NOT NULL,
  drafts int NOT NULL, photos int NOT NULL, said_at timestamptz NOT NULL, first_at timestamptz NOT NULL, seen_at timestamptz NOT NULL);
CREATE INDEX phones_account ON phones (account_id);
CREATE TABLE phone_items (
  device_id uuid NOT NULL REFERENCES phones, id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('sheet','cancel')), visit_id uuid NOT NULL, day text NOT NULL, version int NOT NULL,
  photos int NOT NULL, photos_here int NOT NULL, bytes bigint NOT NULL, sealed_at timestamptz, state text NOT NULL, why text NOT NULL, since timestamptz NOT NULL, PRIMARY KEY (device_id, id));
-- phone_discards: what a person threw away on the phone, told to the office.
CREATE TABLE phone_discards (
  device_id uuid NOT NULL REFERENCES devices, id uuid NOT NULL, visit_id uuid, day text NOT NULL DEFAULT '', said_at timestamptz, reason text NOT NULL, noted_at timestamptz NOT NULL, PRIMARY KEY (device_id, id));
-- phone_losses: 疑似丢失. dropped: reported before, and gone without a receipt. wiped: the phone's database is another one.
-- replaced: the person has a new phone while an old one holds records and is silent.
CREATE TABLE phone_losses (
  id uuid PRIMARY KEY, device_id uuid NOT NULL REFERENCES phones, account_id uuid NOT NULL REFERENCES accounts, cause text NOT NULL CHECK (cause IN ('dropped','wiped','replaced')),
  items jsonb NOT NULL, noticed_at timestamptz NOT NULL, settled_at timestamptz, settled_by uuid REFERENCES accounts, reason text NOT NULL DEFAULT '', found bool NOT NULL DEFAULT false); -- found: everything turned up
CREATE INDEX phone_losses_device ON phone_losses (device_id);
CREATE INDEX phone_losses_open ON phone_losses (noticed_at) WHERE settled_at IS NULL;
-- papers: sheets of paper to be filled in by hand when the phone is dead. The code on it ties a photo of it to its visit; a
-- blank one has a number of its office and is tied to a visit later.
CREATE TABLE papers (
  id uuid PRIMARY KEY, code text NOT NULL UNIQUE, number text NOT NULL UNIQUE, office_id uuid NOT NULL REFERENCES offices, visit_id uuid REFERENCES visits, blank bool NOT NULL,
  made_by uuid NOT NULL REFERENCES accounts, made_at timestamptz NOT NULL, CHECK (blank OR visit_id IS NOT NULL));
CREATE UNIQUE INDEX papers_visit ON papers (visit_id) WHERE NOT blank;
CREATE INDEX papers_open ON papers (office_id, made_at) WHERE visit_id IS NULL;
-- visit_former: who was on a plan and was taken off it. What they sealed before they knew is still theirs to send.
CREATE TABLE visit_former (visit_id uuid NOT NULL REFERENCES visits, account_id uuid NOT NULL REFERENCES accounts, off_at timestamptz NOT NULL, PRIMARY KEY (visit_id, account_id));
-- lead_correct: the lead's, for the feature whose record it came from: whom it concerns was told wrongly, or not at all. Only as
-- long as nobody has decided on it; a decision stands. Returns whether something changed.
-- +goose StatementBegin
CREATE FUNCTION lead_correct(p_origin text, p_origin_id uuid, p_office uuid, p_agency uuid, p_text text, p_at timestamptz) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
  l record;
BEGIN
  UPDATE leads x SET office_id = p_office, agency_id = p_agency, version = x.version + 1
  WHERE x.origin = p_origin AND x.origin_id = p_origin_id AND x.state = 'open' AND (x.office_id, x.agency_id) IS DISTINCT FROM (p_office, p_agency) RETURNING x.id, x.agency_id INTO l;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO lead_events (lead_id, deed, state, at, actor_id, actor_role, text) VALUES (l.id, 'correct', 'open', p_at, NULL, 'system', p_text);
  PERFORM audit_append(p_at, NULL, 'system', 'lead.correct', 'lead', l.id, jsonb_build_object('agency_id', p_agency, 'office_id', p_office));
  RETURN true;
END $$;
-- +goose StatementEnd
