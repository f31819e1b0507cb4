-- +goose Up
-- The triage queue by its deadline: what has no date comes last, what came first of one day first.
ALTER TABLE leads ADD COLUMN due_key date NOT NULL GENERATED ALWAYS AS (COALESCE(due_on, DATE 'infinity')) STORED;
CREATE INDEX leads_open_due ON leads (due_key, raised_at, id) WHERE state = 'open';
CREATE INDEX leads_office_open_due ON leads (office_id, due_key, raised_at, id) WHERE state = 'open';
-- The business a problem was found at, for the desk's search. No agency is asked about it or shown it (invariant 4).
ALTER TABLE problems ADD COLUMN business text NOT NULL DEFAULT '';
DROP INDEX problems_text;
CREATE INDEX problems_text ON problems USING gin (bigrams(number || ' ' || fact || ' ' || agency_text || ' ' || business));
-- Who changes a rule says which version was looked at, and why.
ALTER TABLE deadline_rules ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN reason text NOT NULL DEFAULT '';
