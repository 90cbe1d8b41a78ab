package dynamodb

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// version2017 reports whether there are global tables of the version of 2017.
func (s *Service) version2017() bool { return !s.cfg.Shared && s.cfg.Profile.version2017() }

// The versions of global tables. UpdateTable makes those of 2019. Those of 2017
// have operations of their own, which know no others.
const (
	version2017 = "2017.11.29"
	version2019 = "2019.11.21"
)

// A globalTable is the tables of one name in all regions, some of which are, or
// are to become, a global table of the version of 2017.
type globalTable struct {
	*Service
	tx     kv.Tx
	name   string
	tables []*table.Table // which may be changed, with those that were added
	added  []*table.Table // that were not there before
	late   int            // changes that were on their way
}

// everywhere reads the tables called name in all regions that can have replicas.
func (s *Service) everywhere(r kv.Reader, name string) ([]*table.Table, error) {
	values, err := r.Get(s.everyDescriptor(name)...)
	if err != nil {
		return nil, err
	}
	var ts []*table.Table
	for i, raw := range values {
		t, err := s.In(s.account, replicaRegionNames[i]).decode(name, raw)
		switch {
		case errors.Is(err, errNoTable):
		case err != nil:
			return nil, err
		default:
			ts = append(ts, t)
		}
	}
	return ts, nil
}

func (s *Service) everyDescriptor(name string) [][]byte {
	keys := make([][]byte, len(replicaRegionNames))
	for i, region := range replicaRegionNames {
		keys[i] = table.DescriptorKey(s.account, region, name)
	}
	return keys
}

// members reads the tables of a global table.
func (s *Service) members(ctx context.Context, name string) (members []*table.Table, err error) {
	if !s.version2017() {
		return nil, nil
	}
	err = s.store.View(ctx, func(r kv.Reader) error {
		ts, err := s.everywhere(r, name)
		members = table.Members(ts)
		return err
	})
	return members, err
}

// alterGlobal calls fn with the tables called name of all regions, and stores
// what it makes of them. Nobody uses any of them meanwhile.
func (s *Service) alterGlobal(ctx context.Context, name string, fn func(g *globalTable) error) error {
	update := func(tx kv.Tx) error {
		ts, err := s.everywhere(tx, name)
		if err != nil {
			return err
		}
		g := &globalTable{Service: s, tx: tx, name: name}
		for _, t := range ts {
			g.tables = append(g.tables, t.Clone())
		}
		if err := fn(g); err != nil {
			return err
		}
		for _, t := range g.tables {
			if err := storeTable(tx, t, slices.Contains(g.added, t)); err != nil {
				return err
			}
		}
		return nil
	}
	locks := kv.Locks{Hold: s.everyDescriptor(name)}
	err := s.store.Update(ctx, locks, update)
	for errors.Is(err, replica.ErrBehind) {
		var members []*table.Table
		if members, err = s.members(ctx, name); err == nil && len(members) > 0 {
			err = s.catchUp(ctx, members[0])
		}
		if err == nil {
			err = s.store.Update(ctx, locks, update)
		}
	}
	if err == nil {
		s.wake()
	}
	return heldUp(err)
}

// members returns the tables that the global table has by now.
func (g *globalTable) members() []*table.Table { return table.Members(g.tables) }

// in returns the table of a region, or nil.
func (g *globalTable) in(region string) *table.Table {
	for _, t := range g.tables {
		if t.Region == region {
			return t
		}
	}
	return nil
}

// settled refuses to change tables that something is being done to.
func (g *globalTable) settled(ts []*table.Table) error {
	for _, t := range ts {
		if err := g.changeable(t); err != nil {
			return err
		}
		if t.Online() != nil {
			return busy(t)
		}
	}
	return nil
}

// source returns the table that the others are to be like: one that the global
// table has, or else the first that there is in some regions.
func (g *globalTable) source(regions []string) (*table.Table, error) {
	if members := g.members(); len(members) > 0 {
		return members[0], nil
	}
	for _, region := range regions {
		if t := g.in(region); t != nil {
			return t, nil
		}
	}
	return nil, api.NewTableNotFoundException("Table not found: " + g.name)
}

// add adds the tables of some regions to the global table. Where there is none it
// is made, with the items that the others have; where there is one, none of them
// may have items, so that all have the same.
func (g *globalTable) add(regions []string, global table.Global) error {
	source, err := g.source(regions)
	if err != nil {
		return err
	}
	old := g.members()
	for _, region := range regions {
		if t := g.in(region); t != nil {
			old = append(old, t)
		}
	}
	if err := g.fit(old, source); err != nil {
		return err
	}
	counted, err := figuresOf(g.tx, source)
	if err != nil {
		return err
	}
	for _, region := range regions {
		t := g.in(region)
		fresh := t == nil
		if fresh {
			t = g.make(region, source)
		}
		if t.Stream == nil || !t.Stream.Enabled {
			g.startStream(t, stream.BothViews)
			if err := g.relabel(g.tx, t); err != nil {
				return err
			}
		}
		t.Gather(g.members(), global)
		if !fresh {
			continue
		}
		g.tables, g.added = append(g.tables, t), append(g.added, t)
		m := membership{Service: g.In(g.account, source.Region), alteration: &alteration{Tx: g.tx, t: source, late: g.late}, figures: counted}
		if err := m.fill(t); err != nil {
			return err
		}
	}
	return nil
}

