#!/usr/bin/env bash
# bash in_container.sh CONTAINER COMMAND ARG…   runs a command in a container that runs already, in the same folder and
# told of the job what a step is told. The container sees the folders of the job by the paths that they have outside.
set -euo pipefail
container=$1
shift
words=(--workdir "$PWD")
for name in $(compgen -e); do
  case $name in CI | CANIFORK_* | GITHUB_* | RUNNER_*) words+=(--env "$name") ;; esac
done
exec docker exec "${words[@]}" "$container" "$@"
