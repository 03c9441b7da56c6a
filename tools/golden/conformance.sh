#!/usr/bin/env bash
# Measures how far packages/iqa lies from its references and writes the table into packages/iqa/README.md. usage: tools/golden/conformance.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kept=$(mktemp)
trap 'rm -f "$kept"' EXIT
cd "$here/../../packages/iqa"
LACUNA_CONFORMANCE="$kept" npx vitest run --no-file-parallelism test/conformance-pixels test/conformance-structures test/decorrelation test/no-reference test/conformance-networks test/conformance-matching test/conformance-graphs test/conformance-comparisons test/pores
node "$here/conformance.mjs" "$kept" README.md
