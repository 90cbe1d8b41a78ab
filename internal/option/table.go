package option

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statordb/stator/internal/replica"
)

// transientStatus is how long tables are CREATING for those who ask for it
// without saying how long.
const transientStatus = "1s"

// usualProfile is whose rules hold for those who do not ask for others.
const usualProfile = "localstack"

// ttlInterval is how often expired items are deleted for those who ask for it
// without saying how often.
const ttlInterval = "1h"

// table is what can be set. The configuration file comes first, because it
// sets the others.
var table = []option{
	{
		name: "config",
		env:  []variable{{name: "STATOR_CONFIG"}},
		arg:  "FILE",
		doc:  "YAML file with options.",
		set:  func(o *Options, s string) error { o.Config = s; return nil },
	},
	{
		name: "listen",
		env: []variable{
			{name: "STATOR_LISTEN"},
			{name: "GATEWAY_LISTEN", local: true},
			{name: "EDGE_PORT", local: true, instead: "GATEWAY_LISTEN"},
		},
		arg:  "HOST:PORT,...",
		def:  "127.0.0.1:" + defaultPort,
		doc:  "Addresses to serve at. A host or port left out is the default one; port 0 is any free one. In a container the default host is 0.0.0.0. HTTP, HTTPS and HTTP/2 are spoken at each.",
		set:  func(o *Options, s string) (err error) { o.Listen, err = parseListen(s, defaultHost()); return err },
		find: findListen,
	},
	{
		name: "local-port",
		env:  []variable{{name: "STATOR_LOCAL_PORT"}, {name: "DYNAMODB_LOCAL_PORT", local: true}},
		arg:  "PORT",
		def:  "8000 if it is free and --listen is not set",
		doc:  "One more port to serve at, the one where clients of DynamoDB Local look for it. What is served there is the same. 0 is none.",
		set:  func(o *Options, s string) (err error) { o.LocalPort, err = parseNumber(s, 0, 65535); return err },
		find: findLocalPort,
	},
	{
		name: "external-host",
		env: []variable{
			{name: "STATOR_EXTERNAL_HOST"},
			{name: "LOCALSTACK_HOST"},
			{name: "HOSTNAME_EXTERNAL", local: true, instead: "LOCALSTACK_HOST"},
			{name: "LOCALSTACK_HOSTNAME", instead: "LOCALSTACK_HOST"},
		},
		arg: "HOST[:PORT]",
		doc: "Where clients find the server, if that is not where it listens: it tells them this in URLs, and its own certificate is for this name, too. A port left out is the first of `--listen`.",
		set: setExternalHost,
	},
	{
		name: "tls-cert",
		env:  []variable{{name: "STATOR_TLS_CERT"}, {name: "CUSTOM_SSL_CERT_PATH", local: true}},
		arg:  "FILE",
		doc:  "PEM file with the certificate for clients that speak TLS. Without it the server makes one for this machine and keeps it in `tls` in the data directory.",
		set:  func(o *Options, s string) error { o.TLSCert = s; return nil },
	},
	{
		name: "tls-key",
		env:  []variable{{name: "STATOR_TLS_KEY"}},
		arg:  "FILE",
		doc:  "PEM file with the key of `--tls-cert`, if that does not have it.",
		set:  func(o *Options, s string) error { o.TLSKey = s; return nil },
	},
	{
		name: "https-urls",
		env:  []variable{{name: "STATOR_HTTPS_URLS"}, {name: "USE_SSL", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Tell clients URLs that begin with https. They can use http all the same.",
		set: func(o *Options, s string) (err error) { o.HTTPSURLs, err = parseBool(s); return err },
	},
	{
		name: "data",
		env:  []variable{{name: "STATOR_DATA"}, {name: "DATA_DIR", local: true, instead: "STATOR_DATA"}},
		arg:  "DIR",
		def:  "$XDG_DATA_HOME/stator",
		doc:  "Directory of the tables. `$XDG_DATA_HOME` is `~/.local/share` when it is not set.",
		set:  setData,
		find: dataDir,
	},
	{
		name: "store",
		env:  []variable{{name: "STATOR_STORE"}},
		arg:  "URL",
		doc:  "A PostgreSQL database to keep the tables in, instead of a directory: `postgres://USER@HOST/DATABASE`. Any number of stators can share one. A password is better given in `$PGPASSWORD` or a password file.",
		set:  setStore,
		show: func(s string) string {
			u, err := url.Parse(s)
			if err != nil {
				return "?"
			}
			query := u.Query()
			for _, name := range []string{"password", "sslpassword"} {
				if query.Has(name) {
					query.Set(name, "xxxxx")
					u.RawQuery = query.Encode()
				}
			}
			return u.Redacted()
		},
	},
	{
		name: "memory",
		env:  []variable{{name: "STATOR_MEMORY"}, {name: "DYNAMODB_IN_MEMORY", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Keep tables in memory only. Nothing but snapshots is read from or written to the data directory.",
		set: func(o *Options, s string) (err error) { o.Memory, err = parseBool(s); return err },
	},
	{
		name: "snapshot-dir",
		env:  []variable{{name: "STATOR_SNAPSHOT_DIR"}},
		arg:  "DIR",
		def:  "snapshots in --data",
		doc:  "Directory of the snapshots that `stator snapshot save NAME` makes, also with `--memory` and `--store`. It is made when it is needed.",
		set:  func(o *Options, s string) error { o.SnapshotDir = s; return nil },
		find: func(o *Options, _ func(string) string) (string, error) {
			return filepath.Join(o.Data, "snapshots"), nil
		},
	},
	{
		name: "load-snapshot",
		env:  []variable{{name: "STATOR_LOAD_SNAPSHOT"}, {name: "AUTO_LOAD_POD", local: true}},
		arg:  "NAME,...",
		doc:  "Snapshots to load at start if there are no tables. One that is not there keeps the server from starting.",
		set:  func(o *Options, s string) error { o.LoadSnapshots = splitList(s); return nil },
	},
	{
		name: "snapshot-save-strategy",
		env:  []variable{{name: "STATOR_SNAPSHOT_SAVE_STRATEGY"}, {name: "SNAPSHOT_SAVE_STRATEGY", local: true, read: saveStrategy}},
		arg:  "manual|on_shutdown|scheduled",
		def:  "manual",
		doc:  "With `--memory`: when to save the tables as the snapshot `default`. `scheduled` is every so often, and at the end; `on_request` in LocalStack's variable is the same. Tables on disk and in PostgreSQL are always saved, whatever `PERSISTENCE` says.",
		set: func(o *Options, s string) error {
			return oneOf(&o.SaveStrategy, s, "manual", "on_shutdown", "scheduled")
		},
	},
	{
		name: "snapshot-load-strategy",
		env:  []variable{{name: "STATOR_SNAPSHOT_LOAD_STRATEGY"}, {name: "SNAPSHOT_LOAD_STRATEGY", local: true, read: loadStrategy}},
		arg:  "manual|on_startup",
		def:  "on_startup with a strategy to save, else manual",
		doc:  "With `--memory`: whether to begin with the snapshot `default`, if there is one. `on_request` in LocalStack's variable is `on_startup`.",
		set: func(o *Options, s string) error {
			return oneOf(&o.LoadStrategy, s, "manual", "on_startup")
		},
		find: func(o *Options, _ func(string) string) (string, error) {
			if o.SaveStrategy == "manual" {
				return "manual", nil
			}
			return "on_startup", nil
		},
	},
	{
		name: "snapshot-interval",
		env: []variable{
			{name: "STATOR_SNAPSHOT_INTERVAL"},
			{name: "SNAPSHOT_FLUSH_INTERVAL", local: true, read: inSeconds},
		},
		arg: "DURATION",
		def: "15s",
		doc: "How often `--snapshot-save-strategy scheduled` saves, if something has changed. LocalStack's variable is in seconds.",
		set: func(o *Options, s string) (err error) { o.SnapshotInterval, err = parsePositive(s); return err },
	},
	{
		name: "init-dir",
		env:  []variable{{name: "STATOR_INIT_DIR"}},
		arg:  "DIR",
		def:  "/etc/localstack/init",
		doc:  "Directory whose `boot.d`, `start.d`, `ready.d` and `shutdown.d` have scripts, tables and items for these moments; see docs/init-hooks.md.",
		set:  func(o *Options, s string) error { o.InitDir = s; return nil },
	},
	{
		name: "fsync",
		env:  []variable{{name: "STATOR_FSYNC"}},
		arg:  "always|interval|never",
		def:  "always",
		doc:  "When writes are forced to the disk: before they are answered, every so often, or when the system likes.",
		set:  func(o *Options, s string) error { return oneOf(&o.Fsync, s, "always", "interval", "never") },
	},
	{
		name: "fsync-interval",
		env:  []variable{{name: "STATOR_FSYNC_INTERVAL"}},
		arg:  "DURATION",
		def:  "100ms",
		doc:  "How often `--fsync interval` does it, and so how much a crash of the machine can lose.",
		set:  func(o *Options, s string) (err error) { o.FsyncInterval, err = parsePositive(s); return err },
	},
	{
		name: "cache-size",
		env:  []variable{{name: "STATOR_CACHE_SIZE"}},
		arg:  "SIZE",
		def:  "128MiB",
		doc:  "Memory for what was read from the disk. It is taken as it is needed.",
		set:  func(o *Options, s string) (err error) { o.CacheSize, err = parseSize(s); return err },
	},
	{
		name: "optimize",
		env:  []variable{{name: "STATOR_OPTIMIZE"}, {name: "DYNAMODB_OPTIMIZE_DB_BEFORE_STARTUP", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Give back the space that deleted items still take on the disk before serving. It is given back bit by bit anyway.",
		set: func(o *Options, s string) (err error) { o.Optimize, err = parseBool(s); return err },
	},
	{
		name: "memory-limit",
		env:  []variable{{name: "STATOR_MEMORY_LIMIT"}},
		arg:  "SIZE",
		def:  "nine tenths of the container's",
		doc:  "Memory to get along with; 0 is no limit. With `--memory`, seven tenths of it are for tables, and writes that need more are refused.",
		set:  func(o *Options, s string) (err error) { o.MemoryLimit, err = parseSize(s); return err },
		find: memoryLimit,
	},
	{
		name: "soft-memory-limit",
		env:  []variable{{name: "STATOR_SOFT_MEMORY_LIMIT"}, {name: "DYNAMODB_HEAP_SIZE", local: true, read: heapSize}},
		arg:  "SIZE",
		def:  "0",
		doc:  "Memory that the server tries to keep within, at the cost of time. It takes more when tables need it. 0 is no limit.",
		set:  func(o *Options, s string) (err error) { o.SoftMemoryLimit, err = parseSize(s); return err },
	},
	{
		name: "profile",
		env:  []variable{{name: "STATOR_PROFILE"}},
		arg:  "localstack|aws|dynamodb-local",
		def:  usualProfile,
		doc:  "Whose rules hold where they differ: `aws` also refuses what LocalStack lets pass, such as two replicas in one UpdateTable. `dynamodb-local` has tables for each access key and region, names such as `arn:aws:dynamodb:ddblocal:000000000000:table/t`, and no operation that DynamoDB Local has not.",
		set: func(o *Options, s string) error {
			return oneOf(&o.Profile, s, "localstack", "aws", "dynamodb-local")
		},
	},
	{
		name: "shared-db",
		env:  []variable{{name: "STATOR_SHARED_DB"}, {name: "DYNAMODB_SHARE_DB", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Let all accounts and regions have the same tables. There are no replicas then: every region has every table. Of tables that were made without this, those of us-east-1 and account 000000000000 are seen; with the profile of DynamoDB Local none are.",
		set: func(o *Options, s string) (err error) { o.SharedDB, err = parseBool(s); return err },
	},
	{
		name: "max-global-indexes",
		env:  []variable{{name: "STATOR_MAX_GLOBAL_INDEXES"}},
		arg:  "NUMBER",
		def:  "0",
		doc:  "How many global secondary indexes a table may have. 0 is what the profile allows: AWS and DynamoDB Local 20, LocalStack 1000.",
		set:  func(o *Options, s string) (err error) { o.MaxGlobalIndexes, err = parseNumber(s, 0, 1000); return err },
	},
	{
		name: "transient-status",
		env: []variable{
			{name: "STATOR_TRANSIENT_STATUS"},
			{name: "DYNAMODB_DELAY_TRANSIENT_STATUSES", local: true, read: truthIs(transientStatus)},
		},
		arg: "DURATION", bare: transientStatus, def: "0s",
		doc: "How long tables and indexes are CREATING, UPDATING and DELETING. `1` and `true` in LocalStack's variable mean " + transientStatus + ".",
		set: func(o *Options, s string) (err error) { o.TransientStatus, err = parseDuration(s); return err },
	},
	{
		name: "ttl-interval",
		env: []variable{
			{name: "STATOR_TTL_INTERVAL"},
			{name: "DYNAMODB_REMOVE_EXPIRED_ITEMS", local: true, read: truthIs(ttlInterval)},
		},
		arg: "DURATION", bare: ttlInterval, def: "0s, with the profile of DynamoDB Local 10s",
		find: func(o *Options, _ func(string) string) (string, error) {
			if o.Profile == "dynamodb-local" {
				return "10s", nil
			}
			return "0s", nil
		},
		doc: "How often items that have expired are deleted; 0 is only when `DELETE /_aws/dynamodb/expired` asks for it. `1` and `true` in LocalStack's variable mean " + ttlInterval + ".",
		set: func(o *Options, s string) (err error) { o.TTLInterval, err = parseDuration(s); return err },
	},
	{
		name: "stream-shards",
		env:  []variable{{name: "STATOR_STREAM_SHARDS"}},
		arg:  "NUMBER",
		def:  "1, with the profile of AWS 4",
		doc:  "How many shards a stream has open at a time. It is for streams that are enabled from then on.",
		find: func(o *Options, _ func(string) string) (string, error) {
			if o.Profile == "aws" {
				return "4", nil
			}
			return "1", nil
		},
		set: func(o *Options, s string) (err error) { o.StreamShards, err = parseNumber(s, 1, 100); return err },
	},
	{
		name: "stream-shard-rollover",
		env:  []variable{{name: "STATOR_STREAM_SHARD_ROLLOVER"}},
		arg:  "DURATION",
		def:  "4h",
		doc:  "How long a shard of a stream is open before another one takes its place; 0 is for ever. It is for streams that are enabled from then on. A hundred shards may follow each other in a day.",
		set:  setRollover,
	},
	{
		name: "replication-lag",
		env:  []variable{{name: "STATOR_REPLICATION_LAG"}},
		arg:  "DELAY",
		def:  "0",
		doc:  "How long after its commit a write of a global table is made in other regions: a duration such as 800ms, or a distribution, as in 200ms..2s, normal(800ms,150ms) and exp(800ms). 0 is in the same commit. Of writes of one item in several regions the last wins. GET /_admin/replication shows what is on its way.",
		set:  func(o *Options, s string) (err error) { o.ReplicationLag, err = replica.ParseDelay(s); return err },
	},
	{
		name: "error-probability",
		env:  []variable{{name: "STATOR_ERROR_PROBABILITY"}, {name: "DYNAMODB_ERROR_PROBABILITY", local: true}},
		arg:  "NUMBER",
		def:  "0",
		doc:  "How likely each read and write is to fail with ProvisionedThroughputExceededException, from 0 to 1. What fails is not carried out. Of a batch each member is tried on its own.",
		set:  func(o *Options, s string) (err error) { o.ErrorProbability, err = parseProbability(s); return err },
	},
	{
		name: "read-error-probability",
		env:  []variable{{name: "STATOR_READ_ERROR_PROBABILITY"}, {name: "DYNAMODB_READ_ERROR_PROBABILITY", local: true}},
		arg:  "NUMBER",
		def:  "0",
		doc:  "The same for reads only; the greater of the two counts.",
		set:  func(o *Options, s string) (err error) { o.ReadErrorProbability, err = parseProbability(s); return err },
	},
	{
		name: "write-error-probability",
		env:  []variable{{name: "STATOR_WRITE_ERROR_PROBABILITY"}, {name: "DYNAMODB_WRITE_ERROR_PROBABILITY", local: true}},
		arg:  "NUMBER",
		def:  "0",
		doc:  "The same for writes only; the greater of the two counts.",
		set:  func(o *Options, s string) (err error) { o.WriteErrorProbability, err = parseProbability(s); return err },
	},
	{
		name: "log-level",
		env: []variable{
			{name: "STATOR_LOG_LEVEL"},
			{name: "LS_LOG", local: true, read: localstackLevel},
			{name: "DEBUG", local: true, read: truthIs("debug")},
		},
		arg: "debug|info|warn|error",
		def: "info",
		doc: "The least important messages to log. At debug every request is one.",
		set: setLogLevel,
	},
	{
		name: "log-format",
		env:  []variable{{name: "STATOR_LOG_FORMAT"}},
		arg:  "text|json",
		def:  "text",
		doc:  "The form of log messages. They go to standard error.",
		set:  func(o *Options, s string) error { return oneOf(&o.LogFormat, s, "text", "json") },
	},
	{
		name: "cors-origins",
		env: []variable{
			{name: "STATOR_CORS_ORIGINS"},
			{name: "DISABLE_CORS_CHECKS", local: true, read: truthIs("*")},
			{name: "EXTRA_CORS_ALLOWED_ORIGINS", local: true},
			{name: "DYNAMODB_CORS", local: true},
		},
		arg: "ORIGIN,...",
		doc: "Origins of web pages that may call the server, besides those on this machine, such as `https://app.example.com`. `*` is all, and `null` is pages without one.",
		set: func(o *Options, s string) error { o.CORSOrigins = splitList(s); return nil },
	},
	{
		name: "cors-expose-headers",
		env:  []variable{{name: "STATOR_CORS_EXPOSE_HEADERS"}, {name: "EXTRA_CORS_EXPOSE_HEADERS", local: true}},
		arg:  "NAME,...",
		doc:  "Headers of answers that web pages may read, besides `x-amzn-requestid`, `x-amz-crc32` and `x-srv-explain`.",
		set:  func(o *Options, s string) error { o.CORSExpose = splitList(s); return nil },
	},
	{
		name: "cors-headers",
		env:  []variable{{name: "STATOR_CORS_HEADERS"}, {name: "DISABLE_CORS_HEADERS", local: true, read: untruth}},
		arg:  "bool", bare: "true", def: "true",
		doc: "Tell browsers that web pages which may call the server may read its answers. `--cors-headers=false` leaves that to a proxy.",
		set: func(o *Options, s string) (err error) { o.CORSHeaders, err = parseBool(s); return err },
	},
	{
		name: "cors-preflight",
		env:  []variable{{name: "STATOR_CORS_PREFLIGHT"}, {name: "DISABLE_PREFLIGHT_PROCESSING", local: true, read: untruth}},
		arg:  "bool", bare: "true", def: "true",
		doc: "Answer what browsers ask before they send a request of a web page.",
		set: func(o *Options, s string) (err error) { o.CORSPreflight, err = parseBool(s); return err },
	},
	{
		name: "localstack-header",
		env:  []variable{{name: "STATOR_LOCALSTACK_HEADER"}, {name: "LOCALSTACK_RESPONSE_HEADER_ENABLED", read: truth}},
		arg:  "bool", bare: "true",
		def: "true with the profile of LocalStack",
		doc: "Have every answer say `x-localstack: true`, as LocalStack's do.",
		set: func(o *Options, s string) (err error) { o.LocalStackHeader, err = parseBool(s); return err },
		find: func(o *Options, _ func(string) string) (string, error) {
			return strconv.FormatBool(o.Profile == "localstack"), nil
		},
	},
	{
		name: "services",
		env:  []variable{{name: "STATOR_SERVICES"}, {name: "SERVICES", local: true}},
		arg:  "NAME,...",
		def:  "dynamodb,dynamodbstreams",
		doc:  "Services to serve; those of others are passed over. STS is always served.",
		set:  setServices,
	},
	{
		name: "strict-services",
		env:  []variable{{name: "STATOR_STRICT_SERVICES"}, {name: "STRICT_SERVICE_LOADING", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "true",
		doc: "Refuse services that `--services` does not name. Otherwise it has no effect.",
		set: func(o *Options, s string) (err error) { o.StrictServices, err = parseBool(s); return err },
	},
	{
		name: "parity-keys",
		env:  []variable{{name: "STATOR_PARITY_KEYS"}, {name: "PARITY_AWS_ACCESS_KEY_ID", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Read the account that is encoded in access keys of AWS, `AKIA…` and `ASIA…`, and give out such keys. Otherwise keys of AWS are those of account 000000000000, and keys given out begin with `LSIA`.",
		set: func(o *Options, s string) (err error) { o.ParityKeys, err = parseBool(s); return err },
	},
	{
		name: "known-regions",
		env:  []variable{{name: "STATOR_KNOWN_REGIONS"}, {name: "ALLOW_NONSTANDARD_REGIONS", local: true, read: untruth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Take regions that AWS has not for us-east-1. Otherwise each has tables of its own. `local` and `localhost` are us-east-1 either way.",
		set: func(o *Options, s string) (err error) { o.KnownRegions, err = parseBool(s); return err },
	},
	{
		name: "eager-loading",
		env:  []variable{{name: "STATOR_EAGER_LOADING"}, {name: "EAGER_SERVICE_LOADING", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Show the services as running on the health page from the start, not from their first use.",
		set: func(o *Options, s string) (err error) { o.EagerLoading, err = parseBool(s); return err },
	},
	{
		name: "ui-read-only",
		env:  []variable{{name: "STATOR_UI_READ_ONLY"}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Let the Resource Browser change nothing: it shows no way to, and what it asks for nevertheless is refused. Other clients can change everything, so it keeps from mistakes, not from people.",
		set: func(o *Options, s string) (err error) { o.UIReadOnly, err = parseBool(s); return err },
	},
	{
		name: "ui-dir",
		env:  []variable{{name: "STATOR_UI_DIR"}},
		arg:  "DIR",
		doc:  "Directory with a build of the Resource Browser to serve in place of the one that is built in: for those who change it.",
		set:  func(o *Options, s string) error { o.UIDir = s; return nil },
	},
	{
		name: "config-updates",
		env:  []variable{{name: "STATOR_CONFIG_UPDATES"}, {name: "ENABLE_CONFIG_UPDATES", local: true, read: truth}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Serve `/_localstack/config`, which changes the error probabilities while the server runs.",
		set: func(o *Options, s string) (err error) { o.ConfigUpdates, err = parseBool(s); return err },
	},
	{
		name: "pprof",
		env:  []variable{{name: "STATOR_PPROF"}},
		arg:  "bool", bare: "true", def: "false",
		doc: "Serve profiles of the program at `/debug/pprof/`.",
		set: func(o *Options, s string) (err error) { o.Pprof, err = parseBool(s); return err },
	},
}

func setData(o *Options, s string) error {
	if s == "" {
		return errors.New("must name a directory")
	}
	o.Data = s
	return nil
}

func setStore(o *Options, s string) error {
	if s != "" && !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
		return errors.New("must be a URL that begins with postgres://")
	}
	o.Store = s
	return nil
}

// setServices reads names of services, of which each may have a port, as older
// versions of LocalStack want it.
func setServices(o *Options, s string) error {
	o.Services = []string{}
	for _, name := range splitList(strings.ToLower(s)) {
		switch name, _, _ := strings.Cut(name, ":"); name {
		case "dynamodb", "dynamodbstreams":
			o.Services = append(o.Services, name)
		case "all", "default", "serverless":
			o.Services = append(o.Services, "dynamodb", "dynamodbstreams")
		}
	}
	return nil
}

func setRollover(o *Options, s string) error {
	d, err := parseDuration(s)
	if err != nil {
		return err
	}
	if d > 0 && d < time.Second {
		return fmt.Errorf("%q is not 0 and not a second or more", s)
	}
	o.StreamShardRollover = d
	return nil
}

func setLogLevel(o *Options, s string) error {
	var level string
	if err := oneOf(&level, s, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	return o.LogLevel.UnmarshalText([]byte(level))
}

// truth reads a switch of LocalStack, which is on for these values and off for
// all others.
func truth(s string) (string, bool) {
	return strconv.FormatBool(s == "1" || strings.EqualFold(s, "true")), true
}

// untruth reads a switch of LocalStack that is off for what is on here.
func untruth(s string) (string, bool) {
	on, ok := truth(s)
	return strconv.FormatBool(on != "true"), ok
}

// truthIs reads a switch of LocalStack that sets an option to a value.
func truthIs(value string) func(string) (string, bool) {
	return func(s string) (string, bool) {
		on, _ := truth(s)
		return value, on == "true"
	}
}

// localstackLevel reads LocalStack's names of levels, and passes over others
// as LocalStack does.
func localstackLevel(s string) (string, bool) {
	switch s := strings.ToLower(s); s {
	case "trace", "trace-internal", "debug":
		return "debug", true
	case "info", "error":
		return s, true
	case "warn", "warning":
		return "warn", true
	case "critical", "fatal":
		return "error", true
	}
	return "", false
}

// heapSize reads the size of Java's heap, and passes over what is none.
func heapSize(s string) (string, bool) {
	_, err := parseSize(s)
	return s, err == nil
}

// saveStrategy and loadStrategy read LocalStack's strategies, and pass over what
// it does not know.
func saveStrategy(s string) (string, bool) {
	switch s := strings.ToLower(s); s {
	case "manual", "on_shutdown", "scheduled":
		return s, true
	case "on_request":
		return "scheduled", true
	}
	return "", false
}

func loadStrategy(s string) (string, bool) {
	switch s := strings.ToLower(s); s {
	case "manual", "on_startup":
		return s, true
	case "on_request":
		return "on_startup", true
	}
	return "", false
}

// inSeconds reads a number of seconds.
func inSeconds(s string) (string, bool) {
	if _, err := strconv.Atoi(s); err == nil {
		return s + "s", true
	}
	return s, true
}

func oneOf(dst *string, s string, values ...string) error {
	if v := strings.ToLower(s); slices.Contains(values, v) {
		*dst = v
		return nil
	}
	last := len(values) - 1
	return fmt.Errorf("%q is not %s or %s", s, strings.Join(values[:last], ", "), values[last])
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "on":
		return true, nil
	case "0", "false", "no", "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is not true or false", s)
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 500ms or 2s", s)
	}
	return d, nil
}

func parsePositive(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d == 0 {
		err = fmt.Errorf("%q is not longer than 0", s)
	}
	return d, err
}

func parseNumber(s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not a number from %d to %d", s, least, most)
	}
	return n, nil
}

func parseProbability(s string) (float64, error) {
	p, err := strconv.ParseFloat(s, 64)
	if err != nil || !(p >= 0 && p <= 1) { // NaN is neither
		return 0, fmt.Errorf("%q is not a number from 0 to 1", s)
	}
	return p, nil
}

// parseSize reads a number of bytes: "1024", "64MiB", "1 GB", and "256m" as
// Java writes it.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(s, "KMGTBikmgtb ")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit, ok := sizeUnit(strings.ToLower(strings.TrimSpace(s[len(digits):])))
	if err != nil || !ok || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a size such as 64MiB", s)
	}
	return n * unit, nil
}

func sizeUnit(name string) (bytes int64, ok bool) {
	if name == "" || name == "b" {
		return 1, true
	}
	power := strings.IndexByte("kmgt", name[0]) + 1
	base := int64(1024)
	switch name[1:] {
	case "", "ib":
	case "b":
		base = 1000
	default:
		power = 0
	}
	bytes = 1
	for range power {
		bytes *= base
	}
	return bytes, power > 0
}

func splitList(s string) []string {
	var list []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
