#!/usr/bin/env bash
# Installs what the tests need and is missing: PostgreSQL, and for the sessions
# in test/ the AWS CLI, boto3, Node.js, the SDK for JavaScript, Chromium and
# Playwright. Takes a moment when all is there. What cannot be installed is named;
# with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

oldest_node=20

has_postgres() { postgres --version >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_aws() { aws --version >/dev/null 2>&1; }
has_boto3() { python3 -c 'import boto3' >/dev/null 2>&1 || /usr/bin/python3 -c 'import boto3' >/dev/null 2>&1; }
has_node() { node -e "process.exit(parseInt(process.versions.node) >= $oldest_node ? 0 : 1)" >/dev/null 2>&1; }
has_chromium() { chromium --version >/dev/null 2>&1 || chromium-browser --version >/dev/null 2>&1 || google-chrome --version >/dev/null 2>&1; }
has_npm() { npm --version >/dev/null 2>&1; }

# The lock file of what is installed is compared with ours.
has_modules() { cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"; }
has_sdk() { has_modules test/js; }
has_playwright() { has_modules test/ui; }

as_root() {
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		sudo -n "$@"
	else
		echo "cannot run without being root: $*" >&2
		return 1
	fi
}

packages=()
has_postgres || packages+=(postgresql)
has_aws || packages+=(awscli)
has_boto3 || packages+=(python3-boto3)
has_node || packages+=(nodejs)
has_npm || packages+=(npm)
has_chromium || packages+=(chromium)
if [[ ${#packages[@]} -gt 0 ]]; then
	echo "install ${packages[*]}"
	if command -v apt-get >/dev/null; then
		{
			as_root apt-get update -qq &&
				as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
		} || echo "apt-get could not install ${packages[*]}" >&2
	else
		echo "there is no apt-get here: install ${packages[*]} in this system's way" >&2
	fi
	hash -r
fi
install_modules() {
	if (cd "$1" && npm ci --no-audit --no-fund --loglevel=error); then
		cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
	fi
}
if has_node && has_npm; then
	has_sdk || { echo "install the SDK for JavaScript" && install_modules test/js; }
	has_playwright || { echo "install Playwright" && install_modules test/ui; }
fi

missing=()
has_postgres || missing+=("PostgreSQL")
has_aws || missing+=("the AWS CLI")
has_boto3 || missing+=("boto3")
has_chromium || missing+=("Chromium")
has_node || missing+=("Node.js $oldest_node or later")
has_sdk || missing+=("the SDK for JavaScript")
has_playwright || missing+=("Playwright")
if [[ ${#missing[@]} -gt 0 ]]; then
	printf 'missing for the tests: %s\n' "${missing[@]}" >&2
	if [[ ${CI:-false} != false ]]; then exit 1; fi
	echo "their tests will be skipped" >&2
fi
