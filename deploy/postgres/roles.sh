#!/bin/sh
# Run once by the image of PostgreSQL, on its empty data directory: the role by which BFFs and tools go. POSTGRES_USER owns the schema, and
# "fapai migrate --grant ledger_app" gives this one what they need of it.
set -eu
# psql would take a file that it can't read for an empty password.
grep -q . /run/secrets/app-password || { echo 'app-password: no password can be read from it' >&2; exit 1; }
# Read by psql itself: what stands in its arguments everybody on the machine sees.
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/app-password`
create role ledger_app login password :'password';
revoke create on schema public from public;
SQL
