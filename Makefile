# 随行: every command that people and machines need. `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
BIN := bin/suixing
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)

.PHONY: help run test bench ballot matrix hostile storm storm-defects browser-storm check dev golden schema migrate build setup front up down secrets tools clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start everything with demo data on http://127.0.0.1:8080, on the embedded defaults
	@scripts/run

test: ## everything that must hold: Go with race detector, front end, browser stories; real PostgreSQL and MinIO
	@scripts/test

bench: ## our speed and sizes beside references, one line a measure (ARGS="-only photo")
	@scripts/bench $(ARGS)

matrix: ## every route as every role: who may what, and no answer that gives a person away
	@scripts/matrix

hostile: ## every field of every route with the worst that can be typed, and files, names, lines and bytes made to harm: nothing breaks, nothing hangs
	@scripts/xss; code=$$?; scripts/hostile && exit $$code

storm: ## phones, two servers, database and store, all of it cut, killed and frozen: nothing is lost (N=10000 SEED=7)
	@scripts/storm -n $(or $(N),1000) $(if $(SEED),-seed $(SEED)) $(ARGS)

storm-defects: ## known faults planted one by one: the storm catches every one (ARGS="lead_twice")
	@scripts/storm-defects $(ARGS)

browser-storm: ## the field app in Chromium, killed at random moments with its profile kept (KILLS=50 SEED=7)
	@scripts/browser-storm

ballot: ## stuffed ballots, unlinkability, guessing, crowds: the published figures, each a line that begins with ballot:
	@BALLOT=full go test ./internal/feedback ./internal/problem -count=1 -timeout 60m -v -run 'Stuffing|Unlinkable|OrderLeak|LeadNowhere|QR|KAnon|Crowd|FormReplay|Diary' | grep --line-buffered -E 'ballot:|^(---|ok|FAIL|panic)' | sed -u 's/^ *[a-z_]*_test.go:[0-9]*: //'; exit $${PIPESTATUS[0]}

check: ## format, vet, linters, types, the arch test, generated files up to date
	@scripts/check

dev: ## server with demo data, and the front end with live reload on http://127.0.0.1:5173
	@scripts/dev

build: front ## build bin/suixing, one static program with the front end inside
	@CGO_ENABLED=0 go build -trimpath -ldflags='-X main.version=$(VERSION)' -o $(BIN) ./cmd/suixing

front: ## build the front end if its sources changed
	@scripts/front

setup: ## install what is missing (Debian, as root), or say exactly what to install
	@scripts/setup run test

tools: ## build the pinned test servers and linters into the cache
	@scripts/tools

golden: ## write the golden files anew (routes, life-cycles, schema); read the diff before you commit it
	@scripts/golden

schema: ## write docs/schema.sql anew from a migrated database
	@scripts/golden schema

migrate: build ## bring the database of DATABASE_OWNER_URL (or the embedded one) to this version's schema
	@$(BIN) migrate

secrets: ## write .env with fresh random secrets for docker compose, if there is none
	@scripts/secrets

up: secrets ## start the production parts with docker compose
	@docker compose up --build --detach --wait

down: ## stop the production parts; data stays in the volumes
	@docker compose down

clean: ## remove what builds made; data in var/ and the tools cache stay
	@rm -rf bin pwa/node_modules
	@find pwa/dist -mindepth 1 ! -name .gitkeep -delete
