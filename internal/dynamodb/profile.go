package dynamodb

// A Profile is whose rules hold where they differ. This file is all that
// depends on it.
type Profile string

// The profiles. An empty one is ProfileLocalStack.
const (
	// ProfileLocalStack lets pass what users of LocalStack are used to.
	ProfileLocalStack Profile = "localstack"
	// ProfileAWS refuses whatever AWS refuses.
	ProfileAWS Profile = "aws"
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
