#!/bin/bash
# Run once by the postgres image, on a new server: two roles and three databases, with the passwords of the DSNs.
set -euo pipefail

password() { # of the DSN in a secret: postgresql://role:password@/database?host=/run/postgresql
  sed -E 's|^postgresql://[^:]+:([^@]+)@.*|\1|' "${SECRETS:-/run/secrets}/$1"
}

psql --username "${POSTGRES_USER:-postgres}" --dbname postgres -v ON_ERROR_STOP=1 -v content="$(password pixcosmos_content_dsn)" -v identity="$(password pixcosmos_identity_dsn)" <<'SQL'
CREATE ROLE pixcosmos LOGIN PASSWORD :'content';
CREATE ROLE pixcosmos_people LOGIN PASSWORD :'identity';
CREATE DATABASE pixcosmos OWNER pixcosmos;
CREATE DATABASE pixcosmos_people OWNER pixcosmos_people;
CREATE DATABASE pixcosmos_keys OWNER pixcosmos_people;
REVOKE CONNECT ON DATABASE pixcosmos, pixcosmos_people, pixcosmos_keys FROM PUBLIC;
SQL
