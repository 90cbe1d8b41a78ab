package e2e

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The three ways that docs/admin-api.md shows to have reads explained.
func TestGoSDKIsExplainedReads(t *testing.T) {
	ownServer(t)
	db := connect(t, endpoint(t))
	name := newTable(t, db, "explain")
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"}}
	in := &dynamodb.GetItemInput{TableName: &name, Key: key}
	out, err := db.GetItem(t.Context(), in, dynamodb.WithAPIOptions(smithyhttp.AddHeaderValue("x-srv-explain", "1")))
	ok(t, err)
	header := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response).Header.Get("x-srv-explain")
	text, err := base64.StdEncoding.DecodeString(header)
	ok(t, err)
	var explained struct{ Operation, KeyCondition string }
	ok(t, json.Unmarshal(text, &explained))
	same(t, "operation", explained.Operation, "GetItem")
	same(t, "key condition", explained.KeyCondition, "pk = 'a' AND sk = 'b'")
}

func TestBoto3IsExplainedReads(t *testing.T) {
	ownServer(t)
	session(t, pythonWithBoto3(t), "python/explain.py")
}

func TestJavaScriptIsExplainedReads(t *testing.T) {
	ownServer(t)
	node := require(t, "node")
	if _, err := os.Stat("js/node_modules/@aws-sdk/client-dynamodb"); err != nil {
		missing(t, "the SDK for JavaScript is not in test/js/node_modules")
	}
	session(t, node, "js/explain.mjs")
}
