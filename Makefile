# Every command a person needs; each does its own set-up. `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin
CLUSTER := $(if $(KUBECONFIG_GIVEN),--kubeconfig $(KUBECONFIG))$(if $(CONTEXT), --context $(CONTEXT))
# A KUBECONFIG from the shell's environment is not a wish to use that cluster; one on the command line is.
KUBECONFIG_GIVEN := $(filter command line,$(origin KUBECONFIG))

REGISTRY ?= ghcr.io/surgeboard
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git rev-parse --short=12 HEAD)$(shell git diff --quiet HEAD || echo -changed)
BUILD = --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION)

COMPILE = $(VENV)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.PHONY: help up test lint rehearse bench bench-swarm conformance screenshot images push sbom images-check lock clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: ## the local cluster and the dashboard; prints a sign-in URL (KUBECONFIG=… CONTEXT=… uses that cluster)
	@$(PYTHON) bootstrap.py $(if $(KUBECONFIG_GIVEN),remote,run)
	@exec $(VENV)/surgeboard up $(CLUSTER) $(ARGS)

# A module stays in one process, and its cluster with it. Tests wait more than they compute, hence half as many processes
# again as there are cores; five clusters at once are enough for two. 5: none of that kind chosen.
PARALLEL = --dist loadfile --no-loadscope-reorder
PROCESSES = $(shell cores=$$(getconf _NPROCESSORS_ONLN); n=$$((cores + (cores + 1) / 2)); echo $$((n > 8 ? 8 : n)))
test: ## every test, the real browser included (ARGS=tests/swarm runs some)
	@$(PYTHON) bootstrap.py test
	@failed=0; export PYTHONDONTWRITEBYTECODE=; \
	$(VENV)/pytest -n $(PROCESSES) $(PARALLEL) -m "not cluster" $(ARGS) || [ $$? = 5 ] || failed=1; \
	$(VENV)/pytest -n 5 $(PARALLEL) -m cluster $(ARGS) || [ $$? = 5 ] || failed=1; \
	exit $$failed

lint: ## linters, types, import rules; scanners of images, manifests, code and packages
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py scan
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-cache
	$(VENV)/python -m tests.scanning

rehearse: ## the whole demonstration without a person; writes run.json
	@$(PYTHON) bootstrap.py $(if $(KUBECONFIG_GIVEN),remote,run)
	@$(VENV)/surgeboard rehearse $(CLUSTER) --output run.json $(ARGS)

bench: ## every benchmark, printed as tables
	@$(PYTHON) bootstrap.py test
	@for each in benchmarks/bench_*.py; do echo "== $$each"; $(VENV)/python $$each || exit 1; done

bench-swarm: ## one swarm worker beside plain Locust, paired in one run
	@$(PYTHON) bootstrap.py test
	@$(VENV)/python benchmarks/bench_swarm.py $(ARGS)

conformance: ## the local cluster against the recordings of a real one (ARGS="--scenario NAME" plays one)
	@$(PYTHON) bootstrap.py test
	@$(VENV)/python -m tests.contract.conformance $(if $(KUBECONFIG_GIVEN),--kubeconfig $(KUBECONFIG)) $(ARGS)

screenshot: ## README's picture, taken of a real run
	@$(PYTHON) bootstrap.py test
	$(VENV)/python docs/screenshot.py

images: ## the two container images (REGISTRY=… names another place)
	docker build $(BUILD) -f Dockerfile.app -t $(REGISTRY)/app:$(VERSION) -t $(REGISTRY)/app:$(VERSION)-$(REVISION) .
	docker build $(BUILD) -f Dockerfile.dashboard -t $(REGISTRY)/dashboard:$(VERSION) -t $(REGISTRY)/dashboard:$(VERSION)-$(REVISION) .

push: images ## build and push both under version and git revision (REGISTRY=…; sign in with docker login before)
	@for each in app dashboard; do for tag in $(VERSION) $(VERSION)-$(REVISION); do docker push $(REGISTRY)/$$each:$$tag || exit 1; done; done

sbom: ## what both images are made of, as CycloneDX documents, and their scan where a scanner is on the path
	@$(PYTHON) bootstrap.py scan
	@for each in app dashboard; do .scanners/bin/cyclonedx-py requirements requirements/$$each.lock.txt --of JSON --sv 1.5 -o $$each.cdx.json && echo $$each.cdx.json; done
	@$(VENV)/python -m tests.scanning.images $(REGISTRY)/app:$(VERSION) $(REGISTRY)/dashboard:$(VERSION)

images-check: ## build both with buildah on a stand-in base, look inside, start each with a read-only root (Debian, root)
	@$(PYTHON) bootstrap.py test
	@$(VENV)/python -m tests.images $(ARGS)

lock: ## resolve the locked dependencies anew
	echo 'uv==0.13.9' | $(COMPILE) -o requirements/uv.lock.txt -
	$(COMPILE) pyproject.toml requirements/build.in --extra local --extra mongod -o requirements/run.lock.txt
	$(COMPILE) pyproject.toml requirements/build.in --all-extras -o requirements/test.lock.txt
	$(COMPILE) requirements/app.in -c requirements/run.lock.txt -o requirements/app.lock.txt
	$(COMPILE) requirements/scan.in -o requirements/scan.lock.txt
	$(COMPILE) requirements/build.in -c requirements/run.lock.txt -o requirements/build.lock.txt
	$(COMPILE) pyproject.toml -c requirements/run.lock.txt -o requirements/dashboard.lock.txt

clean: ## remove what was built here
	rm -rf .venv .scanners .surgeboard dashboard/static/vendor node_modules
