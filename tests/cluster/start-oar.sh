#!/usr/bin/env bash
# Makes this machine an OAR cluster of one node, for oar.test.ts: as root, in a container or a virtual machine that may be thrown away.
# It changes /etc/oar/oar.conf, the local PostgreSQL and adds a user:
#   apt-get install oar-server oar-server-pgsql oar-user oar-user-pgsql oar-node postgresql
#   tests/cluster/start-oar.sh lab && LACUNA_OAR_USER=lab npx vitest run --project cluster cluster/oar.test.ts
set -euo pipefail
user=${1:?the name of the user who submits}

# No control groups of OAR's own: JOB_RESOURCE_MANAGER_PROPERTY_DB_FIELD unset (oar.conf says so).
sed -i -e 's/^DB_BASE_PASSWD=.*/DB_BASE_PASSWD="oar"/' -e 's/^DB_BASE_PASSWD_RO=.*/DB_BASE_PASSWD_RO="oar_ro"/' \
  -e 's/^JOB_RESOURCE_MANAGER_PROPERTY_DB_FIELD/#&/' \
  -e 's/^SCHEDULER_JOB_SECURITY_TIME=.*/SCHEDULER_JOB_SECURITY_TIME="5"/' /etc/oar/oar.conf
cluster=$(pg_lsclusters --no-header | head -n 1)
read -r version name _ state _ <<<"$cluster"
[ "$state" = online ] || pg_ctlcluster "$version" "$name" start
sleep 2
oar-database --create --db-is-local </dev/null
mkdir -p /run/sshd /run/oar
/etc/init.d/oar-node start
/etc/init.d/oar-server start
sleep 3
for _ in $(seq "$(nproc)"); do oarnodesetting -a -h 127.0.0.1; done
id "$user" >/dev/null 2>&1 || useradd -m -s /bin/bash "$user"
