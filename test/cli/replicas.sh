#!/usr/bin/env bash
# What else users ask of global tables: replicas.sh http://127.0.0.1:4566, and after
# a restart with the same data replicas.sh again http://127.0.0.1:4566
phase=$1
endpoint=${!#}
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

hash=(--key-schema AttributeName=id,KeyType=HASH --attribute-definitions AttributeName=id,AttributeType=S --billing-mode PAY_PER_REQUEST)
replicas() { db update-table --table-name "$1" --region "$2" --replica-updates "$3" >"$work/out"; }
call() { # call OPERATION REGION BODY: for what the CLI is too old for
	curl -sS "$endpoint" -H "X-Amz-Target: DynamoDB_20120810.$1" -H 'Content-Type: application/x-amz-json-1.0' \
		-H "Authorization: AWS4-HMAC-SHA256 Credential=test/20261122/$2/dynamodb/aws4_request, SignedHeaders=host, Signature=0" -d "$3"
}

if [[ $phase == again ]]; then
	# What was cut off when the server ended is cut off still, and nothing is lost.
	equal 'replicas after a restart' "$(value 'Table.Replicas[].RegionName' describe-table --table-name kept --region eu-west-1)" '["us-east-1"]'
	equal 'item on the other side' "$(value Item get-item --table-name kept --key '{"id":{"S":"queued"}}' --region us-east-1)" null
	curl -sSf -X POST "$endpoint/_admin/replication" -d '{"heal":["*"],"flush":true}' >"$work/out"
	equal 'item that was on its way' "$(value Item.id.S get-item --table-name kept --key '{"id":{"S":"queued"}}' --region us-east-1)" '"queued"'
	exit
fi

# Tables of one name in two regions have nothing to do with each other.
for region in us-east-1 eu-west-1; do
	db create-table --table-name apart "${hash[@]}" --region $region >"$work/out"
done
db put-item --table-name apart --item '{"id":{"S":"here"}}' --region us-east-1
equal 'items of another table' "$(value Count scan --table-name apart --region eu-west-1)" 0
equal 'replicas of a table' "$(value Table.Replicas describe-table --table-name apart --region us-east-1)" null

# Each replica is a table of its own, and names the others.
db create-table --table-name music "${hash[@]}" --region us-east-1 >"$work/out"
replicas music us-east-1 '[{"Create":{"RegionName":"eu-west-1"}}]'
replicas music us-east-1 '[{"Create":{"RegionName":"ap-south-1"}}]'
equal 'the others, in us-east-1' "$(value 'sort(Table.Replicas[].RegionName)' describe-table --table-name music --region us-east-1)" '["ap-south-1","eu-west-1"]'
equal 'the others, in eu-west-1' "$(value 'sort(Table.Replicas[].RegionName)' describe-table --table-name music --region eu-west-1)" '["ap-south-1","us-east-1"]'
ids=$(for region in us-east-1 eu-west-1 ap-south-1; do value Table.TableId describe-table --table-name music --region $region; done | sort -u | wc -l)
equal 'table ids' "$((ids))" 3
equal ARN "$(value Table.TableArn describe-table --table-name music --region eu-west-1)" '"arn:aws:dynamodb:eu-west-1:000000000000:table/music"'

# An index that is added in one region is in all.
db update-table --table-name music --region ap-south-1 --attribute-definitions AttributeName=genre,AttributeType=S \
	--global-secondary-index-updates '[{"Create":{"IndexName":"by-genre","KeySchema":[{"AttributeName":"genre","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]' >"$work/out"
db put-item --table-name music --item '{"id":{"S":"a"},"genre":{"S":"soul"}}' --region us-east-1
for region in us-east-1 eu-west-1 ap-south-1; do
	for _ in $(seq 100); do # until it is filled
		[[ $(value 'Table.GlobalSecondaryIndexes[0].IndexStatus' describe-table --table-name music --region $region) == '"ACTIVE"' ]] && break
	done
	equal "items of the index in $region" "$(value Count query --table-name music --index-name by-genre --key-condition-expression 'genre = :g' --expression-attribute-values '{":g":{"S":"soul"}}' --region $region)" 1
done

# A replica can have settings of its own, and its indexes, too.
replicas music us-east-1 '[{"Update":{"RegionName":"eu-west-1","ReplicaTableClassOverride":"STANDARD_INFREQUENT_ACCESS"}}]' 2>"$work/err" ||
	call UpdateTable us-east-1 '{"TableName":"music","ReplicaUpdates":[{"Update":{"RegionName":"eu-west-1","TableClassOverride":"STANDARD_INFREQUENT_ACCESS","GlobalSecondaryIndexes":[{"IndexName":"by-genre","OnDemandThroughputOverride":{"MaxReadRequestUnits":7}}]}}]}' >"$work/out"
equal 'class of the replica' "$(value Table.TableClassSummary.TableClass describe-table --table-name music --region eu-west-1)" '"STANDARD_INFREQUENT_ACCESS"'
equal 'class of the others' "$(value Table.TableClassSummary.TableClass describe-table --table-name music --region us-east-1)" null
[[ $(call DescribeTable ap-south-1 '{"TableName":"music"}') == *'"IndexName":"by-genre","OnDemandThroughputOverride":{"MaxReadRequestUnits":7}'* ]]

# What expires is deleted in all regions, and only one says that the service did it.
db update-time-to-live --table-name music --time-to-live-specification Enabled=true,AttributeName=until --region us-east-1 >"$work/out"
db put-item --table-name music --item '{"id":{"S":"old"},"until":{"N":"'"$(($(date +%s) - 60))"'"}}' --region eu-west-1
[[ $(curl -sS -X DELETE "$endpoint/_aws/dynamodb/expired") == *'"ExpiredItems": 1'* ]]
by=0
for region in us-east-1 eu-west-1 ap-south-1; do
	equal "expired item in $region" "$(value Item get-item --table-name music --key '{"id":{"S":"old"}}' --region $region)" null
	arn=$(aws --endpoint-url "$endpoint" dynamodb describe-table --table-name music --region $region --query Table.LatestStreamArn --output text)
	for shard in $(aws --endpoint-url "$endpoint" dynamodbstreams describe-stream --stream-arn "$arn" --region $region --query 'StreamDescription.Shards[].ShardId' --output text); do
		iterator=$(aws --endpoint-url "$endpoint" dynamodbstreams get-shard-iterator --stream-arn "$arn" --shard-id "$shard" --shard-iterator-type TRIM_HORIZON --region $region --query ShardIterator --output text)
		records=$(aws --endpoint-url "$endpoint" --output json dynamodbstreams get-records --shard-iterator "$iterator" --region $region)
		[[ $records != *dynamodb.amazonaws.com* ]] || by=$((by + 1))
	done
done
equal 'regions that deleted it' $by 1

# Strong consistency: two replicas and a witness, in one call.
db create-table --table-name strong "${hash[@]}" --region us-east-1 >"$work/out"
call UpdateTable us-east-1 '{"TableName":"strong","MultiRegionConsistency":"STRONG","ReplicaUpdates":[{"Create":{"RegionName":"us-east-2"}}],"GlobalTableWitnessUpdates":[{"Create":{"RegionName":"us-west-2"}}]}' >"$work/out"
[[ $(call DescribeTable us-east-2 '{"TableName":"strong"}') == *'"MultiRegionConsistency":"STRONG"'* ]]
db put-item --table-name strong --item '{"id":{"S":"a"}}' --region us-east-1
equal 'consistent read' "$(value Item.id.S get-item --table-name strong --key '{"id":{"S":"a"}}' --consistent-read --region us-east-2)" '"a"'
fails ResourceNotFoundException describe-table --table-name strong --region us-west-2

# What Terraform does for a table with a replica block: it makes the table, then the
# replica, reads much, and takes the replica away before the table.
db create-table --table-name terraform "${hash[@]}" --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES >"$work/out"
replicas terraform us-east-1 '[{"Create":{"RegionName":"us-west-2"}}]'
equal 'status of the replica' "$(value 'Table.Replicas[].ReplicaStatus' describe-table --table-name terraform)" '["ACTIVE"]'
db describe-time-to-live --table-name terraform --region us-west-2 >"$work/out"
db list-tags-of-resource --resource-arn arn:aws:dynamodb:us-west-2:000000000000:table/terraform --region us-west-2 >"$work/out"
replicas terraform us-east-1 '[{"Delete":{"RegionName":"us-west-2"}}]'
equal 'replicas afterwards' "$(value Table.Replicas describe-table --table-name terraform)" null
fails ResourceNotFoundException describe-table --table-name terraform --region us-west-2
db delete-table --table-name terraform >"$work/out"

# A table that keeps its group and its queue over a restart: see above.
db create-table --table-name kept "${hash[@]}" --region us-east-1 >"$work/out"
replicas kept us-east-1 '[{"Create":{"RegionName":"eu-west-1"}}]'
curl -sSf -X POST "$endpoint/_admin/replication" -d '{"isolate":["eu-west-1"]}' >"$work/out"
db put-item --table-name kept --item '{"id":{"S":"queued"}}' --region eu-west-1
