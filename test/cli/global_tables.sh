#!/usr/bin/env bash
# Global tables as users of LocalStack know them, and without the limits that
# they know there: global_tables.sh http://127.0.0.1:4566
endpoint=$1
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

# LocalStack's wrapper is the CLI with an endpoint.
awslocal() { aws --endpoint-url "$endpoint" --output json "$@"; }

find() { # find EXPRESSION: in the JSON on standard input, as one line of JSON
	python3 -c '
import json, sys
found = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    found = [f.get(name) for f in found] if isinstance(found, list) else found.get(name)
print(json.dumps(found, separators=(",", ":"), sort_keys=True))' "$1"
}

# The walk-through, word for word.
created=$(awslocal dynamodb create-table --table-name global01 --key-schema AttributeName=id,KeyType=HASH --attribute-definitions AttributeName=id,AttributeType=S --billing-mode PAY_PER_REQUEST --region ap-south-1)
equal 'status of the table' "$(find TableDescription.TableStatus <<<"$created")" '"ACTIVE"'
equal ARN "$(find TableDescription.TableArn <<<"$created")" '"arn:aws:dynamodb:ap-south-1:000000000000:table/global01"'
[[ $(find TableDescription.TableId <<<"$created") =~ ^\"[0-9a-f-]{36}\"$ ]]
[[ $(find TableDescription.CreationDateTime <<<"$created") != null ]]

updated=$(awslocal dynamodb update-table --table-name global01 --replica-updates '[{"Create": {"RegionName": "eu-central-1"}}, {"Create": {"RegionName": "us-west-1"}}]' --region ap-south-1)
equal 'status of the global table' "$(find TableDescription.TableStatus <<<"$updated")" '"ACTIVE"'
equal replicas "$(find TableDescription.Replicas.RegionName <<<"$updated")" '["eu-central-1","us-west-1"]'
equal 'status of the replicas' "$(find TableDescription.Replicas.ReplicaStatus <<<"$updated")" '["ACTIVE","ACTIVE"]'

listed=$(awslocal dynamodb list-tables --region eu-central-1)
equal tables "$(find TableNames <<<"$listed")" '["global01"]'
awslocal dynamodb put-item --table-name global01 --item '{"id":{"S":"foo"}}' --region eu-central-1
described=$(awslocal dynamodb describe-table --table-name global01 --query 'Table.ItemCount' --region ap-south-1)
equal items "$described" 1
[[ $(curl -sS -X DELETE "$endpoint//_aws/dynamodb/expired") =~ ^\{\"ExpiredItems\":\ [0-9]+\}$ ]]

# Streams: in every region, with labels of their own and the writes of all.
for region in ap-south-1 us-west-1; do
	arn=$(awslocal dynamodb describe-table --table-name global01 --region $region --query Table.LatestStreamArn --output text)
	[[ $arn == arn:aws:dynamodb:$region:000000000000:table/global01/stream/* ]]
	seen=0
	for shard in $(awslocal dynamodbstreams describe-stream --stream-arn "$arn" --region $region --query 'StreamDescription.Shards[].ShardId' --output text); do
		iterator=$(awslocal dynamodbstreams get-shard-iterator --stream-arn "$arn" --shard-id "$shard" --shard-iterator-type TRIM_HORIZON --region $region --query ShardIterator --output text)
		seen=$((seen + $(awslocal dynamodbstreams get-records --shard-iterator "$iterator" --region $region --query 'length(Records)')))
	done
	equal "records in $region" $seen 1
done

# Batches, transactions and PartiQL through a replica.
awslocal dynamodb batch-write-item --request-items '{"global01":[{"PutRequest":{"Item":{"id":{"S":"bar"}}}}]}' --region us-west-1 >"$work/out"
awslocal dynamodb transact-write-items --transact-items '[{"Put":{"TableName":"global01","Item":{"id":{"S":"baz"}}}}]' --region eu-central-1
awslocal dynamodb execute-statement --statement "INSERT INTO global01 VALUE {'id':'qux'}" --region us-west-1 >"$work/out"
found=$(awslocal dynamodb batch-get-item --request-items '{"global01":{"Keys":[{"id":{"S":"bar"}},{"id":{"S":"baz"}},{"id":{"S":"qux"}}]}}' --region ap-south-1)
equal 'items of a batch' "$(find Responses.global01.id.S <<<"$found")" '["bar","baz","qux"]'

# A region is cut off, both sides write, and when it is healed the last has won on both.
curl -sSf -X POST "$endpoint/_admin/replication" -d '{"isolate":["us-west-1"]}' >"$work/out"
awslocal dynamodb put-item --table-name global01 --item '{"id":{"S":"foo"},"by":{"S":"us"}}' --region us-west-1
awslocal dynamodb put-item --table-name global01 --item '{"id":{"S":"foo"},"by":{"S":"eu"}}' --region eu-central-1
for side in us-west-1:us eu-central-1:eu; do
	equal "item in ${side%:*}, cut off" "$(awslocal dynamodb get-item --table-name global01 --key '{"id":{"S":"foo"}}' --query Item.by.S --region "${side%:*}")" "\"${side#*:}\""
done
healed=$(curl -sSf -X POST "$endpoint/_admin/replication" -d '{"heal":["*"],"flush":true}')
equal 'winners of conflicts' "$(find conflicts.winner.region <<<"$healed")" '["eu-central-1"]'
for region in ap-south-1 eu-central-1 us-west-1; do
	equal "item in $region, healed" "$(awslocal dynamodb get-item --table-name global01 --key '{"id":{"S":"foo"}}' --query Item.by.S --region $region)" '"eu"'
done

# The region it began in can go, and the others keep their data.
awslocal dynamodb update-table --table-name global01 --replica-updates '[{"Delete": {"RegionName": "ap-south-1"}}]' --region us-west-1 >"$work/out"
fails ResourceNotFoundException describe-table --table-name global01 --region ap-south-1
equal 'items of a replica' "$(awslocal dynamodb describe-table --table-name global01 --query 'Table.ItemCount' --region us-west-1)" 4

# So can the one that DeleteTable is asked for; what is left is a table.
awslocal dynamodb delete-table --table-name global01 --region eu-central-1 >"$work/out"
left=$(awslocal dynamodb describe-table --table-name global01 --region us-west-1)
equal 'items that are left' "$(find Table.ItemCount <<<"$left")" 4
equal 'replicas that are left' "$(find Table.Replicas <<<"$left")" null
awslocal dynamodb delete-table --table-name global01 --region us-west-1 >"$work/out"
