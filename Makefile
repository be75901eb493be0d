# The project's commands. They need make and Python 3.11 or newer.
#   make up                       the whole shop on this machine, until Ctrl-C
#   make up PORT=8010 DATA_DIR=var-2 WORKERS=48   (threads of the worker)
#   make up DEMO=no DATA_DIR=my-shop   an empty shop, without the demo's products
#   make up WAREHOUSE=sandbox     with a stand-in for a warehouse system, which sends the parcels
#   make quick                    the units, on SQLite
#   make test                     all tests, on SQLite and on PostgreSQL
#   make test TESTS="tests/orders -k refund"
#   make chaos SEEDS=100          break the real processes in every way, count the damage
#   make chaos SEED=17 DATABASE=postgresql
#   make chaos SEEDS=34 WAREHOUSE=sandbox   with a warehouse that fails, and staff who cancel
#   make chaos BROKER=rabbitmq | sentinel   with a broker outside of the shop, which fails
#   make cluster                  the shop on twelve hosts that are broken in turn; needs root
#   make cluster FAULT=database MINUTES=0   only such faults, and no soak of 500 customers
#   make fuzz                     send 2,500 odd requests to the real processes
#   make fuzz SEED=17 INPUTS=500 DATABASE=postgresql
#   make mutants                  change the code in small ways: does a test notice?
#   make mutants SINCE=HEAD~3 | ONLY="inventory.services*" | ALL=1
#   make mutants ONLY="saga.*" TESTS=tests/saga NEW=1    LIST=1 only lists the survivors
#   make bench                    one table of all benchmarks; SHORT=1 takes two minutes
#   make bench BENCH="rush growth"
#   make lighthouse               how fast a phone shows each page, and what it loads
#   make pictures                 photograph every page: docs/pages/index.html
#   make messages                 take new wordings into locale/, compile (gettext)
#   make house                    draw docs/house.md and docs/reference/ anew from the code
#   make lock                     pin the files of all packages by their hashes
#   make docs                     build the documents as a site: docs/html/index.html
#   make lint | check | clean

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev
MUTANTS := .venv-mutants
SITE := .venv-docs

# Export only variables that are set: an empty PORT would hide the default.
ifdef PORT
export PORT
endif
ifdef DATA_DIR
export DATA_DIR
endif
ifdef WORKERS
export WORKERS
endif
ifdef DEMO
export DEMO
endif
ifdef WAREHOUSE
export WAREHOUSE
endif

# Many processes start from the same sources: compile these once, even if the
# environment switches it off.
export PYTHONDONTWRITEBYTECODE :=

# Only where a new environment needs it, the other names of Python are tried.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
ifdef PYTHON
ifneq ($(shell "$(PYTHON)" $(NEW_ENOUGH) >/dev/null 2>&1 && echo yes),yes)
$(error PYTHON=$(PYTHON) does not start, or is older than 3.11. Name another one, \
or remove PYTHON from the command and the environment)
endif
endif

CHECKS := lint-style lint-format lint-types lint-imports lint-templates \
	lint-migrations lint-settings

.PHONY: help up quick test chaos cluster fuzz mutants bench lighthouse pictures messages house lock docs lint check clean $(CHECKS)

help:
	@sed -n 's/^#   //p' Makefile

up: $(RUNTIME)
	@$(PY) manage.py up

# Leaves out the browser, PostgreSQL, all tests that start processes, and long ones.
quick: $(DEVELOPMENT)
	@$(PY) -m tests.support.run --quick $(TESTS)

test: $(DEVELOPMENT)
	@$(PY) -m tests.support.run $(TESTS)

chaos: $(DEVELOPMENT)
	@$(PY) -m tests.chaos.run $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE)) \
		$(if $(WAREHOUSE),--warehouse $(WAREHOUSE)) $(if $(BROKER),--broker $(BROKER))

# Needs root: hosts are network namespaces, which are removed at the end.
cluster: $(DEVELOPMENT)
	@$(PY) -m tests.cluster.run $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(FAULT),--fault "$(FAULT)") \
		$(if $(KEEP),--keep "$(KEEP)")

fuzz: $(DEVELOPMENT)
	@$(PY) -m tests.fuzz.run $(if $(INPUTS),--inputs $(INPUTS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE))

