#!/bin/sh
# Run once by the image of PostgreSQL, on its empty data directory: the role by which BFFs and tools go. POSTGRES_USER owns the schema, and
# "fapai migrate --grant ledger_app" gives this one what they need of it.
set -eu
app_password=$(cat /run/secrets/app-password)
psql -v ON_ERROR_STOP=1 -v password="$app_password" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
create role ledger_app login password :'password';
revoke create on schema public from public;
SQL
