-- +goose Up
CREATE TABLE bureau (id uuid PRIMARY KEY, name text NOT NULL, county text NOT NULL, prefix text NOT NULL, hotline text NOT NULL DEFAULT '', only_one bool NOT NULL DEFAULT true UNIQUE CHECK (only_one), version int NOT NULL DEFAULT 1);
CREATE TABLE offices (
  id uuid PRIMARY KEY, name text NOT NULL UNIQUE, township text NOT NULL, prefix text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '', plaque_on date, active bool NOT NULL DEFAULT true, version int NOT NULL DEFAULT 1);
CREATE TABLE agencies (
  id uuid PRIMARY KEY, name text NOT NULL UNIQUE, kind text NOT NULL CHECK (kind IN ('township','county')),
  office_id uuid REFERENCES offices,       -- the office that supervises it; null for a county agency
  phone text NOT NULL DEFAULT '', active bool NOT NULL DEFAULT true, version int NOT NULL DEFAULT 1);
CREATE TABLE officers (
  id uuid PRIMARY KEY, agency_id uuid NOT NULL REFERENCES agencies, name text NOT NULL,
  credential_number text NOT NULL UNIQUE, valid_from date NOT NULL, valid_to date NOT NULL CHECK (valid_to >= valid_from),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active','suspended','revoked')), version int NOT NULL DEFAULT 1);
CREATE INDEX officers_agency ON officers (agency_id, name);
CREATE TABLE businesses (
  id uuid PRIMARY KEY, name text NOT NULL, uscc text UNIQUE CHECK (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),  -- GB 32100-2015
  address text NOT NULL DEFAULT '', kind text NOT NULL CHECK (kind IN ('company','household','farm','other')), industry text NOT NULL DEFAULT '',
  office_id uuid REFERENCES offices, active bool NOT NULL DEFAULT true, confirmed bool NOT NULL DEFAULT true, -- false: met on the spot, not yet checked by the office
  version int NOT NULL DEFAULT 1);
CREATE INDEX businesses_name ON businesses USING gin (bigrams(name));
CREATE INDEX businesses_office ON businesses (office_id, name, id);
CREATE INDEX businesses_all ON businesses (name, id);
CREATE INDEX officers_name ON officers USING gin (bigrams(name));
CREATE INDEX officers_all ON officers (name, id);
