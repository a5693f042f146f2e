# Runs a training in a batch script that Slurm may end at any time. To be sourced.
# shellcheck shell=bash

# Runs a command that ends in `gymwire train`, and ends the job with its exit code. It saves and ends when Slurm says that the
# time is nearly up (USR1, by --signal=B:USR1@180), and the job is queued again; and when Slurm ends the job (TERM), which is then
# Slurm's to queue again, or not.
run_trainer() {
  local code told time_is_up=no
  # Hanging up asks it to save, however often: Slurm sends TERM to all processes, and a second TERM would end it at once.
  trap 'told=yes; kill -HUP "$trainer" 2> /dev/null || true' TERM INT HUP
  trap 'told=yes; time_is_up=yes; kill -HUP "$trainer" 2> /dev/null || true' USR1
  "$@" &
  trainer=$!
  # A signal ends `wait`, but not the training.
  while told=no && code=0; do
    wait "$trainer" || code=$?
    [[ $told == yes ]] || break
  done
  # 130: saved before the end. 129: asked before it could listen.
  if [[ $time_is_up == yes && ($code == 130 || $code == 129) ]]; then
    echo 'the time is up: queued again, to go on from here'
    scontrol requeue "$SLURM_JOB_ID"
  fi
  exit "$code"
}
