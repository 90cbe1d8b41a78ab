package api

// checkMore complains about an action that does nothing, in words of its own.
// Observed on AWS, October 2026.
func (v *TransactWriteItemsInput) checkMore(c *checker) {
	for i := range v.TransactItems {
		a := &v.TransactItems[i]
		if a.ConditionCheck == nil && a.Put == nil && a.Delete == nil && a.Update == nil {
			c.complain(nil, &rule{name: "TransactItems"}, constraintNull, "''",
				"TransactWriteRequest should contain Delete or Put or Update or ConditionCheck")
			return
		}
	}
}
