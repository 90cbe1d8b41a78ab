package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

func TestTablesPage(t *testing.T) {
	var list []dynamodb.Listed
	var failure error
	s := New(Config{})
	s.Handle("GET /_admin/tables", Tables(func(context.Context) ([]dynamodb.Listed, error) { return list, failure }))
	p := page{s, "/_admin/tables"}
	list = []dynamodb.Listed{}
	p.expect(t, "GET", "", `200 {"tables":[]}`)
	list = append(list, dynamodb.Listed{
		Account: "000000000000", Region: "us-east-1", Name: "music", ARN: "arn", Status: "ACTIVE", Created: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		BillingMode: "PAY_PER_REQUEST", Class: "STANDARD", Items: 3, Bytes: 40, Replicas: []string{"eu-west-1"},
	})
	p.expect(t, "GET", "", `200 {"tables":[{"account":"000000000000","region":"us-east-1","name":"music","arn":"arn","status":"ACTIVE","created":"2026-11-22T12:00:00Z",`+
		`"billingMode":"PAY_PER_REQUEST","class":"STANDARD","items":3,"bytes":40,"globalIndexes":0,"localIndexes":0,"replicas":["eu-west-1"]}]}`)
	failure = errors.New("the disk is gone")
	p.expect(t, "GET", "", `500 the disk is gone`)
	p.expect(t, "GET", "", `403 `, "Origin: https://evil.example")
}
