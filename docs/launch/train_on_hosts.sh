#!/bin/bash
# Train a network of ConvLab on a list of machines that can be reached by ssh without a password:
#
#     bash docs/launch/train_on_hosts.sh
#
# Change the three lines marked CHANGE. Every machine has ConvLab under the same path, and the data. The first machine
# writes the model. If one process ends with an error, the others are ended too; the same command then goes on from the
# last finished epoch.
# shellcheck disable=SC2016  # on_host below is for the shell of the other machine
set -u

read -ra hosts <<< "${HOSTS:-node1 node2 node3}" # CHANGE: the machines, by names under which they reach each other
folder=${CONVLAB:-ConvLab}                       # CHANGE: the folder of ConvLab on all of them, with .venv in it
command=(.venv/bin/python -m app.train --distribute multiworker
  --model resnet20 --data mnist --output saved_models) # CHANGE: the network, the data, where the model goes
port=${CONVLAB_PORT:-4321}

workers=""
for host in "${hosts[@]}"; do
  workers+="${workers:+, }\"$host:$port\""
done

# All read from one pipe into which this script alone could write. When the script ends, in whatever way, the pipe ends,
# and what was started on the other machines is ended there.
pipe=$(mktemp -u)
mkfifo "$pipe"
exec {hold}<> "$pipe"
end_all() {
  exec {hold}>&-
  wait
  rm -f "$pipe"
}
trap end_all EXIT
trap 'exit 130' INT TERM

# Runs on each machine: $1 is the folder, $2 the TF_CONFIG, the rest the command. Its input is the pipe.
on_host='exec 3<&0; cd "$1" || exit 2; export TF_CONFIG="$2"; shift 2; "$@" < /dev/null & process=$!; '
on_host+='{ cat; kill "$process"; sleep 5; kill -9 "$process"; } <&3 > /dev/null 2>&1 & wait "$process"'

for index in "${!hosts[@]}"; do
  host=${hosts[$index]}
  config="{\"cluster\": {\"worker\": [$workers]}, \"task\": {\"type\": \"worker\", \"index\": $index}}"
  words=$(printf '%q ' bash -c "$on_host" convlab "$folder" "$config" "${command[@]}")
  {
    ssh -o BatchMode=yes -o ServerAliveInterval=10 "$host" "$words" 2>&1 < "$pipe" | sed -u "s/^/$host: /"
    exit "${PIPESTATUS[0]}"
  } {hold}>&- &
done

# The first process that ends with an error decides; if none does, all are waited for.
for _ in "${hosts[@]}"; do
  wait -n || exit $?
done
