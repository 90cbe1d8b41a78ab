package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shown has tables as the Resource Browser shows them in languages that make
// tables, each beside the requests: NAME.json, NAME.tf and so on. What its tests write
// there is carried out here, and the tables are compared with those of the requests.
const shown = "../ui/src/definition/testdata"

// A definition is the requests that make a table.
type definition struct {
	Create     dynamodb.CreateTableInput
	TimeToLive string
	Replicas   []types.CreateReplicationGroupMemberAction
	Strong     bool // they are strongly consistent
	Witness    string
}

// eachDefinition runs a test for each of the definitions, with what NAME.json says.
func eachDefinition(t *testing.T, run func(t *testing.T, name string, want definition)) {
	t.Helper()
	files, err := filepath.Glob(shown + "/*.json")
	ok(t, err)
	if len(files) == 0 {
		t.Fatal("there are no definitions in ", shown)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			var asked struct {
				Definition dynamodb.CreateTableInput
				TimeToLive string
				Replicas   []struct{ Region, Class, Key string }
				Strong     *struct{ Witness string }
			}
			readJSON(t, contents(t, file), &asked)
			want := definition{Create: asked.Definition, TimeToLive: asked.TimeToLive}
			for _, r := range asked.Replicas {
				create := types.CreateReplicationGroupMemberAction{RegionName: &r.Region, TableClassOverride: types.TableClass(r.Class)}
				if r.Key != "" {
					create.KMSMasterKeyId = &r.Key
				}
				want.Replicas = append(want.Replicas, create)
			}
			if asked.Strong != nil {
				want.Strong, want.Witness = true, asked.Strong.Witness
			}
			run(t, name, want)
		})
	}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	ok(t, err)
	return raw
}

// readJSON reads one value, whose members must all be known.
func readJSON(t *testing.T, raw []byte, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Fatalf("more than one value\n%s", raw)
	}
}

// connectAs returns a client of an account, which has tables of its own.
func connectAs(url, account string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &url,
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider(account, "test", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   wholeBodies{http.DefaultClient},
	})
}

func (d definition) create(t *testing.T, db *dynamodb.Client) {
	t.Helper()
	name := *d.Create.TableName
	_, err := db.CreateTable(t.Context(), &d.Create)
	ok(t, err)
	if d.TimeToLive != "" {
		awaitTable(t, db, name)
		_, err := db.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName:               &name,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &d.TimeToLive, Enabled: aws.Bool(true)},
		})
		ok(t, err)
	}
	var updates []types.ReplicationGroupUpdate
	for _, r := range d.Replicas {
		updates = append(updates, types.ReplicationGroupUpdate{Create: &r})
	}
	if d.Strong {
		update := dynamodb.UpdateTableInput{TableName: &name, ReplicaUpdates: updates, MultiRegionConsistency: types.MultiRegionConsistencyStrong}
		if d.Witness != "" {
			create := &types.CreateGlobalTableWitnessGroupMemberAction{RegionName: &d.Witness}
			update.GlobalTableWitnessUpdates = []types.GlobalTableWitnessGroupUpdate{{Create: create}}
		}
		awaitTable(t, db, name)
		_, err := db.UpdateTable(t.Context(), &update)
		ok(t, err)
		updates = nil
	}
	for _, u := range updates {
		awaitTable(t, db, name)
		_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &name, ReplicaUpdates: []types.ReplicationGroupUpdate{u}})
		ok(t, err)
	}
	awaitTable(t, db, name)
}

// descriptionOf returns what there is to be seen of a table, but for what no two tables
// share, and in an order of its own: clients send lists of what has none in any.
func descriptionOf(t *testing.T, db *dynamodb.Client, name string) any {
	t.Helper()
	table, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	ok(t, err)
	tags, err := db.ListTagsOfResource(t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: table.Table.TableArn})
	ok(t, err)
	ttl, err := db.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	ok(t, err)

	account := strings.Split(*table.Table.TableArn, ":")[4]
	slices.SortFunc(table.Table.AttributeDefinitions, func(a, b types.AttributeDefinition) int {
		return strings.Compare(*a.AttributeName, *b.AttributeName)
	})
	slices.SortFunc(table.Table.Replicas, func(a, b types.ReplicaDescription) int {
		return strings.Compare(*a.RegionName, *b.RegionName)
	})
	slices.SortFunc(tags.Tags, func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	table.Table.TableId, table.Table.CreationDateTime = nil, nil
	if b := table.Table.BillingModeSummary; b != nil {
		b.LastUpdateToPayPerRequestDateTime = nil
	}
	table.Table.LatestStreamArn, table.Table.LatestStreamLabel = nil, nil
	raw, err := json.Marshal([]any{table.Table, tags.Tags, ttl.TimeToLiveDescription})
	ok(t, err)
	var v any
	readJSON(t, bytes.ReplaceAll(raw, []byte(":"+account+":"), []byte(":ACCOUNT:")), &v)
	return v
}

// samePolicy compares policies as what they say.
func samePolicy(t *testing.T, got, want *string) {
	t.Helper()
	says := func(policy *string) (v any) {
		if policy != nil {
			readJSON(t, []byte(*policy), &v)
		}
		return v
	}
	same(t, "policy", says(got), says(want))
}
