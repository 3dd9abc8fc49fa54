# The commands of this project; `make demo` and `make test` do all their own set-up.
# They need Python 3.11+, make and the package registries, nothing else.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python

# Compiled modules lie in the environment, also where the machine forbids them beside the sources:
# pytest rewrites every test module else, for a quarter of `make quick`.
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
unexport PYTHONDONTWRITEBYTECODE

SECONDS ?= 8

.PHONY: help demo guide-pictures test install install-test quick quick-tests web check format bench chaos bombs fuzz fuzz-tables lock supply stranger codes clean

help:
	@echo "make demo      install, build the sample kabupaten, serve it on http://$(HOST):$(PORT)"
	@echo "make test      install and run everything CI runs"
	@echo "make quick     format, lint, types and the quick tests: before every commit"
	@echo "make check     format, lint and types only"
	@echo "make format    put the code into the project's format"
	@echo "make fuzz      random inputs for each parser (FUZZ_SECONDS=600 each), addresses, headers, bodies, damaged workspaces (EXAMPLES=300)"
	@echo "make bench     print one line for each benchmark figure"
	@echo "make chaos     attack a server, publish, kill, load it for long; print what it took (SECONDS=8, RELEASES=dir)"
	@echo "make bombs     check workspaces with harmful inputs, print seconds and MB of each; a part of make chaos"
	@echo "make fuzz-tables  200 random spoiled tables: what is published is true, or refused by name"
	@echo "make install   the environment in $(VENV) only"
	@echo "make supply    all that a server needs, in dist: the wheel (the same bytes each time), the lock, front; licences, SBOM"
	@echo "make stranger  follow the runbook on a bare Debian with its own systemd, print the seconds (root, mmdebstrap, systemd-container)"
	@echo "make codes     fetch the official code list into data/codes (optional input)"
	@echo "make lock      compile the lock files anew"
	@echo "make clean     remove what make made"

demo: $(VENV)/installed-register web
	$(BIN)/geo-service demo --host $(HOST) --port $(PORT)

install: $(VENV)/installed

install-test: $(VENV)/installed-test

$(VENV)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5,<1'
	@touch $@

# The project itself is installed in place, without its dependencies: these come from the lock.
$(VENV)/installed: $(VENV)/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(RUN) --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(RUN) --no-deps --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(RUN) --require-hashes -r requirements-test.lock
	@touch $@

# The register of needs and answers, which the demo has and a server may have.
$(VENV)/installed-register: $(VENV)/installed requirements-register.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(RUN) --require-hashes -r requirements-register.lock
	@touch $@

web: $(VENV)/uv
	@$(RUN) web_map/build.py

check: install-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: install-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: install-test web check
	$(RUN) web_map/build.py --test
	$(RUN) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Which tests are quick: tests/quick.py.
quick: install-test web
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check quick-tests

quick-tests: install-test web
	$(RUN) -m pytest --quick --numprocesses 2 --dist loadfile --quiet

# Each of the ten parsers for so long; what check passes is built, of so many damaged workspaces.
EXAMPLES ?= 300
FUZZ_SECONDS ?= 600
fuzz: install-test
	$(RUN) -m tests.chaos.fuzz --seconds $(FUZZ_SECONDS)
	$(RUN) -m pytest tests/end_to_end/test_damaged_inputs.py tests/geo_service/test_query_fuzz.py --fuzz $(EXAMPLES) -q

# Of the running demo, into web_map/pages/guide/pictures.
guide-pictures: install-test web
	$(RUN) -m tests.web_map.guide_pictures

bench: install-test web
	$(RUN) -m tests.benchmarks

# On the sample, or on a folder of releases.
chaos: install-test web bombs
	REGISTER_SECONDS=60 $(RUN) -m pytest tests/geo_service/register/test_under_load.py --quiet
	$(RUN) -m tests.chaos --seconds $(SECONDS) $(if $(RELEASES),--releases $(RELEASES))

# The short form of it is in `make test`, as is that of fuzz-tables.
bombs: install-test
	$(RUN) -m tests.chaos.bombs

fuzz-tables: install-test
	FUZZ_TABLES=200 $(RUN) -m pytest tests/layers/tables/test_fuzz_tables.py --quiet --capture=no

# Official names and codes of all wilayah, as [[names]] inputs; see boundaries/CODES.md.
codes: data/codes/villages.csv

data/codes/villages.csv: | $(VENV)/uv
	mkdir -p data/codes
	$(RUN) web_map/build.py --npm pack idn-area-data@4.0.1 --pack-destination data/codes
	tar xzf data/codes/idn-area-data-4.0.1.tgz -C data/codes --strip-components=2 package/data
	rm data/codes/idn-area-data-4.0.1.tgz
	@ls -l data/codes

lock: $(VENV)/uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra test pyproject.toml --output-file requirements-test.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --constraint requirements-test.lock --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra register pyproject.toml --constraint requirements-test.lock \
	  --output-file requirements-register.lock

# In an environment of its own: none of this is part of an installation.
supply: install-test web
	rm -rf dist
	$(PYTHON) -m venv $(VENV)/supply
	$(VENV)/supply/bin/pip install --quiet "hatchling>=1.27,<2" "cyclonedx-bom>=7,<8"
	$(VENV)/supply/bin/hatchling build -t wheel
	$(VENV)/supply/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
	  --mc-type application --output-reproducible --validate --output-file dist/geo-service.cdx.json
	$(RUN) -m tests.architecture.licences > dist/licences.txt
	cp -r requirements.lock requirements-register.lock geo_service/front dist/

# From nothing to a service that survives a reboot; the machine is a folder and namespaces of this one.
stranger: supply
	GEO_TEST_STRANGER=1 $(RUN) -m pytest tests/end_to_end/test_stranger.py --quiet --capture=no

clean:
	rm -rf $(VENV) dist demo web_map/dist web_map/node_modules .mypy_cache .ruff_cache .pytest_cache .cache
