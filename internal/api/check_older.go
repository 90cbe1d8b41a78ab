package api

import "github.com/statordb/stator/internal/attr"

// Some writes are answered by older code of the service, which knows the
// generic words only and lists all complaints. The methods called Older tell
// which. Observed on AWS, October 2026.

// olderDepth is the nesting of a value that sends a request to the older code.
// At 40 levels the answer is still in the newer words.
const olderDepth = 63

// Older reports whether older code answers: depth is what makes PutItem old.
func (v *PutItemInput) Older() bool {
	return deepItem(v.Item) || deepItem(v.ExpressionAttributeValues) || deepExpected(v.Expected)
}

// Older reports whether older code answers: besides depth, a key that is
// absent makes UpdateItem old.
func (v *UpdateItemInput) Older() bool {
	if v.Key == nil || deepItem(v.Key) || deepItem(v.ExpressionAttributeValues) || deepExpected(v.Expected) {
		return true
	}
	for i := range v.AttributeUpdates {
		if deepValue(v.AttributeUpdates[i].Value.Value) {
			return true
		}
	}
	return false
}

// Older reports whether older code answers: depth is what makes DeleteItem old.
func (v *DeleteItemInput) Older() bool {
	return deepItem(v.Key) || deepItem(v.ExpressionAttributeValues) || deepExpected(v.Expected)
}

func deepExpected(m Map[ExpectedAttributeValue]) bool {
	for i := range m {
		e := &m[i].Value
		if deepValue(e.Value) {
			return true
		}
		for _, v := range e.AttributeValueList {
			if deepValue(v) {
				return true
			}
		}
	}
	return false
}

func deepItem(i attr.Item) bool {
	f := i.Fault()
	return f != nil && f.Depth >= olderDepth
}

func deepValue(v attr.Value) bool {
	f := v.Fault()
	return f != nil && f.Depth >= olderDepth
}
