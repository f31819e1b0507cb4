#!/usr/bin/env bash
# Runs once, in an empty cluster: three roles with the operator's passwords, one database, nothing for anyone else.
# The migrations find the roles there and only grant. See docs/adr/0003.
set -euo pipefail
: "${SUIXING_OWNER_PASSWORD:?}" "${SUIXING_APP_PASSWORD:?}" "${SUIXING_VAULT_PASSWORD:?}"

# psql quotes the values; they come through the environment, so that no process list shows them.
psql -v ON_ERROR_STOP=1 --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password SUIXING_OWNER_PASSWORD
\getenv app_password SUIXING_APP_PASSWORD
\getenv vault_password SUIXING_VAULT_PASSWORD
CREATE ROLE suixing_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE suixing_app   LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password' CONNECTION LIMIT 80;
CREATE ROLE suixing_vault LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'vault_password' CONNECTION LIMIT 10;
CREATE DATABASE suixing OWNER suixing_owner;
REVOKE ALL ON DATABASE suixing FROM PUBLIC;
GRANT CONNECT ON DATABASE suixing TO suixing_app, suixing_vault;
SQL
