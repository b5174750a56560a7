#!/bin/sh
# What pages and versions are checked with beyond Python, where it can be had without asking anybody:
# Debian's Chromium, Node and Git LFS, and from npm the compiler that checks types and the
# accessibility rules of axe-core. What lacks its part is skipped and says so; in CI that is an error.
set -eu
cd "$(dirname "$0")/.."

missing() {
    echo "No $1: $2. On Debian: apt-get install $3" >&2
    [ -z "${CI:-}" ]
}

wanted=""
command -v chromium >/dev/null 2>&1 || wanted="chromium fonts-dejavu-core"
command -v npm >/dev/null 2>&1 || wanted="$wanted nodejs npm"
command -v git-lfs >/dev/null 2>&1 || wanted="$wanted git-lfs"
if [ -n "$wanted" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086  # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $wanted >/dev/null
fi
command -v chromium >/dev/null 2>&1 || missing Chromium "browser tests are skipped" chromium
command -v git-lfs >/dev/null 2>&1 || missing "Git LFS" "tests of it are skipped" git-lfs
if ! command -v npm >/dev/null 2>&1; then
    missing npm "the pages' scripts are not checked" "nodejs npm"
elif [ ! node_modules/.installed -nt package.json ]; then
    npm install --no-audit --no-fund --silent
    touch node_modules/.installed
fi
