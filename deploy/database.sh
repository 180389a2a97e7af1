#!/bin/bash
# Make the databases: of what is recorded, and of the keys of people's data. Make their users: the engine's, and the
# signing process's, who reads all and writes only the log's checkpoints.
set -euo pipefail
cd /
as_postgres() { runuser -u postgres -- psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
as_postgres --tuples-only --command "SELECT 1 FROM pg_roles WHERE rolname = 'accredit'" | grep -q 1 \
    || as_postgres --command 'CREATE ROLE "accredit" LOGIN CREATEDB' --command 'CREATE ROLE "accredit-signer" LOGIN'
for name in accredit accredit_keys; do
    as_postgres --tuples-only --command "SELECT 1 FROM pg_database WHERE datname = '$name'" | grep -q 1 \
        || as_postgres --command "CREATE DATABASE \"$name\" OWNER \"accredit\""
done
bash "$(dirname "$0")/as.sh" engine db upgrade
as_postgres --dbname accredit --command 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "accredit-signer"' \
    --command 'ALTER DEFAULT PRIVILEGES FOR ROLE "accredit" IN SCHEMA public GRANT SELECT ON TABLES TO "accredit-signer"' \
    --command 'GRANT INSERT ON log_entry, log_checkpoint TO "accredit-signer"'
as_postgres --dbname accredit_keys --command 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "accredit-signer"'
