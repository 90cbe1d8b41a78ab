package option

import (
	"slices"
	"strings"
)

// An idle variable has no effect, and it is no mistake to set it.
type idle struct {
	name string
	why  string
	tell bool // whoever sets it waits for something
}

// ignored are LocalStack's.
var ignored = []idle{
	{name: "ACTIVATE_PRO", why: "There is nothing to pay for."},
	{name: "AUTH_TOKEN", why: "There is nothing to pay for."},
	{name: "API_KEY", why: "There is nothing to pay for."},
	{name: "ACKNOWLEDGE_ACCOUNT_REQUIREMENT", why: "No account is required."},
	{name: "DDB_LOCAL_TELEMETRY", why: "Nothing is ever reported to anybody."},
	{name: "DISABLE_EVENTS", why: "Nothing is ever reported to anybody."},
	{name: "DEFAULT_REGION", why: "A request without a region is one of us-east-1."},
	{name: "DOCKER_FLAGS", why: "Other containers are none of the server's business."},
	{name: "DOCKER_SOCK", why: "Other containers are none of the server's business."},
	{name: "EXTRA_CORS_ALLOWED_HEADERS", why: "Web pages that may call the server may send all headers."},
	{name: "FAIL_FAST", why: "An error is always told at once."},
	{name: "GATEWAY_SERVER", why: "There is one server."},
	{name: "INCLUDE_STACK_TRACES_IN_HTTP_RESPONSE", why: "They are in the log."},
	{name: "LAMBDA_DOCKER_FLAGS", why: "There is no Lambda."},
	{name: "LAMBDA_EXECUTOR", why: "There is no Lambda."},
	{name: "PERSISTENCE", why: "Tables are kept, unless `--memory` says otherwise."},
	{name: "POD_ENCRYPTION", why: "A snapshot is a file, to be encrypted by whoever keeps it."},
	{name: "PROVIDER_OVERRIDE_DYNAMODB", why: "There is one provider."},
	{name: "PROVIDER_OVERRIDE_DYNAMODBSTREAMS", why: "There is one provider."},
	{name: "SKIP_SSL_CERT_DOWNLOAD", why: "No certificate is downloaded."},
	{name: "SYNCHRONOUS_DYNAMODB_EVENTS", why: "A change and its record in a stream are one commit.", tell: true},
	{name: "VOLUME_DIR", why: "See `--data`."},
}

const docsIgnored = `
## Names of LocalStack without effect

They are accepted, also with the prefix ` + "`LOCALSTACK_`" + `, and so is what is for other
services. At debug level the server lists names that begin with ` + "`LOCALSTACK_`" + ` or
` + "`DYNAMODB_`" + ` and are not known.

| Variable | Why |
|---|---|
`

// Foreign looks through the environment, "NAME=value" each, for what is meant for
// LocalStack. Warnings are about names that have no effect but once had one;
// unknown are names that look like LocalStack's and are none that is known.
func Foreign(environ []string) (warnings, unknown []string) {
	for _, e := range environ {
		full, value, _ := strings.Cut(e, "=")
		name, prefixed := strings.CutPrefix(full, "LOCALSTACK_")
		if value == "" || isVariable(full, name, prefixed) {
			continue
		}
		if i := slices.IndexFunc(ignored, func(i idle) bool { return i.name == name }); i >= 0 {
			if ignored[i].tell {
				warnings = append(warnings, "$"+full+" has no effect: "+ignored[i].why)
			}
			continue
		}
		if prefixed || strings.HasPrefix(full, "DYNAMODB_") {
			unknown = append(unknown, full)
		}
	}
	slices.Sort(warnings)
	slices.Sort(unknown)
	return warnings, unknown
}

// isVariable reports whether an option is set by a variable, or by the name that
// it has without its prefix.
func isVariable(full, name string, prefixed bool) bool {
	for i := range table {
		for _, v := range table[i].env {
			if v.name == full || prefixed && v.local && v.name == name {
				return true
			}
		}
	}
	return false
}
