#!/bin/sh
# Trains into a folder, or goes on with the run that is there already: for whoever starts the same command again after a
# machine was taken away.
#
#   train-or-resume.sh runs/cheetah --env HalfCheetah-v5 --steps 100000
#
# The options are those of `gymwire train`. Of a run that is there they are compared with those that it was started with.
set -eu

run=${1:?the folder of the run is missing}
shift

# `gymwire` takes this process's place, so that signals reach it.
if [ -e "$run/config.json" ]; then
  exec gymwire train --resume "$run" "$@"
fi
exec gymwire train --out "$run" "$@"
