# make demo    the whole thing at work, nothing to set up
# make test    everything that CI runs
# make check   format, lint, types, imports: what to run before a commit
# make bench   speed, compared with others; see docs/performance.md

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench constraints clean

help:
	@sed -n 's/^# //p' Makefile

# Everything hangs on one stamp, so that a second `make` starts at once. With hashes, from the
# constraint files; the project itself is linked, not copied.
$(BIN)/.ready: requirements/dev.txt pyproject.toml hatch_build.py $(wildcard guard/locale/*/LC_MESSAGES/*.po)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The demo needs no developers' tools.
$(VENV)-demo/bin/.ready: requirements/base.txt pyproject.toml hatch_build.py $(wildcard guard/locale/*/LC_MESSAGES/*.po)
	$(PYTHON) -m venv $(VENV)-demo
	$(VENV)-demo/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/build.txt
	$(VENV)-demo/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)-demo/bin/.ready
	$(VENV)-demo/bin/guard demo

check: $(BIN)/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(BIN)/.ready check
	.ci/system-packages
	$(BIN)/pytest -n auto

bench: $(BIN)/.ready
	$(BIN)/python -m tests.bench

# Hash-pinned, without a line that names a registry. Needs uv, which nothing else here does.
UV_COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
constraints:
	$(UV_COMPILE) pyproject.toml -o requirements/base.txt
	$(UV_COMPILE) requirements/build.in -c requirements/base.txt -o requirements/build.txt
	$(UV_COMPILE) --extra postgres pyproject.toml -c requirements/base.txt -o requirements/postgres.txt
	$(UV_COMPILE) --extra postgres --extra dev pyproject.toml -c requirements/base.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) $(VENV)-demo build dist *.egg-info