# In an environment of its own: mutmut brings setproctitle, with which Celery and
# gunicorn rename the processes that other tests look for.
mutants: $(DEVELOPMENT) $(MUTANTS)/.installed
	@$(PY) -m tests.mutants.run $(if $(ALL),--all) $(if $(SINCE),--since $(SINCE)) \
		$(if $(NEW),--new) $(if $(AGAIN),--again) $(if $(LIST),--list) \
		$(if $(BUDGET),--seconds $(BUDGET)) $(foreach each,$(ONLY),'$(each)') \
		$(if $(TESTS),--tests $(TESTS))

# One table of all benchmarks; see benchmarks/.
bench: $(DEVELOPMENT)
	$(VENV)/bin/pip install --quiet --requirement benchmarks/requirements.txt
	@$(PY) -m benchmarks.suite $(if $(SHORT),--short) $(BENCH)

# Part of the table of all benchmarks.
lighthouse: $(DEVELOPMENT)
	@$(PY) -m benchmarks.page_load

# Writes docs/pages/, ignored by git, and the dozen in docs/pictures/.
# LOOKS="en-1280 ja-360" takes only these looks, PAGES="home cart" only these pages.
pictures: $(DEVELOPMENT)
	@$(PY) -m tests.support.pictures $(LOOKS) $(PAGES)

# Compiled messages are kept in git: gettext is needed only to change wordings.
messages: $(DEVELOPMENT)
	@$(PY) manage.py makemessages --locale ja --no-wrap --no-obsolete \
		--add-location file --ignore ".venv*" --ignore .mutants --ignore tests --ignore var \
		--ignore staticfiles
	@$(PY) manage.py compilemessages --locale ja --ignore ".venv*" --ignore .mutants

# Tests say when a page is out of date.
house: $(DEVELOPMENT)
	@$(PY) -m tests.support.house
	@$(PY) -m tests.support.reference

# For productions: a file that was exchanged at the registry is refused.
lock: $(DEVELOPMENT)
	@$(VENV)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
		--no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements.lock requirements.txt
	@sed -i '1i # What requirements.txt brings, with the hashes of its files, for a production.\n# Written by `make lock`.' requirements.lock

# In an environment of its own, so that neither the shop nor its tests depend on it.
docs: $(SITE)/.installed
	@$(SITE)/bin/sphinx-build --builder html --conf-dir docs/site --quiet --fresh-env \
		--fail-on-warning --keep-going . docs/html
	@echo "Written: docs/html/index.html"

lint: $(CHECKS)
	@echo "All checks passed."

$(CHECKS): $(DEVELOPMENT)

lint-style:
	$(VENV)/bin/ruff check .

lint-format:
	$(VENV)/bin/ruff format --check .

lint-types:
	$(VENV)/bin/mypy .

lint-imports:
	$(VENV)/bin/lint-imports

lint-templates:
	$(VENV)/bin/djlint templates --lint --quiet

lint-migrations:
	$(PY) manage.py makemigrations --check --dry-run

lint-settings:
	$(PY) manage.py check

check: lint
	@$(PY) -m tests.support.run --with-coverage

clean:
	rm -rf $(VENV) $(MUTANTS) $(SITE) docs/html .coverage .coverage.* htmlcov .mypy_cache .ruff_cache \
		.pytest_cache .grimp_cache .import_linter_cache .hypothesis .mutants staticfiles \
		staticfiles.lock
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first of these that is new enough makes the environment.
$(PY):
	@for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13 python; do \
		if "$$candidate" $(NEW_ENOUGH) 2>/dev/null; then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer is needed and was not found. Install it, or" \
			"name it: make up PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$found" -m venv $(VENV); then \
		rm -rf $(VENV); \
		echo "$$found cannot make virtual environments. On Debian and Ubuntu:" \
			"apt-get install python3-venv" >&2; exit 1; \
	fi

$(MUTANTS)/.installed: requirements.txt requirements-dev.txt tests/mutants/requirements.txt | $(PY)
	@echo "Installing what the mutants need into $(MUTANTS) ..."
	@$(PY) -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-compile -r tests/mutants/requirements.txt
	@touch $@

$(SITE)/.installed: docs/site/requirements.txt | $(PY)
	@echo "Installing what builds the documents into $(SITE) ..."
	@$(PY) -m venv $(SITE)
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check \
		-r docs/site/requirements.txt
	@touch $@

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing what the shop needs into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# Without compiling: the tests read only a small part of most packages.
$(DEVELOPMENT): requirements.txt requirements-dev.txt requirements-traces.txt | $(PY)
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile \
		-r requirements-dev.txt
	@touch $(RUNTIME) $@
