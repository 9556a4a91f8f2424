# make run   install what is missing, build, start priord on ./var, send it the fixture studies, serve until Ctrl-C
# make test  the same set-up, then every test
# Both are safe to repeat.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help setup build run test lint format conformance fixtures fixtures-check screenshot clean

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD_PACKAGES := libdcmtk-dev libopenjp2-7-dev libpng-dev libjpeg-dev libsqlite3-dev curl
# Peers the tests speak with, a judge of their objects, and the file systems they cut the power of.
TEST_PACKAGES := dcmtk dicom3tools openssl orthanc orthanc-dicomweb xfsprogs e2fsprogs util-linux procps sqlite3 python3-venv \
	chromium fonts-wqy-microhei
VENV := .venv-tests
PORT ?= 11112
HTTP_PORT ?= 8104

help:
	@sed -n 's/^# //p' Makefile | head -4

# $(call install,PACKAGES): installs those of them that are missing.
define install
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing:" $$missing; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing > /dev/null; \
	fi
endef

setup:
	@command -v swift > /dev/null || { echo "a Swift 6.3 toolchain is needed: https://www.swift.org/install"; exit 1; }
	$(call install,$(BUILD_PACKAGES))

build: setup
	swift build -c release --static-swift-stdlib --explicit-target-dependency-import-check error

run: build
	@PORT=$(PORT) HTTP_PORT=$(HTTP_PORT) Fixtures/demo .build/release

$(VENV)/ready: Tests/requirements.txt
	@python3 -m venv $(VENV) && $(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

# Unit tests go four at a time: all at once, each waits for the others, and what depends on time goes wrong.
test: setup
	$(call install,$(TEST_PACKAGES))
	@$(MAKE) --no-print-directory $(VENV)/ready
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build --disable-xctest --skip EndToEndTests --experimental-maximum-parallelization-width 4
	swift test --skip-build --disable-xctest --no-parallel --filter EndToEndTests

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

# The tables of docs/conformance.md, which a test holds against the program.
conformance:
	swift run priord conformance --write docs/conformance.md

.venv-fixtures/ready: Fixtures/requirements.txt
	@python3 -m venv .venv-fixtures && .venv-fixtures/bin/pip install --quiet --disable-pip-version-check -r Fixtures/requirements.txt
	@touch $@

fixtures: .venv-fixtures/ready
	.venv-fixtures/bin/python Fixtures/generate.py

fixtures-check: .venv-fixtures/ready
	.venv-fixtures/bin/python Fixtures/generate.py --check

# The pictures of the documentation: a study with its priors, and the viewer.
screenshot: build $(VENV)/ready
	$(call install,chromium fonts-wqy-microhei)
	@Fixtures/pictures .build/release $(abspath $(VENV))/bin/python3

clean:
	rm -rf .build $(VENV) .venv-fixtures var
