#!/bin/sh
# Install Debian's Chromium for the browser tests where that is possible without asking anybody.
set -eu
if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
    exit 0
fi
echo "No chromium here: the browser tests will be skipped. On Debian: sudo apt-get install chromium" >&2
