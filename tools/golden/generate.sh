#!/usr/bin/env bash
# Makes the vectors that packages/iqa is held to: a virtual environment with the pinned references, then every file of
# packages/iqa/test/golden. usage: tools/golden/generate.sh [VENV]   (default: a folder in the user's cache)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/lacuna/golden-venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"$venv/bin/python" "$here/generate.py" "$here/../../packages/iqa/test/golden"
