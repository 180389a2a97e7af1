#!/bin/bash
# Make the secrets, each in a file that root alone reads; what is there stays as it is.
set -euo pipefail
umask 077
cd /etc/accredit/secrets
if [ ! -e key_passphrase ]; then openssl rand -base64 48 > key_passphrase; fi
if [ ! -e master_key ]; then openssl rand -base64 32 > master_key; fi
if [ ! -e smtp_password ]; then : > smtp_password; fi
if [ ! -e prefect.env ]; then
    password="accredit:$(openssl rand -hex 32)"
    printf 'PREFECT_SERVER_API_AUTH_STRING=%s\nPREFECT_API_AUTH_STRING=%s\n' "$password" "$password" > prefect.env
fi
