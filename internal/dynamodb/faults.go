package dynamodb

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/partiql"
)

// throughputExceeded is LocalStack's text for faults, not AWS's for tables that
// take more than they are provisioned for.
const throughputExceeded = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API"

// A trial is the faults that may befall one request. A nil trial has none.
type trial struct {
	*fault.Active
	call Call // without its body
	// hit says that one of them did, to the request or to a member of it, and
	// throttled by what, if it was as if there were no throughput left.
	hit       bool
	throttled Throttle
}

// A Throttle is why a request was throttled, wholly or in part.
type Throttle string

// The reasons. Nothing is refused for taking more than is provisioned.
const (
	ThrottledByChance Throttle = "probability" // of errors, which somebody has set
	ThrottledByRule   Throttle = "rule"        // of the faults that somebody has asked for
)

// try returns the trial of a call.
func (db *DB) try(call Call) *trial {
	active := db.cfg.Faults.Active()
	if active == nil {
		return nil
	}
	call.Body = nil
	return &trial{Active: active, call: call}
}

// delay waits as long as the request is to be late, or until ctx ends. It goes by
// the machine's clock: a server whose own stands still answers nevertheless.
func (t *trial) delay(ctx context.Context) error {
	d := t.Delay()
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// strike decides whether the request as a whole fails, before anything is done.
func (t *trial) strike(in api.Input) error {
	service, _, _ := strings.Cut(t.call.Target, "_")
	e, fails := t.Fails(fault.Request{
		Service:   strings.ToLower(service),
		Region:    t.call.Region,
		Operation: t.call.Operation,
		AccessKey: t.call.AccessKey,
		Names:     func() (tables, indexes []string) { return named(in) },
	})
	if fails {
		t.hit = true
		if strings.Contains(e.Code, "Throttl") || strings.Contains(e.Code, "ThroughputExceeded") || strings.HasPrefix(e.Code, "RequestLimitExceeded") {
			t.throttled = ThrottledByRule
		}
		return &api.Error{Type: api.ErrorType(e.Code), Status: e.StatusCode, Message: e.Message}
	}
	return t.throttle(fault.KindOf(t.call.Operation))
}

// named returns the tables and indexes that a request names, wherever in it: as
// such, by ARN, or in a statement.
func named(in api.Input) (tables, indexes []string) {
	var n names
	switch in := in.(type) {
	case *api.BatchGetItemInput:
		for _, e := range in.RequestItems {
			n.add("TableName", e.Key)
		}
	case *api.BatchWriteItemInput:
		for _, e := range in.RequestItems {
			n.add("TableName", e.Key)
		}
	default:
		n.addFrom("", reflect.ValueOf(in))
	}
	return n.tables, n.indexes
}

// names are those of tables and indexes.
type names struct{ tables, indexes []string }

// addFrom adds what is named in a member of a request. Items, keys and values
// are bytes, and so are passed over.
func (n *names) addFrom(member string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n.addFrom(member, v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			n.addFrom(member, v.Index(i))
		}
	case reflect.Struct:
		if text, ok := v.Interface().(api.Opt[string]); ok {
			n.add(member, text.V)
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				n.addFrom(field.Name, v.Field(i))
			}
		}
	default:
	}
}

// add adds what a member with a text names.
func (n *names) add(member, text string) {
	switch member {
	case "TableName", "SourceTableName", "TargetTableName", "GlobalTableName",
		"TableArn", "SourceTableArn", "ResourceArn", "BackupArn", "ExportArn", "ImportArn", "StreamArn", "ShardIterator":
		if arn, ok := api.ParseTableARN(text); ok { // a name may be an ARN, too
			text = arn.Table
		}
		if text != "" {
			n.tables = append(n.tables, text)
		}
	case "IndexName":
		n.indexes = append(n.indexes, text)
	case "Statement":
		if st, err := partiql.Parse(text); err == nil {
			n.add("TableName", st.Table)
			n.add("IndexName", st.Index)
		}
	}
}

// throttle decides whether a request of a kind fails for want of throughput.
func (t *trial) throttle(k fault.Kind) error {
	if t == nil || !t.Throttles(k) {
		return nil
	}
	t.hit, t.throttled = true, ThrottledByChance
	return api.NewProvisionedThroughputExceededException(throughputExceeded)
}

// failingMembers says which members of a batch are not to be carried out. nil
// is none of them.
type failingMembers []bool

func (f failingMembers) has(i int) bool { return f != nil && f[i] }

// throttleMembers decides which of n members of a batch fail for want of
// throughput. If all do, it returns the error of the request.
func (t *trial) throttleMembers(n int, k fault.Kind) (failingMembers, error) {
	if t == nil {
		return nil, nil
	}
	failing, any, all := make(failingMembers, n), false, true
	for i := range failing {
		failing[i] = t.Throttles(k)
		any, all = any || failing[i], all && failing[i]
	}
	if any {
		t.hit, t.throttled = true, ThrottledByChance
	}
	if any && all {
		return nil, api.NewProvisionedThroughputExceededException(throughputExceeded)
	}
	return failing, nil
}
