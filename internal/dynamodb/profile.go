package dynamodb

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// A Profile is whose rules hold where they differ. This file is all that
// depends on it.
type Profile string

// The profiles. An empty one is ProfileLocalStack.
const (
	// ProfileLocalStack lets pass what users of LocalStack are used to.
	ProfileLocalStack Profile = "localstack"
	// ProfileAWS refuses whatever AWS refuses.
	ProfileAWS Profile = "aws"
	// ProfileLocal has the namespaces and resource names of DynamoDB Local, and
	// no operation that it has not.
	ProfileLocal Profile = "dynamodb-local"
)

// manyReplicas reports whether one UpdateTable may add or delete several
// replicas.
func (p Profile) manyReplicas() bool { return p != ProfileAWS }

// checksKeys reports whether a replica's key must be one of KMS, and of the same
// kind as the table's. Otherwise it is taken for whatever it is.
func (p Profile) checksKeys() bool { return p == ProfileAWS }

// localReplica reports whether an UpdateTable may delete the replica of the
// region that it is sent to.
func (p Profile) localReplica() bool { return p != ProfileAWS }

// version2017 reports whether there are global tables of the version of 2017.
func (p Profile) version2017() bool { return p != ProfileAWS }

// replicas reports whether tables have replicas.
func (p Profile) replicas() bool { return p != ProfileLocal }

// rest returns how long a time to live cannot be changed again after a change.
func (p Profile) rest() time.Duration {
	if p == ProfileAWS {
		return time.Hour
	}
	return 0
}

// globalIndexes returns how many global indexes a table may have.
func (p Profile) globalIndexes() int {
	if p == ProfileLocalStack || p == "" {
		return manyGlobalIndexes
	}
	return maxGlobalIndexes
}

// localRegion is the region in DynamoDB Local's resource names.
const localRegion = "ddblocal"

// The account and region of tables that all callers share.
const (
	sharedAccount = "000000000000"
	sharedRegion  = "us-east-1"
)

// longestKey is how much of an access key tells it from others, in bytes.
const longestKey = 128

// namespace returns the account and region under which a call finds its tables.
// DynamoDB Local keeps apart what was called with different access keys, or from
// different regions, and shows neither.
func (p Profile) namespace(call *Call, shared bool) (account, region string) {
	switch {
	case p == ProfileLocal && shared:
		return sharedAccount, localRegion
	case p == ProfileLocal:
		key := call.AccessKey[:min(len(call.AccessKey), longestKey)]
		return url.PathEscape(key) + "@" + call.Region, localRegion
	case shared:
		return sharedAccount, sharedRegion
	}
	return call.Account, call.Region
}

// namespaceOf is namespace for a call that names what it is about by an ARN, and
// so may come from anywhere else.
func (p Profile) namespaceOf(arn api.TableARN, call Call, shared bool) (account, region string) {
	if p != ProfileLocal {
		call.Account, call.Region = arn.Account, arn.Region
	}
	return p.namespace(&call, shared)
}

// placeName says to a person where tables are that are stored under an account
// and a region.
func (p Profile) placeName(account, region string) string {
	if key, of, ok := strings.Cut(account, "@"); ok && p == ProfileLocal {
		return "with access key " + key + " in " + of
	}
	return "in " + region + " of account " + account
}

// localOperations are those that DynamoDB Local has besides those on items.
var localOperations = map[string]bool{
	"CreateTable": true, "DescribeTable": true, "UpdateTable": true, "DeleteTable": true, "ListTables": true,
	"UpdateTimeToLive": true, "DescribeTimeToLive": true, "DescribeLimits": true,
	"PutItem": true, "GetItem": true, "UpdateItem": true, "DeleteItem": true, "Query": true, "Scan": true,
	"BatchGetItem": true, "BatchWriteItem": true, "TransactGetItems": true, "TransactWriteItems": true,
	"ExecuteStatement": true, "BatchExecuteStatement": true, "ExecuteTransaction": true,
	"ListStreams": true, "DescribeStream": true, "GetShardIterator": true, "GetRecords": true,
}

// admit refuses an operation that there is not.
func (p Profile) admit(operation string) error {
	switch {
	case p != ProfileLocal || localOperations[operation]:
		return nil
	case operation == "TagResource" || operation == "UntagResource" || operation == "ListTagsOfResource":
		return api.NewUnknownOperationException("Tagging is not currently supported in DynamoDB Local.")
	default:
		return api.NewUnknownOperationException("An unknown operation was requested.")
	}
}

// reword puts what is said of a table that is not there into DynamoDB Local's
// words. It says of streams and indexes what AWS does.
func (p Profile) reword(operation string, err error) error {
	var e *api.Error
	if p != ProfileLocal || !errors.As(err, &e) || e.Type != api.ResourceNotFoundException {
		return err
	}
	if strings.HasPrefix(e.Message, notFound+": Table: ") || e.Message == notFound && operation != "UpdateTable" {
		return api.NewResourceNotFoundException("Cannot do operations on a non-existent table")
	}
	return err
}

// anyOwner reports whether the table of an ARN is one of the caller's whatever
// the account and region are that it names.
func (p Profile) anyOwner() bool { return p == ProfileLocal }

// owns reports whether an ARN is one of this account and region.
func (s *Service) owns(arn api.TableARN) bool {
	return arn.Account == table.Owner(s.account) && arn.Region == s.region
}
