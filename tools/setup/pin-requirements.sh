#!/usr/bin/env bash
# Resolves and pins what set-up installs into its Python environment, for Python 3.10 to 3.13: requirements.txt (MLflow, Optuna) and requirements-test.txt (what only
# tests need, without what requirements.txt holds already). Needs uv. With -t only the second.
set -euo pipefail
cd "$(dirname "$0")"
compile() { uv pip compile --universal --python-version 3.10 --generate-hashes --no-annotate --no-header --only-binary :all: --quiet "$@" -; }

if [ "${1:-}" != -t ]; then
  # bioimageio.spec 0.5.12, which tests run, fails with pydantic 2.14.
  pins=$(printf '%s\n' mlflow==3.17.2 optuna==5.0.0 'pydantic<2.14' | compile)
  { echo '# MLflow and all that it needs, for Python 3.10 to 3.13, made by pin-requirements.sh'; echo "$pins"; } >requirements.txt
fi

# Flask-WTF: MLflow's basic-auth app. The others write or read files that our own code reads or writes, or are what metrics are held to.
# Zarr writes OME-Zarr of version 0.4 and 0.5, imagecodecs lets tifffile compress. psycopg2, boto3 and moto's server: MLflow on PostgreSQL and an S3 store.
pins=$(printf '%s\n' mlflow numpy flask-wtf scikit-image tifffile imagecodecs zarr safetensors onnx onnxruntime bioimageio.core \
  boto3 'moto[s3]' psycopg2-binary | compile -c requirements.txt)
{ echo '# What only tests need, on top of requirements.txt, made by pin-requirements.sh'
  # A pin with another condition than in requirements.txt is kept: what one Python has already another may lack.
  awk 'NR == FNR { if (/^[a-z0-9]/) held[$0]; next } /^[a-z0-9]/ { skip = $0 in held } !skip' requirements.txt <(echo "$pins"); } >requirements-test.txt
