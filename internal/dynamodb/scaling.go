package dynamodb

import (
	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// scale sets how the capacity of t is to follow the use; nil leaves it.
func scale(t *table.Table, read, write *api.AutoScalingSettingsUpdate) {
	t.Scaling.Read, t.Scaling.Write = scaling(t.Scaling.Read, read), scaling(t.Scaling.Write, write)
}

// scaleIndex is scale for an index of t.
func scaleIndex(t *table.Table, name string, read, write *api.AutoScalingSettingsUpdate) {
	if t.Scaling.Indexes == nil {
		t.Scaling.Indexes = map[string]table.IndexScaling{}
	}
	was := t.Scaling.Indexes[name]
	t.Scaling.Indexes[name] = table.IndexScaling{Read: scaling(was.Read, read), Write: scaling(was.Write, write)}
}

// scaling returns what a request makes of what was set.
func scaling(set *table.AutoScaling, u *api.AutoScalingSettingsUpdate) *table.AutoScaling {
	switch {
	case u == nil:
		return set
	case u.AutoScalingDisabled.V:
		return nil
	}
	a := table.AutoScaling{}
	if set != nil {
		a = *set
	}
	a.Min, a.Max, a.Role = u.MinimumUnits.Or(a.Min), u.MaximumUnits.Or(a.Max), u.AutoScalingRoleArn.Or(a.Role)
	if p := u.ScalingPolicyUpdate; p != nil {
		c := p.TargetTrackingScalingPolicyConfiguration
		a.Policy = &table.ScalingPolicy{
			Name: p.PolicyName.V, Target: c.TargetValue.V,
			OnlyOut: pointer(c.DisableScaleIn), InAfter: pointer(c.ScaleInCooldown), OutAfter: pointer(c.ScaleOutCooldown),
		}
	}
	return &a
}

func describeScaling(a *table.AutoScaling) *api.AutoScalingSettingsDescription {
	if a == nil {
		return &api.AutoScalingSettingsDescription{AutoScalingDisabled: api.Some(true)}
	}
	d := &api.AutoScalingSettingsDescription{MinimumUnits: unlessZero(a.Min), MaximumUnits: unlessZero(a.Max), AutoScalingRoleArn: unlessZero(a.Role)}
	if p := a.Policy; p != nil {
		d.ScalingPolicies = []api.AutoScalingPolicyDescription{{
			PolicyName: unlessZero(p.Name),
			TargetTrackingScalingPolicyConfiguration: &api.AutoScalingTargetTrackingScalingPolicyConfigurationDescription{
				DisableScaleIn: optional(p.OnlyOut), ScaleInCooldown: optional(p.InAfter), ScaleOutCooldown: optional(p.OutAfter), TargetValue: api.Some(p.Target),
			},
		}}
	}
	return d
}

func unlessZero[T comparable](v T) api.Opt[T] {
	var zero T
	return api.Opt[T]{V: v, Set: v != zero}
}

func pointer[T any](o api.Opt[T]) *T {
	if !o.Set {
		return nil
	}
	return &o.V
}

func optional[T any](p *T) api.Opt[T] {
	if p == nil {
		return api.Opt[T]{}
	}
	return api.Some(*p)
}
