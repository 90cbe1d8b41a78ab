package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

// A brokenStore fails at all that is done to it once it has an error.
type brokenStore struct {
	kv.Store
	err error
}

func (s *brokenStore) View(ctx context.Context, fn func(kv.Reader) error) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.View(ctx, fn)
}

func (s *brokenStore) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Update(ctx, locks, fn)
}

// everyKind is a request of each kind of operation.
var everyKind = []struct{ operation, body string }{
	{"CreateTable", `{"TableName":"new","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`},
	{"DescribeTable", `{"TableName":"tab"}`},
	{"UpdateTable", `{"TableName":"tab","DeletionProtectionEnabled":true}`},
	{"ListTables", `{}`},
	{"DeleteTable", `{"TableName":"tab"}`},
	{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`},
	{"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`},
	{"UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`},
	{"DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`},
	{"Query", `{"TableName":"tab","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`},
	{"Scan", `{"TableName":"tab"}`},
	{"BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"pk":{"S":"a"}}]}}}`},
	{"BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}}`},
	{"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"tab","Key":{"pk":{"S":"a"}}}}]}`},
	{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"tab","Item":{"pk":{"S":"a"}}}}]}`},
}

// The client reads what is wrong with the disk and what to do, in an error that
// SDKs retry.
func TestWhatIsUnavailableIsToldToTheClient(t *testing.T) {
	const text = "the disk that holds /data is nearly full (7 MiB free): free some space and it goes on by itself"
	store := &brokenStore{Store: memkv.Open()}
	w := newWorld(store, dynamodb.Config{})
	w.ok(t, "CreateTable", tableRequest(t, "tab pk:S"))
	store.err = unavailable(text)
	for _, c := range everyKind {
		if got, want := w.do(c.operation, c.body), "500 InternalServerError: "+text; got != want {
			t.Errorf("%s: got %s, want %s", c.operation, got, want)
		}
	}
	store.err = nil
	if got := w.do("PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`); !strings.HasPrefix(got, "200") {
		t.Errorf("when the cause is gone: %s", got)
	}
}

type unavailable string

func (e unavailable) Error() string      { return string(e) }
func (unavailable) Is(target error) bool { return target == kv.ErrUnavailable }

// What no client can mend stays inside: the caller logs it and tells the client
// nothing of it.
func TestOtherErrorsOfTheStoreAreNotForTheClient(t *testing.T) {
	store := &brokenStore{Store: memkv.Open()}
	w := newWorld(store, dynamodb.Config{})
	w.ok(t, "CreateTable", tableRequest(t, "tab pk:S"))
	for _, err := range []error{kv.ErrConflict, kv.ErrClosed, context.Canceled, errors.New("a secret")} {
		store.err = fmt.Errorf("outer: %w", err)
		for _, c := range everyKind {
			call := w.call
			call.Operation, call.Body = c.operation, []byte(c.body)
			_, got := w.db.Do(t.Context(), call, nil)
			if e := (*api.Error)(nil); errors.As(got, &e) || !errors.Is(got, err) {
				t.Errorf("%s: got %v, want %v", c.operation, got, err)
			}
		}
	}
}
