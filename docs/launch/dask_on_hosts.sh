#!/bin/bash
# Explain many pictures with ConvLab on a list of machines that can be reached by ssh without a password:
#
#     bash docs/launch/dask_on_hosts.sh
#
# Change the three lines marked CHANGE. Every machine has ConvLab, the pictures and the output under the same path.
# Scheduler and command run on this machine. A run that was stopped goes on where it was.
# shellcheck disable=SC2016  # on_host below is for the shell of the other machine
set -u

read -ra hosts <<< "${HOSTS:-node1 node2 node3}" # CHANGE: the machines that work; this one may be among them
folder=${CONVLAB:-/shared/ConvLab}               # CHANGE: the folder of ConvLab on all of them, with .venv in it
command=(.venv/bin/python -m app.saliency
  --model mnist --images pictures --arrays --output maps) # CHANGE: the model, the pictures, where the maps go
port=${CONVLAB_PORT:-8786}
workers=${WORKERS:--1} # processes on each machine; -1: as many as it has cores

cd "$folder" || exit 2
export DASK_LOGGING__DISTRIBUTED=warning # no line for each worker that comes and goes
scheduler=tcp://$(hostname):$port

# All read from one pipe into which this script alone could write. When the script ends, in whatever way, the pipe ends,
# and what was started on the other machines is ended there.
pipe=$(mktemp -u)
mkfifo "$pipe"
exec {hold}<> "$pipe"
end_all() {
  exec {hold}>&-
  kill "$own" 2> /dev/null
  wait
  rm -f "$pipe"
}
.venv/bin/dask scheduler --port "$port" --no-dashboard {hold}>&- &
own=$!
trap end_all EXIT
trap 'exit 130' INT TERM

# Runs on each machine: $1 is the folder, the rest the command. Its input is the pipe. Each worker takes one core.
on_host='exec 3<&0; cd "$1" || exit 2; shift; export DASK_LOGGING__DISTRIBUTED=warning; '
on_host+='export TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1; "$@" < /dev/null & process=$!; '
on_host+='{ cat; kill "$process"; sleep 5; kill -9 "$process"; } <&3 > /dev/null 2>&1 & wait "$process"'
worker=(.venv/bin/dask worker "$scheduler" --nthreads 1 --nworkers "$workers" --memory-limit 0 --no-dashboard)

for host in "${hosts[@]}"; do
  words=$(printf '%q ' bash -c "$on_host" convlab "$folder" "${worker[@]}")
  {
    ssh -o BatchMode=yes -o ServerAliveInterval=10 "$host" "$words" 2>&1 < "$pipe" | sed -u "s/^/$host: /"
  } {hold}>&- &
done

"${command[@]}" --scheduler "$scheduler"
