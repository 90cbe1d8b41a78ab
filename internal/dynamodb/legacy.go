package dynamodb

import (
	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

var errLegacy error = api.NewUnknownOperationException("parameters of before there were expressions are not implemented yet")

func (g *guard) legacy() (*expr.Condition, error) { return nil, errLegacy }
func legacyUpdate(api.Map[api.AttributeValueUpdate]) (*expr.Update, error) { return nil, errLegacy }
func legacyKeyConditions(api.Map[api.Condition]) (*expr.KeyCondition, error) { return nil, errLegacy }
func legacyFilter(api.Map[api.Condition], api.Opt[string], attr.Layer) (*expr.Condition, error) { return nil, errLegacy }
