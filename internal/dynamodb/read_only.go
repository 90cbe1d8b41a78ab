package dynamodb

import (
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/partiql"
)

// onlyReads reports whether a call certainly changes nothing. What it does not know
// may write. A statement that is none is not carried out, so it may pass: its author
// is to be told what is wrong with it.
func onlyReads(call Call) bool {
	switch call.Operation {
	case "Query", "Scan", "BatchGetItem", "TransactGetItems":
		return true
	case "ExecuteStatement":
		var in api.ExecuteStatementInput
		return api.DecodeRequest(call.Body, &in) != nil || reads(in.Statement)
	case "BatchExecuteStatement":
		var in api.BatchExecuteStatementInput
		if api.DecodeRequest(call.Body, &in) != nil {
			return true
		}
		for _, m := range in.Statements {
			if !reads(m.Statement) {
				return false
			}
		}
		return true
	case "ExecuteTransaction":
		var in api.ExecuteTransactionInput
		if api.DecodeRequest(call.Body, &in) != nil {
			return true
		}
		for _, m := range in.TransactStatements {
			if !reads(m.Statement) {
				return false
			}
		}
		return true
	}
	verb := call.Operation[:strings.IndexFunc(call.Operation[1:], func(r rune) bool { return r <= 'Z' })+1]
	return verb == "Get" || verb == "List" || verb == "Describe"
}

func reads(statement api.Opt[string]) bool {
	parsed, err := partiql.Parse(statement.V)
	return err != nil || parsed.Kind.IsRead()
}
