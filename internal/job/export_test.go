package job

// LoadsStandStill has r have found the loads that it has found a while ago.
func (r *Runner) LoadsStandStill() {
	for key, seen := range r.loads {
		seen.since = seen.since.Add(-loadPatience)
		r.loads[key] = seen
	}
}
