#!/bin/sh
# Print the constraints file: what is installed, without the package itself and torch's build tag.
set -eu
echo "# Versions that \`make audit\` and \`make test\` install. Made with \`make constraints\`."
pip freeze --exclude-editable | sed 's/^\(torch==[0-9.]*\)+.*/\1/'
