# make demo    the whole thing at work, nothing to set up
# make test    everything that CI runs
# make check   format, lint, types, imports: what to run before a commit
# make fuzz    the parsers and whole SMTP talks at length: an hour
# make soak    an hour under load with a fault each minute; two nodes, a thousand releases
# make bench   speed, compared with others; see docs/performance.md

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test packages check fuzz soak bench constraints clean

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

# python-ldap is built from source: where the headers are missing, its tests skip and say so.
$(BIN)/.ldap: $(BIN)/.ready requirements/ldap.txt
	if [ -e /usr/include/ldap.h ]; then \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/ldap.txt; \
	fi
	@touch $@

packages:
	.ci/system-packages

test: packages check $(BIN)/.ldap
	$(BIN)/pytest -n auto

$(BIN)/.bench: $(BIN)/.ready requirements/bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

fuzz: $(BIN)/.ready
	$(BIN)/pytest tests/fuzz --hypothesis-profile=fuzz --timeout=0 -n auto

soak: $(BIN)/.ready
	GUARD_NODE_TRIES=1000 $(BIN)/pytest tests/requirements/test_k_nodes.py --timeout=900
	$(BIN)/python -m tests.soak

bench: $(BIN)/.bench
	$(BIN)/python -m tests.bench

# Hash-pinned, without a line that names a registry. Needs uv, which nothing else here does.
UV_COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
constraints:
	$(UV_COMPILE) pyproject.toml -o requirements/base.txt
	$(UV_COMPILE) requirements/build.in -c requirements/base.txt -o requirements/build.txt
	$(UV_COMPILE) --extra postgres --extra fast pyproject.toml -c requirements/base.txt -o requirements/image.txt
	$(UV_COMPILE) --extra postgres --extra fast --extra parquet --extra ocr --extra dev pyproject.toml -c requirements/base.txt -o requirements/dev.txt
	$(UV_COMPILE) --extra bench pyproject.toml -c requirements/dev.txt -o requirements/bench.txt
	$(UV_COMPILE) --extra ldap pyproject.toml -c requirements/dev.txt -o requirements/ldap.txt

clean:
	rm -rf $(VENV) $(VENV)-demo build dist *.egg-info
