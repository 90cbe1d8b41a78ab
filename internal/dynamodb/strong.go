package dynamodb

import (
	"slices"
	"strings"
	"sync"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// strongRegions are the regions that can have tables, or a witness, of a global
// table with strong consistency.
var strongRegions = []string{
	"us-east-1", "us-east-2", "us-west-2",
	"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
}

const ofStrong = " for global tables with MultiRegionConsistency set to STRONG"

// strengthen makes the table, which must be empty and alone, a global table with
// strong consistency: of three tables, or of two and a witness. What is written
// is in all replicas at once anyway, so a witness is only a name.
func (m *membership) strengthen(in *api.UpdateTableInput) error {
	var regions, witnesses []string
	for _, u := range in.ReplicaUpdates {
		if u.Create == nil {
			return invalid("Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.")
		}
		regions = append(regions, u.Create.RegionName.V)
	}
	for _, u := range in.GlobalTableWitnessUpdates {
		if u.Create == nil {
			return invalid("Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.")
		}
		witnesses = append(witnesses, u.Create.RegionName.V)
	}
	switch {
	case m.t.Replicated():
		return invalid("MultiRegionConsistency parameter is unsupported on existing global table")
	case repeats(regions) || repeats(witnesses):
		return invalid("Cannot target multiple regions with the same action")
	case len(regions)+len(witnesses) != 2 || len(regions) == 0:
		return invalid("Unsupported replica count" + ofStrong + ".")
	case len(witnesses) > 0 && (slices.Contains(regions, witnesses[0]) || witnesses[0] == m.region):
		return invalid("Cannot add a witness in the same region as an existing replica when creating a global table with MultiRegionConsistency set to STRONG.")
	}
	all := slices.Concat([]string{m.region}, regions, witnesses)
	if bad := slices.DeleteFunc(all, func(r string) bool { return slices.Contains(strongRegions, r) }); len(bad) > 0 {
		return invalid("Unsupported Region(s) specified%s: [%s].", ofStrong, strings.Join(bad, ", "))
	}
	switch {
	case m.figures.items > 0:
		return invalid("Table must be empty to be made a global table with MultiRegionConsistency set to STRONG.")
	case m.t.HasLocal():
		return invalid("Local secondary indexes are not supported" + ofStrong + ".")
	case m.t.Expiring() != nil:
		return noStrongTTL()
	}
	m.t.Strong = true
	if len(witnesses) > 0 {
		m.t.Witness = witnesses[0]
	}
	return m.apply(in.ReplicaUpdates)
}

func repeats(names []string) bool {
	names = slices.Sorted(slices.Values(names))
	return len(slices.Compact(slices.Clone(names))) < len(names)
}

// weaken changes a global table with strong consistency. It can only be changed
// in what its replicas have of their own, or taken apart: all but one go at once.
func (m *membership) weaken(in *api.UpdateTableInput) error {
	deleted := map[string]bool{}
	for _, u := range in.ReplicaUpdates {
		switch {
		case u.Create != nil:
			return invalid("Cannot add replicas to a global table with strong MultiRegionConsistency")
		case u.Delete != nil:
			deleted[u.Delete.RegionName.V] = true
		}
	}
	witness := false
	for _, u := range in.GlobalTableWitnessUpdates {
		switch {
		case u.Create != nil:
			return invalid("Cannot add replicas to a global table with strong MultiRegionConsistency")
		case u.Delete != nil && u.Delete.RegionName.V != m.t.Witness:
			return noReplica(u.Delete.RegionName.V)
		case u.Delete != nil:
			witness = true
		}
	}
	switch {
	case !witness && len(deleted) == 0:
		return m.apply(in.ReplicaUpdates)
	case len(deleted) < len(m.replicas):
		return notSingly()
	case !witness && m.t.Witness != "":
		return invalid("Update table delete operation does not include all witnesses.")
	}
	return m.apply(in.ReplicaUpdates)
}

func notSingly() error {
	return invalid("Deletion of only one table replica is not supported" + ofStrong + ".")
}

func noStrongTTL() error {
	return invalid("Time to Live is not supported" + ofStrong + ".")
}

// checkTransactable refuses a transaction with a table of strong consistency.
func checkTransactable(ts []*table.Table) error {
	if slices.ContainsFunc(ts, func(t *table.Table) bool { return t.Strong }) {
		return invalid("Transactions are not supported" + ofStrong + ".")
	}
	return nil
}

// inFlight is which items of tables with strong consistency are being written,
// and where the requests came in. It knows those of this process.
type inFlight struct {
	mu    sync.Mutex
	items map[string]*flight
}

type flight struct {
	region string
	writes int
}

// enter notes that items of tables are about to be written by requests to a
// region, unless they are being written by requests to another. The caller must
// leave with the items that it gets.
func (f *inFlight) enter(region string, ts []*table.Table, keys [][]byte) (items []string, err error) {
	if !slices.ContainsFunc(ts, func(t *table.Table) bool { return t.Strong }) {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		p, _ := table.Locate(key)
		i := slices.IndexFunc(ts, func(t *table.Table) bool { return t.Strong && p.Space == table.InItems && t.Short() == p.ID })
		if i < 0 {
			continue
		}
		item := ts[i].Account + "/" + ts[i].Name + "/" + string(key[len(p.ID)+1:]) // the same in all regions
		if other := f.items[item]; other != nil && other.region != region {
			return nil, api.NewReplicatedWriteConflictException("One or more items in this request are being modified by a request in another Region")
		}
		items = append(items, item)
	}
	for _, item := range items {
		if f.items == nil {
			f.items = map[string]*flight{}
		}
		if f.items[item] == nil {
			f.items[item] = &flight{region: region}
		}
		f.items[item].writes++
	}
	return items, nil
}

func (f *inFlight) leave(items []string) {
	if len(items) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, item := range items {
		if f.items[item].writes--; f.items[item].writes == 0 {
			delete(f.items, item)
		}
	}
}
