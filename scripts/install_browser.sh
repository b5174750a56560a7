#!/bin/sh
# What the browser tests need beyond Python, where it can be had without asking anybody: Debian's
# Chromium, and the accessibility rules of axe-core. Tests whose part is missing skip and say so.
set -eu
cd "$(dirname "$0")/.."
if ! command -v chromium >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
            chromium fonts-dejavu-core >/dev/null
    else
        echo "No chromium: browser tests are skipped. On Debian: apt-get install chromium" >&2
    fi
fi
if [ ! -d node_modules/axe-core ]; then
    if command -v npm >/dev/null 2>&1; then
        npm install --no-save --no-package-lock --no-audit --no-fund --silent axe-core@4
    else
        echo "No npm: the accessibility tests are skipped." >&2
    fi
fi
