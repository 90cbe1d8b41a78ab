package main

func writeChecks(m *model, s *source) {
	for _, o := range m.operations {
		s.line("\n// Check reports broken constraints, all together.")
		s.line("func (v *%s) Check() error { return nil }", o.Input)
	}
}
