#!/bin/sh
# The programs that the tests drive and that Python packages cannot bring: a PostgreSQL server and Chromium.
# Installs what is missing with Debian's package manager; does nothing when both are there.
set -eu

missing=""
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  missing="$missing postgresql"
fi
[ -x /usr/bin/chromium ] || missing="$missing chromium"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "system: the tests need$missing, and there is no apt-get here to install it. Install it by hand: initdb on the PATH, /usr/bin/chromium." >&2
  exit 1
fi
root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "system: the tests need$missing; run this once, then again what you ran: sudo apt-get install$missing" >&2
    exit 1
  fi
  root="sudo"
fi

echo "system: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A list that cannot be refreshed is no reason to stop: the install says whether the package can be had.
# shellcheck disable=SC2086
if ! { $root apt-get update -q || true; $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "system: apt-get could not install$missing (its last lines are above)" >&2
  exit 1
fi
