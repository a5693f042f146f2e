#!/usr/bin/env bash
# Runs both jobs on a real Slurm of one node, made for it and thrown away, and prints what they print. By hand, as root, on a machine or
# in a container where that hurts nobody:
#
#   apt-get install slurm-wlm munge openssl
#   npm ci && npm run build
#   deploy/slurm/try-one-node.sh [seeds|limit|fleet]
#
# Takes about five minutes. Everything it makes is in a folder of its own below /tmp, the daemons listen on free ports and end
# with it; a Slurm that the machine has is not touched. Fails where a job did not do what it should.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
wanted=${1:-both}
folder=$(mktemp -d /tmp/gymwire-slurm-XXXXXX)
node=$(hostname -s)
daemons=()
export PATH=$root/node_modules/.bin:/usr/sbin:$PATH
export SLURM_CONF=$folder/slurm.conf

say() { printf '\n==== %s\n' "$*"; }

finish() {
  local code=$?
  # With all that the jobs started.
  scancel --state=PENDING --state=RUNNING --user="$(id -un)" 2> /dev/null || true
  for ((i = 0; i < 40 && code == 0; i++)); do
    [[ -z $(squeue --noheader 2> /dev/null) ]] && break
    sleep 1
  done
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do kill "${daemons[i]}" 2> /dev/null || true; done
  wait
  if ((code == 0)); then rm -rf "$folder"; else echo "what it made is in $folder" >&2; fi
}
trap finish EXIT

for program in munged slurmctld slurmd sbatch srun openssl node gymwire; do
  command -v "$program" > /dev/null || { echo "$program is missing: see the head of $0" >&2; exit 1; }
done
[[ $(id -u) == 0 ]] || { echo 'slurmd starts jobs as their users, which takes root' >&2; exit 1; }

free_port() { node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })'; }

