package api

import "strings"

// A TableARN is the ARN of a table or of what belongs to one.
type TableARN struct {
	Partition, Region, Account string
	Table                      string
	Rest                       string // index/…, stream/…, backup/… and the like
}

// ParseTableARN reads arn:<partition>:dynamodb:<region>:<account>:table/<name>
// and what may follow after another slash.
func ParseTableARN(s string) (TableARN, bool) {
	var arn TableARN
	var ok bool
	if s, ok = strings.CutPrefix(s, "arn:"); !ok {
		return TableARN{}, false
	}
	for _, part := range []*string{&arn.Partition, nil, &arn.Region, &arn.Account} {
		var value string
		if value, s, ok = strings.Cut(s, ":"); !ok {
			return TableARN{}, false
		}
		switch {
		case part != nil:
			*part = value
		case value != "dynamodb":
			return TableARN{}, false
		}
	}
	if s, ok = strings.CutPrefix(s, "table/"); !ok {
		return TableARN{}, false
	}
	arn.Table, arn.Rest, _ = strings.Cut(s, "/")
	return arn, true
}
