#!/usr/bin/env bash
# kill_loop.sh --rounds N --seed S [--bin DIR]: kill -9 of daemon, agents or both; see kill_loop.py.
exec python3 "$(dirname "$0")/kill_loop.py" "$@"
