#!/bin/sh
# Installs one service into an environment of its own, as its image does: requirements/install.sh SERVICE PLACE WHEEL
set -eu
cd "$(dirname "$0")/.."
service=$1 place=$2 wheel=$3
pip() { python3 -m pip --disable-pip-version-check --no-input "$@"; }

python3 -m venv --without-pip "$place"
python3 requirements/for_service.py "$service" >"$place/requirements.txt"
pip --python "$place/bin/python" install --quiet --no-cache-dir --require-hashes --only-binary :all: -r "$place/requirements.txt"
pip --python "$place/bin/python" install --quiet --no-cache-dir --no-deps "$wheel"
