#!/usr/bin/env bash
# Makes the vectors that packages/iqa is held to: two virtual environments with the pinned references (NumPy's, torch's), then every file
# of packages/iqa/test/golden. usage: tools/golden/generate.sh [VENV [TORCH_VENV]]   (default: folders in the user's cache)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/lacuna/golden-venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"$venv/bin/python" "$here/generate.py" "$here/../../packages/iqa/test/golden"
torch=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/lacuna/golden-torch-venv}
[ -x "$torch/bin/python" ] || python3 -m venv "$torch"
"$torch/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements-torch.txt"
"$torch/bin/python" "$here/generate_torch.py" "$here/../../packages/iqa/test/golden"
