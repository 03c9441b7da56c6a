#!/usr/bin/env bash
# Makes the vectors that packages/iqa is held to: four virtual environments with the pinned references (NumPy's, torch's, topolosses, NanoPyx), then every
# file of packages/iqa/test/golden. usage: tools/golden/generate.sh [FOLDER_OF_ENVIRONMENTS]   (default: in the user's cache)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../packages/iqa/test/golden
cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/lacuna}
environment() { # NAME REQUIREMENTS
  [ -x "$cache/$1/bin/python" ] || python3 -m venv "$cache/$1"
  "$cache/$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/$2"
}
environment golden-venv requirements.txt
"$cache/golden-venv/bin/python" "$here/generate.py" "$out"
"$cache/golden-venv/bin/python" "$here/recall_cases.py" "$out"
"$cache/golden-venv/bin/python" "$here/rank_tests.py" "$here/../../packages/sweep/test/golden/statistics.json"
environment golden-torch-venv requirements-torch.txt
# Its source distribution holds the published parameters and code of NIQE; building it is not needed.
[ -f "$cache/basicsr-1.4.2.tar.gz" ] || "$cache/golden-torch-venv/bin/python" -m pip download --quiet --no-deps --no-binary :all: --no-build-isolation --dest "$cache" basicsr==1.4.2
"$cache/golden-torch-venv/bin/python" "$here/generate_torch.py" "$out" "$cache/basicsr-1.4.2.tar.gz"
"$cache/golden-torch-venv/bin/python" "$here/patch_nce.py" "$here/../../packages/models/test/golden"
environment golden-topology-venv requirements-topology.txt
"$cache/golden-topology-venv/bin/python" "$here/topology_losses.py" "$out" "$here/../../packages/models/test/golden"
environment golden-nanopyx-venv requirements-nanopyx.txt
"$cache/golden-nanopyx-venv/bin/python" "$here/generate_nanopyx.py" "$out"
