#!/bin/bash
# bash as.sh engine|signer COMMAND...: run accredit as that service does, with its user, settings and secrets.
set -euo pipefail
case "${1:-}" in
    engine) user=accredit ;;
    signer) user=accredit-signer; ACCREDIT_KEY_PASSPHRASE=$(cat /etc/accredit/secrets/key_passphrase); export ACCREDIT_KEY_PASSPHRASE ;;
    *) echo "Say who: as.sh engine|signer COMMAND..." >&2; exit 2 ;;
esac
ACCREDIT_MASTER_KEY=$(cat /etc/accredit/secrets/master_key)
export ACCREDIT_MASTER_KEY
set -a
. "/etc/accredit/$1.env"
set +a
shift
cd /
exec runuser -u "$user" -- /opt/accredit/.venv/bin/accredit "$@"
