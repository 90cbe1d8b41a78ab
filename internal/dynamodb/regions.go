package dynamodb

import (
	"slices"
	"strings"
)

// replicaRegionNames are the regions that can have replicas: those of AWS in
// November 2026. AWS lists them in this order as far as that has been seen,
// which is the first two.
var replicaRegionNames = []string{
	"ap-south-2", "ap-south-1", "eu-south-1", "eu-south-2", "me-central-1", "il-central-1", "ca-central-1", "ca-west-1",
	"mx-central-1", "eu-central-1", "eu-central-2", "us-west-1", "us-west-2", "af-south-1", "eu-north-1", "eu-west-3",
	"eu-west-2", "eu-west-1", "ap-northeast-3", "ap-northeast-2", "me-south-1", "ap-northeast-1", "sa-east-1", "ap-east-1",
	"ap-east-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "us-east-1", "us-east-2",
}

// HasReplicas reports whether there can be replicas in a region.
func HasReplicas(region string) bool { return slices.Contains(replicaRegionNames, region) }

var replicaRegionList = "[" + strings.Join(replicaRegionNames, ", ") + "]"

// otherRegionNames are the regions that can have none.
var otherRegionNames = []string{"cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"}

// IsRegion reports whether AWS has a region of that name.
func IsRegion(name string) bool {
	return slices.Contains(replicaRegionNames, name) || slices.Contains(otherRegionNames, name)
}
