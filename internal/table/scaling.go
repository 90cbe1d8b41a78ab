package table

import "maps"

// Scaling is how the provisioned capacity of a table of a global table, and of
// its indexes, is to follow the use. It is kept for those who ask; the capacity
// does not follow.
type Scaling struct {
	Read, Write *AutoScaling            `json:",omitempty"` // nil is not at all
	Indexes     map[string]IndexScaling `json:",omitempty"` // by name
}

// IndexScaling is the same of one index.
type IndexScaling struct {
	Read, Write *AutoScaling `json:",omitempty"`
}

// AutoScaling is between which bounds capacity is to stay, in units a second;
// what is 0 or empty is not set.
type AutoScaling struct {
	Min, Max int64
	Role     string         `json:",omitempty"` // its ARN
	Policy   *ScalingPolicy `json:",omitempty"`
}

// A ScalingPolicy says what part of the capacity is to be used.
type ScalingPolicy struct {
	Name              string  `json:",omitempty"`
	Target            float64 // per cent
	OnlyOut           *bool   `json:",omitempty"` // the capacity never goes down
	InAfter, OutAfter *int64  `json:",omitempty"` // seconds between changes
}

func (s Scaling) clone() Scaling {
	s.Indexes = maps.Clone(s.Indexes)
	return s
}
