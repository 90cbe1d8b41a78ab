package dynamodb

import (
	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/fault"
)

// throughputExceeded is LocalStack's text for faults, not AWS's for tables that
// take more than they are provisioned for.
const throughputExceeded = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API"

// A trial is the faults that may befall one request. A nil trial has none.
type trial struct {
	*fault.Active
	operation string
}

// try returns the trial of a call.
func (db *DB) try(call Call) *trial {
	active := db.cfg.Faults.Active()
	if active == nil {
		return nil
	}
	return &trial{active, call.Operation}
}

// strike decides whether the request as a whole fails, before anything is done.
func (t *trial) strike() error { return t.throttle(fault.KindOf(t.operation)) }

// throttle decides whether a request of a kind fails for want of throughput.
func (t *trial) throttle(k fault.Kind) error {
	if t == nil || !t.Throttles(k) {
		return nil
	}
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
	if any && all {
		return nil, api.NewProvisionedThroughputExceededException(throughputExceeded)
	}
	return failing, nil
}
