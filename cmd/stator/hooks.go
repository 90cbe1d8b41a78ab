package main

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/hook"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/server"
)

// lastWords is how long the hooks of the end may take. Docker kills a program ten
// seconds after it has asked it to end.
const lastWords = 5 * time.Second

// What scripts are told to be, and what files are carried out as.
const (
	hookKey     = "test"
	hookAccount = "000000000000"
)

// newHooks returns the hooks of the server that is found at endpoint.
func newHooks(opts *option.Options, db *dynamodb.DB, endpoint string, log *slog.Logger) *hook.Runner {
	region := cmp.Or(os.Getenv("AWS_DEFAULT_REGION"), os.Getenv("AWS_REGION"), "us-east-1")
	return hook.New(hook.Config{
		Dir:     opts.InitDir,
		Region:  region,
		Account: hookAccount,
		Do: func(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
			return db.Do(ctx, dynamodb.Call{
				Account: hookAccount, Region: region, AccessKey: hookKey, Target: targetOf(operation), Operation: operation, Body: body,
			}, nil)
		},
		Environment: []string{
			"AWS_ENDPOINT_URL=http://" + endpoint,
			"AWS_ACCESS_KEY_ID=" + hookKey,
			"AWS_SECRET_ACCESS_KEY=" + hookKey,
			"AWS_DEFAULT_REGION=" + region,
		},
		Log: log,
	})
}

// carrier carries out what a file asks for.
func carrier(db *dynamodb.DB) server.Carrier {
	return func(ctx context.Context, account, region, operation string, body []byte) ([]byte, error) {
		return db.Do(ctx, dynamodb.Call{
			Account: account, Region: region, AccessKey: account, Target: targetOf(operation), Operation: operation, Body: body,
		}, nil)
	}
}

func targetOf(operation string) string {
	for _, op := range api.Operations {
		if op.Name == operation {
			return op.Target
		}
	}
	return ""
}

// closeMeanwhile closes listeners while fn runs: nobody is to wait for an answer
// of a server that waits for fn. If another program takes an address meanwhile,
// that is an error.
func closeMeanwhile(ctx context.Context, listeners []net.Listener, fn func()) ([]net.Listener, error) {
	closeAll(listeners)
	fn()
	var again []net.Listener
	for _, old := range listeners {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", old.Addr().String())
		if err != nil {
			closeAll(again)
			return nil, listenError(old.Addr().String(), err)
		}
		again = append(again, l)
	}
	return again, nil
}
