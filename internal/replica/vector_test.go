package replica

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Replicas that the same changes have reached are the same, in whatever order
// they came and however often, and each is in conflict with none that has seen it.
func TestMeetDoesNotDependOnOrder(t *testing.T) {
	regions := []string{"a", "b", "c", "d"}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		here := map[string]state{}
		var changes []state
		for n := range 1 + r.IntN(8) {
			region := regions[r.IntN(len(regions))]
			if len(changes) > 0 && r.IntN(2) == 0 { // one arrives
				here[region], _ = here[region].meet(changes[r.IntN(len(changes))])
				continue
			}
			was := here[region]
			versions, err := nextVersions(was.vector.encode(), time.UnixMicro(int64(100+r.IntN(3))), region)
			if err != nil {
				t.Fatal(err)
			}
			is := state{item: []byte{byte(n)}}
			if is.vector, err = ParseVector(versions); err != nil {
				t.Fatal(err)
			}
			if after, conflict := was.meet(is); conflict || !after.equal(is) {
				t.Fatalf("seed %d: %v is not after %v", seed, is, was)
			}
			here[region] = is
			changes = append(changes, is)
		}
		all := func() (s state) {
			for _, i := range r.Perm(len(changes)) {
				s, _ = s.meet(changes[i])
				if r.IntN(4) == 0 {
					s, _ = s.meet(changes[r.IntN(len(changes))])
				}
			}
			for _, c := range changes {
				s, _ = s.meet(c)
			}
			return s
		}
		want := all()
		for range 5 {
			if got := all(); !got.equal(want) {
				t.Fatalf("seed %d: %v and %v", seed, got, want)
			}
		}
		for _, region := range regions {
			s := here[region]
			for _, c := range changes {
				s, _ = s.meet(c)
			}
			if !s.equal(want) {
				t.Fatalf("seed %d: %s has %v, others %v", seed, region, s, want)
			}
		}
	}
}

func TestVectorIsParsed(t *testing.T) {
	v := Vector{{3, "eu-west-1"}, {2, "us-east-1"}}
	b := v.encode()
	if got, err := ParseVector(b); err != nil || !slices.Equal(got, v) {
		t.Errorf("%v, %v", got, err)
	}
	if got := string(originOf(b)); got != "eu-west-1" {
		t.Errorf("it is of %q", got)
	}
	for n := 1; n < len(b); n++ {
		if got, err := ParseVector(b[:n]); err == nil && n != 9+len("eu-west-1") {
			t.Errorf("%d bytes of it are %v", n, got)
		}
	}
}