// make returns a new table like source in a region.
func (g *globalTable) make(region string, source *table.Table) *table.Table {
	t := source.Replica(table.NewID(), region)
	t.Created = g.now()
	t.State = g.passing(table.Creating)
	if source.SSE != nil {
		t.SSE = g.In(g.account, region).encryption(&api.SSESpecification{Enabled: api.Some(true)})
	}
	return t
}

// fit checks that tables that are there, with those that the global table has
// already, can be one.
func (g *globalTable) fit(ts []*table.Table, source *table.Table) error {
	if err := g.settled(ts); err != nil {
		return err
	}
	items := int64(0)
	for _, t := range ts {
		f, err := figuresOf(g.tx, t)
		if err != nil {
			return err
		}
		items += f.items
		switch {
		case t.Global != nil: // it may have changed since
		case t.Replicated():
			return invalid("%sTable %s in region %s is a replica of a global table of version %s", invalidValues, t.Name, t.Region, version2019)
		case t.Stream != nil && t.Stream.Enabled && t.Stream.View != stream.BothViews:
			return invalid("%sTable %s in region %s must have a stream with the view type %s", invalidValues, t.Name, t.Region, stream.BothViews)
		case !t.Alike(source):
			return invalid("%sTables %s in regions %s and %s must have the same key schema and indexes", invalidValues, t.Name, source.Region, t.Region)
		case slices.ContainsFunc(t.Keys().All(), func(k table.Key) bool { return strings.HasPrefix(k.Name, replica.StampPrefix) }):
			return invalid("%sTable %s has a key attribute whose name begins with %s", invalidValues, t.Name, replica.StampPrefix)
		}
	}
	newcomer := slices.ContainsFunc(ts, func(t *table.Table) bool { return t.Global == nil })
	if newcomer && len(ts) > 1 && items > 0 {
		return invalid("%sTables %s of all regions must be empty", invalidValues, g.name)
	}
	return nil
}

// remove takes the table of a region out of the global table. It stays what it is
// otherwise.
func (g *globalTable) remove(region string) {
	t := g.in(region)
	t.Part(slices.DeleteFunc(g.members(), func(m *table.Table) bool { return m == t }))
}

// states gives the global table a state.
func (g *globalTable) states(state table.State) {
	for _, m := range g.members() {
		m.Global.State = state
	}
}

// describeGlobalTable says what a global table is.
func (s *Service) describeGlobalTable(name string, members []*table.Table) *api.GlobalTableDescription {
	d := &api.GlobalTableDescription{
		ReplicationGroup:  []api.ReplicaDescription{},
		GlobalTableName:   api.Some(name),
		GlobalTableArn:    api.Some("arn:aws:dynamodb::" + s.account + ":global-table/" + name),
		GlobalTableStatus: api.Some(api.GlobalTableStatusDeleting), // of one that has no tables any more
	}
	filling := slices.ContainsFunc(members, func(m *table.Table) bool { return m.Filling != nil })
	for _, m := range members {
		d.GlobalTableStatus = api.Some(string(m.Global.State.At(s.now())))
		if filling && d.GlobalTableStatus.V == api.GlobalTableStatusActive {
			d.GlobalTableStatus = api.Some(api.GlobalTableStatusUpdating)
		}
		d.CreationDateTime = seconds(m.Global.Created)
		d.ReplicationGroup = append(d.ReplicationGroup, api.ReplicaDescription{
			RegionName: api.Some(m.Region), ReplicaStatus: api.Some(string(m.StatusAt(s.now()))),
		})
	}
	return d
}

// checkRegions checks regions that are to have replicas. It returns each once.
func checkRegions(regions []string) ([]string, error) {
	var once []string
	for _, region := range regions {
		if !slices.Contains(replicaRegionNames, region) {
			return nil, unsupported(region)
		}
		if !slices.Contains(once, region) {
			once = append(once, region)
		}
	}
	return once, nil
}

func noGlobalTable(name string) error {
	return api.NewGlobalTableNotFoundException("Global table with name: '" + name + "' does not exist.")
}

// notFoundGlobal is what operations say that only look.
func notFoundGlobal(name string) error {
	return api.NewGlobalTableNotFoundException("Global table not found: Global table with name: '" + name + "' does not exist.")
}