start_slurm() {
  mkdir -p "$folder"/{munge,state,spool}
  chmod 755 "$folder"
  chmod 700 "$folder/munge"
  head -c 128 /dev/urandom > "$folder/munge/key"
  chmod 400 "$folder/munge/key"
  munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge.socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" 2> "$folder/munged.log" &
  daemons+=($!)
  cat > "$SLURM_CONF" << CONF
ClusterName=trial
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
# What a job that is queued again waits for is the end of its credentials: two minutes, usually.
AuthInfo=socket=$folder/munge.socket,cred_expire=10
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
# A container has no control groups to give.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
KillWait=30
# More processors than there may be, so that a small machine runs both jobs.
SlurmdParameters=config_overrides
NodeName=$node NodeAddr=127.0.0.1 CPUs=4 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -D 2> "$folder/slurmctld.err" &
  daemons+=($!)
  slurmd -D -N "$node" 2> "$folder/slurmd.err" &
  daemons+=($!)
  for ((i = 0; i < 60; i++)); do
    [[ $(sinfo --noheader --format=%t 2> /dev/null) == idle ]] && break
    sleep 1
  done
  say "sinfo: Slurm $(sinfo --version)"
  sinfo --Node --long
  [[ $(sinfo --noheader --format=%t) == idle ]] || { tail -n 20 "$folder"/slurm*.log "$folder"/*.err >&2; exit 1; }
}

# Until none of a job's tasks waits or runs; says what the queue looked like.
wait_for() {
  local job=$1 limit=$2 last='' now
  for ((i = 0; i < limit; i++)); do
    now=$(squeue --noheader --jobs="$job" --format='%i %T' 2> /dev/null | paste -sd, -)
    [[ $now == "$last" ]] || echo "$(date +%T) ${now:-nothing is left}"
    [[ -n $now ]] || return 0
    last=$now
    sleep 1
  done
  echo "$job takes too long" >&2
  exit 1
}

# What was learnt stands in a run's folder; a run that was resumed has all steps, once. (Where environments were lost on the way, a
# step of the others may bring it a little beyond the last.)
check_run() {
  local run=$1 steps=$2
  # shellcheck disable=SC2016 # what is in quotes is JavaScript
  node -e '
    const [, folder, steps] = process.argv;
    const lines = require("fs").readFileSync(`${folder}/metrics.jsonl`, "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const last = Math.max(...lines.map((line) => line.envSteps ?? 0));
    const evaluations = lines.filter((line) => line.type === "evaluation").map((line) => line.envSteps);
    const twice = evaluations.length - new Set(evaluations).size;
    if (last < Number(steps) || last >= Number(steps) + 8 || twice > 0) throw new Error(`${folder}: ${last} steps of ${steps}, ${twice} evaluations twice`);
    console.log(`${folder}: ${last} steps, evaluated at ${evaluations.join(", ")}`);
  ' "$run" "$steps"
}

try_seeds() {
  local job steps=6000 seed
  say 'seeds: sbatch --array=0-4, two processors a task; task 1 is sent back into the queue in the middle'
  cd "$root"
  job=$(sbatch --parsable --array=0-4 --mem=300 --time=20 --output="$folder/seeds-%a.log" \
    deploy/slurm/seeds.sbatch "$folder/runs" --env Pendulum-v1 --steps "$steps" --checkpoint-every 1000 --eval-every 3000)
  for ((i = 0; i < 120; i++)); do
    grep -qs '"type":"training"' "$folder/runs/seed1/metrics.jsonl" && break
    sleep 0.5
  done
  # As a preemption does: TERM to everything, and into the queue again.
  scontrol requeue "${job}_1"
  wait_for "$job" 600
  for seed in 0 1 2 3 4; do
    say "seed $seed: its log"
    cat "$folder/seeds-$seed.log"
    grep -q "next: .* export" "$folder/seeds-$seed.log"
  done
  grep -q 'start 1' "$folder/seeds-1.log"
  say 'seeds: what is in the folders'
  for seed in 0 1 2 3 4; do check_run "$folder/runs/seed$seed" "$steps"; done
}

try_time_limit() {
  local job
  say 'seeds: a task that does not end within its time limit saves, and goes on'
  cd "$root"
  # Slurm looks once in 30 seconds or so, and may warn a minute early.
  job=$(sbatch --parsable --array=7 --mem=300 --time=2 --signal=B:USR1@45 --output="$folder/limit-%a.log" \
    deploy/slurm/seeds.sbatch "$folder/limit" --env Pendulum-v1 --steps 150000 --eval-every 50000 --log-every 25000)
  wait_for "$job" 900
  cat "$folder/limit-7.log"
  grep -q 'the time is up: queued again' "$folder/limit-7.log"
  grep -q 'start 1' "$folder/limit-7.log"
  check_run "$folder/limit/seed7" 150000
}

# Waits until a run has made so many steps.
wait_for_steps() {
  local run=$1 steps=$2
  for ((i = 0; i < 240; i++)); do
    (($(grep -s '"type":"training"' "$run/metrics.jsonl" | tail -n 1 | sed -E 's/.*"envSteps":([0-9]+).*/\1/') + 0 >= steps)) && return 0
    sleep 0.25
  done
  echo "$run takes too long" >&2
  exit 1
}

# Ends a server of a job without a word, as a crash would: Slurm knows its processes.
kill_server() {
  local pid
  for pid in $(scontrol listpids "$1.0" | awk 'NR > 1 && $1 > 0 { print $1 }'); do
    if tr '\0' ' ' < "/proc/$pid/cmdline" | grep -q 'gymwire .*serve'; then
      kill -KILL "$pid"
      echo "killed process $pid, a server"
      return 0
    fi
  done
  echo 'no server was found' >&2
  exit 1
}

try_fleet() {
  local job steps=30000
  say 'fleet: two servers and a trainer as one job; a server is killed, and later the job is sent back into the queue'
  cd "$root"
  job=$(GYMWIRE_JOB_FOLDER=$folder sbatch --parsable --nodes=1 --ntasks-per-node=2 --cpus-per-task=1 --mem=1000 --time=20 \
    --output="$folder/fleet.log" deploy/slurm/fleet.sbatch "$folder/fleet" \
    --env Pendulum-v1 --num-envs 8 --steps "$steps" --eval-every 10000 --log-every 2000)
  wait_for_steps "$folder/fleet" 2000
  stat --format='%a %n' "$folder/.gymwire-job-$job" "$folder/.gymwire-job-$job"/* | sed "s|$folder/||"
  kill_server "$job"
  wait_for_steps "$folder/fleet" 12000
  scontrol requeue "$job"
  wait_for "$job" 600
  say 'fleet: its log'
  cat "$folder/fleet.log"
  grep -q 'it begins again' "$folder/fleet.log"
  grep -q 'start 1' "$folder/fleet.log"
  check_run "$folder/fleet" "$steps"
  grep -c '"type":"broken"' "$folder/fleet/events.jsonl" | sed 's/$/ episodes were lost with the server/'
  [[ ! -e $folder/.gymwire-job-$job ]] || { echo 'the folder of the job is still there' >&2; exit 1; }
}

start_slurm
case $wanted in
  seeds) try_seeds ;;
  limit) try_time_limit ;;
  fleet) try_fleet ;;
  both) try_seeds && try_time_limit && try_fleet ;;
esac
say 'done: both jobs did what they should'
