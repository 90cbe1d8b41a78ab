//go:build race

package dynamodb_test

func init() { raced = true }
