#!/usr/bin/env bash
# What the action runs: the change from BASE to CHANGED in words and on a page, held to BASE's limits.
# Exits with what `cgaudit check` says.
set -euo pipefail

out="$RUNNER_TEMP/cgaudit"
mkdir -p "$out"
options=(--missing-ok --md)
if [ "$RECOMPUTE" = true ]; then options+=(--recompute); fi

cgaudit diff "$BASE...$CHANGED" "${options[@]}" --html "$out/changes.html" > "$out/changes.md"
broken=0
cgaudit check "$BASE...$CHANGED" --limits-from "$BASE" "${options[@]}" --junit "$out/limits.xml" \
    > "$out/limits.md" || broken=$?

{
    cat "$out/limits.md"
    echo
    cat "$out/changes.md"
} > "$out/comment.md"
cat "$out/comment.md" >> "$GITHUB_STEP_SUMMARY"
echo "comment=$out/comment.md" >> "$GITHUB_OUTPUT"
if [ -e "$out/changes.html" ]; then echo "page=$out/changes.html" >> "$GITHUB_OUTPUT"; fi
if [ "$broken" -ne 0 ]; then
    echo "::error title=cgaudit check::A limit is broken or could not be checked."
fi
exit "$broken"
