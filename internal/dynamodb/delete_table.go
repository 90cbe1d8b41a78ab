package dynamodb

import (
	"cmp"
	"context"
	"errors"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// DeleteTable removes a table by removing its descriptor, so it takes no
// longer for a large table than for a small one. What the table holds is
// cleared away later; nobody can reach it any more.
func (s *Service) DeleteTable(ctx context.Context, in *api.DeleteTableInput) (*api.DeleteTableOutput, error) {
	name := s.tableOf(in.TableName.V)
	var gone *table.Table
	var counted figures
	err := s.alter(ctx, name, nil, func(a *alteration) error {
		t := a.t
		if err := cmp.Or(a.complete(s.now()), s.changeable(t)); err != nil {
			return err
		}
		if t.Strong {
			return notSingly()
		}
		if t.Online() != nil {
			return api.NewResourceInUseException(inUse + "Cannot delete table while indexes are being created, updated, or deleted.")
		}
		if t.Protected {
			return invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		var err error
		if counted, err = figuresOf(a, t); err != nil {
			return err
		}
		gone, err = s.remove(a, t)
		return err
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	if err != nil {
		return nil, err
	}
	s.wake()
	return &api.DeleteTableOutput{TableDescription: s.describe(gone, counted, nil)}, nil
}

// remove takes t, the altered table or one of its replicas, out of the
// catalogue, or marks it as on its way out, and leaves what it holds to be
// cleared away. Its streams can be read for a day, and its replicas stay.
func (s *Service) remove(tx *alteration, t *table.Table) (*table.Table, error) {
	now := s.now()
	if err := s.settle(tx); err != nil {
		return nil, err
	}
	tx.part(t)
	tx.gone = append(tx.gone, t)
	tx.Set(t.Bury(nil).Key, []byte(t.Name))
	if left := t.Remains(now); left != nil {
		raw, err := left.Encode()
		if err != nil {
			return nil, err
		}
		tx.Set(left.RemainsKey(), raw)
	}
	t.State = table.State{Status: table.Deleting, Since: now, Until: now.Add(s.cfg.TransientStatus)}
	if t.Gone(now) {
		tx.Delete(t.DescriptorKey())
		return t, nil
	}
	raw, err := t.Encode()
	tx.Set(t.DescriptorKey(), raw)
	return t, err
}

// changeable reports whether t is in a state in which it can be changed.
func (s *Service) changeable(t *table.Table) error {
	doing := ""
	switch t.StatusAt(s.now()) {
	case table.Creating:
		doing = "created"
	case table.Updating:
		doing = "updated"
	case table.Deleting:
		doing = "deleted"
	default:
		return nil
	}
	return api.NewResourceInUseException(inUse + "Table is being " + doing + ": " + t.Name)
}
