# Everything a newcomer needs: `make run`, `make test`. Needs python3 (3.11 or later) and git; the rest is installed in .venv/.
# What `make check` and `make test` need besides (Go, Java, Maven, strace) stands in README.md.
# All paths are relative, so that the folder may stand anywhere, under a name with spaces too.
# ONESHOT, CASE, ONLY, EVENTS, KILLS, DAYS and ACTS_PER_DAY given on the command line reach the programs as environment.

PYTHON ?= python3
PROCESSES ?= 2
PIP_INSTALL = .venv/bin/python -m pip install --disable-pip-version-check --no-input

# What Python compiled is kept, also where the environment forbids it: each process would compile all of it for itself.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test browser check lint bench chaos years mutants format openapi installs crds lock clean help
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@echo 'make run [ONESHOT=1] [CASE=file]  start the ledger with PostgreSQL, load the case, print three answers'
	@echo 'make test [PROCESSES=2]           all checks and all tests'
	@echo 'make check                        format, lint, types, imports, schemas, house rules'
	@echo 'make bench [ONLY=P1,P2] [EVENTS=n] measure the budgets'
	@echo 'make chaos [KILLS=60] [SEED=n] …  kill, cut off and fill up at random moments, longer than make test does'
	@echo 'make years                        ten years of 300 acts a day on a scenario clock: everything ends on its day'
	@echo 'make mutants [ONLY=rules/basis.py] [SAMPLE=10]  change the law in one place at a time: do its tests notice?'
	@echo 'make installs                     install each service by itself, as its image does, and import it'
	@echo 'make crds                         renew the schemas of what operators make (Go, Java, Maven)'
	@echo 'make format | openapi | clean     reformat; write schemas/openapi.json; remove what was built'

run: .venv/installed
	@.venv/bin/grootboek run

# In two processes, each with a PostgreSQL of its own (tests/support/side_by_side.py).
test: lint browser
	.venv/bin/python -m pytest -n $(PROCESSES)

# The tests of the pages look at them with a real browser. It is installed where nobody need be asked: by root, on Debian.
browser:
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
		echo 'Installing Chromium (once, about a minute)'; \
		apt-get update --quiet=2 && apt-get install --yes --quiet=2 --no-install-recommends chromium >/dev/null; } || true

check: lint
	.venv/bin/python -m pytest -q tests/architecture tests/deployment

lint: .venv/installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m mypy --num-workers $(PROCESSES)
	.venv/bin/lint-imports
	.venv/bin/grootboek openapi --check
	@.venv/bin/python -m tests.support.kustomize.render

bench: .venv/installed
	.venv/bin/python -m tests.bench

# Larger numbers than `make test` has time for; each may be given, and SEED plays a run again.
chaos: export KILLS := $(or $(KILLS),60)
chaos: export CRASHES := $(or $(CRASHES),10)
chaos: export CRASH_POINT_STEP := $(or $(CRASH_POINT_STEP),1)
chaos: export OUTAGES := $(or $(OUTAGES),6)
chaos: export OUTAGE_SECONDS := $(or $(OUTAGE_SECONDS),10)
chaos: export PROXIED := $(or $(PROXIED),60)
chaos: export FAILOVERS := $(or $(FAILOVERS),10)
chaos: export JUMPS := $(or $(JUMPS),200)
chaos: export DISKS := $(or $(DISKS),5)
chaos: export CONCURRENT_EVENTS := $(or $(CONCURRENT_EVENTS),100000)
chaos: .venv/installed
	.venv/bin/python -m pytest -s tests/chaos

years: .venv/installed
	DAYS=$${DAYS:-3650} ACTS_PER_DAY=$${ACTS_PER_DAY:-300} .venv/bin/python -m pytest -s 'tests/model/test_ten_years.py' -k '[1]'

mutants: .venv/installed
	.venv/bin/python -m tests.mutation.run

format: .venv/installed
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

openapi: .venv/installed
	.venv/bin/grootboek openapi --write

# What a build of the images does, without an engine: the same script, and the code of each service imported with it.
installs: .venv/installed
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && set -e && \
	.venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$$folder" . && \
	for service in gateway ledger retention notifier; do \
		echo "Installing $$service by itself"; \
		PATH="$(CURDIR)/.venv/bin:$$PATH" requirements/install.sh $$service "$$folder/$$service" "$$folder"/*.whl || exit 1; \
		(cd "$$folder" && "$$folder/$$service/bin/python" -m services.runtime.take_secrets none "$$folder/taken" \
			"$$folder/$$service/bin/python" -c "import services.$$service.__main__") || exit 1; \
	done

crds: .venv/installed
	.venv/bin/python -m tests.support.crds.renew

# The stamp makes the second time instant; it is written last, so an interrupted installation starts over.
.venv/installed: requirements/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Grootboek needs Python 3.11 or later; name one with make PYTHON=python3.12")'
	@echo 'Installing into .venv (once, about a minute)'
	@$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/development.txt
	$(PIP_INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch .venv/installed

# Renews the locks, its own too; the only target that needs pip-tools, which it keeps in an environment of its own.
lock:
	@test -x .venv/lock/bin/pip-compile || { $(PYTHON) -m venv .venv/lock && \
		.venv/lock/bin/python -m pip install --quiet --require-hashes -r requirements/lock.txt; }
	for set in runtime development lock; do \
		.venv/lock/bin/python -m piptools compile --quiet --upgrade --generate-hashes --no-strip-extras --allow-unsafe \
			--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
			--output-file requirements/$$set.txt requirements/$$set.in; \
	done

# Data that root's PostgreSQL keeps outside this folder goes first, while the pointers to it are still here.
clean:
	-@test ! -x .venv/bin/python || find var -name elsewhere -path '*/postgres/*' -exec .venv/bin/python -c \
		'import pathlib, sys; from services.runtime.postgres_place import remove_twin; remove_twin(pathlib.Path(sys.argv[1]).parent)' {} \; 2>/dev/null
	find services tests -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .venv var build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
