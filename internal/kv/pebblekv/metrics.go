package pebblekv

// Metrics tells what the store takes of disk and memory, and how reads and
// compactions go.
func (s *store) Metrics() map[string]float64 {
	if s.gate.Enter() != nil {
		return nil
	}
	defer s.gate.Leave()
	m := s.db.Metrics()
	return map[string]float64{
		"disk_bytes":         float64(m.DiskSpaceUsage()),
		"wal_bytes":          float64(m.WAL.PhysicalSize),
		"memtable_bytes":     float64(m.MemTable.Size),
		"cache_bytes":        float64(m.BlockCache.Size),
		"cache_hits":         float64(m.BlockCache.Hits),
		"cache_misses":       float64(m.BlockCache.Misses),
		"flushes":            float64(m.Flush.Count),
		"compactions":        float64(m.Compact.Count),
		"compaction_debt":    float64(m.Compact.EstimatedDebt),
		"read_amplification": float64(m.ReadAmp()),
	}
}
