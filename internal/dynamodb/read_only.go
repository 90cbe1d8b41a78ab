package dynamodb

import (
	"slices"
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
		return api.DecodeRequest(call.Body, &in) != nil ||
			!slices.ContainsFunc(in.Statements, func(m api.BatchStatementRequest) bool { return !reads(m.Statement) })
	case "ExecuteTransaction":
		var in api.ExecuteTransactionInput
		return api.DecodeRequest(call.Body, &in) != nil ||
			!slices.ContainsFunc(in.TransactStatements, func(m api.ParameterizedStatement) bool { return !reads(m.Statement) })
	}
	verb := call.Operation[:strings.IndexFunc(call.Operation[1:], func(r rune) bool { return r <= 'Z' })+1]
	return verb == "Get" || verb == "List" || verb == "Describe"
}

func reads(statement api.Opt[string]) bool {
	parsed, err := partiql.Parse(statement.V)
	return err != nil || parsed.Kind.IsRead()
}
