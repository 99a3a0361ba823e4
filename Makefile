# Every command of the project. `make demo` and `make test` need nothing but Python 3.11 or newer.

# The first Python that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# Where a command takes DATA or PORT, they are handed on only when given.
OPTIONS = $(if $(DATA),--data $(DATA)) $(if $(PORT),--port $(PORT))

.DEFAULT_GOAL := help
.PHONY: help install demo run dev test quick lint format types web gen migration lock bench clean python

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on the PATH." >&2; exit 1; }

install: python ## make .venv with the server and build the web app
	@$(PYTHON) tools/install.py

demo: install ## start a server with a demo workspace and do the main job; ONCE=1 ends by itself
	@$(BIN)/onecloud demo $(if $(filter 1,$(ONCE)),--once) $(OPTIONS)

run: install ## start the server; DATA=data and PORT=8000 unless given
	@$(BIN)/onecloud serve $(OPTIONS)

dev: python ## server and web app, both reloading on change
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/dev.py $(OPTIONS)

test: python ## every check: what CI runs
	@sh tools/system.sh
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/check.py all

quick: python ## the checks for while you work, under a minute
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/check.py quick

lint: python ## ruff, formatting and the import contracts
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/check.py lint

types: python ## basedpyright, strict, tests included
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/check.py types

format: python ## format the Python files
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

web: install ## build the web app if its sources have changed

gen: python ## write again what is derived: reference pages, openapi.json, the web app's API client
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python -m tools.gen

migration: python ## write a migration for changed tables; ARGS="what changed"
	@$(PYTHON) tools/install.py --tests
	@PYTHONPATH=. $(BIN)/python tools/migration.py $(ARGS)

lock: python ## pin the newest allowed versions of every Python package; ARGS=--upgrade
	@$(PYTHON) tools/install.py --tests
	@$(BIN)/python tools/lock.py $(ARGS)

bench: install ## print the figures of this machine
	@$(BIN)/python -m bench

clean: ## remove what the commands above have made, data excepted
	@rm -rf .venv .build dist src/onecloud/_ui web/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
