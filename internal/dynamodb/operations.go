package dynamodb

import (
	"context"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/item"
)

// operations is what is built of the API. To add an operation, write its
// method in a file of its own and a line here; until then it is unknown.
var operations = map[string]map[string]operation{
	"DynamoDB_20120810": {
		"CreateTable":        op((*Service).CreateTable),
		"DescribeTable":      op((*Service).DescribeTable),
		"UpdateTable":        op((*Service).UpdateTable),
		"DeleteTable":        op((*Service).DeleteTable),
		"ListTables":         op((*Service).ListTables),
		"UpdateTimeToLive":   op((*Service).UpdateTimeToLive),
		"DescribeTimeToLive": op((*Service).DescribeTimeToLive),
		"DescribeLimits":     op((*Service).DescribeLimits),
		"DescribeEndpoints":  op((*Service).DescribeEndpoints),

		"CreateGlobalTable":               op((*Service).CreateGlobalTable),
		"DescribeGlobalTable":             op((*Service).DescribeGlobalTable),
		"UpdateGlobalTable":               op((*Service).UpdateGlobalTable),
		"ListGlobalTables":                op((*Service).ListGlobalTables),
		"DescribeGlobalTableSettings":     op((*Service).DescribeGlobalTableSettings),
		"UpdateGlobalTableSettings":       op((*Service).UpdateGlobalTableSettings),
		"DescribeTableReplicaAutoScaling": op((*Service).DescribeTableReplicaAutoScaling),
		"UpdateTableReplicaAutoScaling":   op((*Service).UpdateTableReplicaAutoScaling),

		"TagResource":        silent(op((*Service).TagResource)),
		"UntagResource":      silent(op((*Service).UntagResource)),
		"ListTagsOfResource": op((*Service).ListTagsOfResource),

		"PutItem":            op((*Service).PutItem),
		"GetItem":            op((*Service).GetItem),
		"UpdateItem":         op((*Service).UpdateItem),
		"DeleteItem":         op((*Service).DeleteItem),
		"Query":              op((*Service).Query),
		"Scan":               op((*Service).Scan),
		"BatchGetItem":       op((*Service).BatchGetItem),
		"BatchWriteItem":     op((*Service).BatchWriteItem),
		"TransactGetItems":   op((*Service).TransactGetItems),
		"TransactWriteItems": op((*Service).TransactWriteItems),

		"ExecuteStatement":      op((*Service).ExecuteStatement),
		"BatchExecuteStatement": op((*Service).BatchExecuteStatement),
		"ExecuteTransaction":    op((*Service).ExecuteTransaction),
	},
	"DynamoDBStreams_20120810": {
		"ListStreams":      op((*Service).ListStreams),
		"DescribeStream":   op((*Service).DescribeStream),
		"GetShardIterator": op((*Service).GetShardIterator),
		"GetRecords":       op((*Service).GetRecords),
	},
}

// An operation reads a request, carries it out and appends the response.
type operation func(ctx context.Context, s *Service, body, dst []byte) ([]byte, error)

// op makes an operation of a method. The method is called only with a request
// that is of the right shape and keeps the constraints of the model.
func op[I any, P interface {
	*I
	api.Input
}, O api.Output](do func(*Service, context.Context, P) (O, error),
) operation {
	return func(ctx context.Context, s *Service, body, dst []byte) ([]byte, error) {
		in := P(new(I))
		if err := api.DecodeRequest(body, in); err != nil {
			return dst, err
		}
		if err := in.Check(); err != nil {
			return dst, err
		}
		if s.trial != nil {
			if err := s.trial.strike(in); err != nil {
				s.useNamed(in)
				return dst, err
			}
		}
		out, err := do(s, ctx, in)
		if err != nil {
			s.useNamed(in)
			return dst, exception(err)
		}
		return out.AppendJSON(dst), nil
	}
}

// silent makes an operation of one whose response is not even {}: the service
// sends no body at all.
func silent(do operation) operation {
	return func(ctx context.Context, s *Service, body, dst []byte) ([]byte, error) {
		end := len(dst)
		dst, err := do(ctx, s, body, dst)
		return dst[:end], err
	}
}

// A Call is one request as it came in.
type Call struct {
	Account, Region string
	Target          string // the service and its version, such as DynamoDB_20120810
	Operation       string
	AccessKey       string // of who asks; it may be empty
	Body            []byte // JSON; Do does not keep it
	// Explain is filled by a call that is answered well; nil if nobody asks.
	Explain *Explanation
	// ReadOnly, if not empty, has a call that would write refused, and says why.
	ReadOnly string
}

// Do carries out a call and appends the response's JSON to dst. The error is an
// *api.Error if the client is to see it; any other is the server's own fault.
func (db *DB) Do(ctx context.Context, call Call, dst []byte) ([]byte, error) {
	do := operations[call.Target][call.Operation]
	if do == nil {
		return dst, api.NewUnknownOperationException("")
	}
	if err := db.cfg.Profile.admit(call.Operation); err != nil {
		return dst, err
	}
	if call.ReadOnly != "" && !onlyReads(call) {
		return dst, api.NewAccessDeniedException(call.ReadOnly)
	}
	s := db.In(db.cfg.Profile.namespace(&call, db.cfg.Shared))
	s.metered = true
	s.tally = tallies.Get().(*item.Tally)
	start := time.Now() // by the clock on the wall, as the server's latencies are
	if s.trial = db.try(call); s.trial != nil {
		if err := s.trial.delay(ctx); err != nil {
			return dst, err
		}
	}
	s.explanation = call.Explain
	s.explanation.start()
	dst, err := do(ctx, s, call.Body, dst)
	s.measure(call.Operation, time.Since(start), err)
	if err != nil {
		return dst, db.cfg.Profile.reword(call.Operation, err)
	}
	s.explanation.finish()
	return dst, nil
}
