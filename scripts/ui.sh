#!/usr/bin/env bash
# Builds the Resource Browser from ui/ to internal/ui/dist, checks and tests it.
# The build is committed: with CI=true it must be the one that the sources make.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
	echo "npm is missing: the browser is not built" >&2
	[[ ${CI:-false} == false ]]
	exit
fi
cd ui
# What is installed is compared with what is locked.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
	# Not npm ci, which insists on the packages of all platforms.
	npm install --no-save --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.installed-lock.json
fi
npm run --silent lint
npm run --silent test
npm run --silent build -- --logLevel warn
if [[ ${CI:-false} != false ]]; then
	git diff --exit-code --stat -- ../internal/ui/dist || { echo "internal/ui/dist is not what ui/ makes: run make ui and commit it" >&2; exit 1; }
fi
