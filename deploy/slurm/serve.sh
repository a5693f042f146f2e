#!/usr/bin/env bash
# One environment server of a job, in a task of fleet.sbatch: says its address in the job's folder, and begins again at the same
# address when it dies.
set -euo pipefail
umask 077

job=${1:?the folder of the job is missing}
address=$job/addresses/$(printf '%04d' "$SLURM_PROCID")
node=${SLURMD_NODENAME:?this runs in a task of Slurm}
port=0

# Slurm sends TERM to all processes of a step, and kills what is left when this one has ended: it waits for the server,
# which lets its sessions end first.
trap 'ending=yes' TERM
ending=no

# Tells the address once the server listens: a trainer finds the file only when it is whole.
publish() {
  local line
  trap '' TERM
  while read -r line; do
    if [[ $line =~ \"type\":\"listening\".*\"port\":([0-9]+) ]]; then
      echo "$node:${BASH_REMATCH[1]} token-file=token ca=server.pem" > "$address.new"
      mv "$address.new" "$address.address"
    else
      echo "$line"
    fi
  done
}

while [[ $ending == no ]]; do
  gymwire --json serve --host 0.0.0.0 --port "$port" --drain-timeout-ms 20000 --token-file "$job/token" \
    --tls-cert "$job/server.pem" --tls-key "$job/server-key.pem" | publish || true
  [[ $ending == yes ]] && break
  echo "the server on $node ended; it begins again" >&2
  # Where it was, since the trainer looks for it there.
  if [[ -e $address.address ]]; then port=$(sed -E 's/.*:([0-9]+) .*/\1/' "$address.address"); fi
  sleep 1
done
