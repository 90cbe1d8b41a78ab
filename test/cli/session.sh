#!/usr/bin/env bash
# A session of the AWS CLI with one server: session.sh http://127.0.0.1:4566
# Runs with version 1 and with version 2 from 2.9 on.
endpoint=$1
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

aws --version

# Tables
equal status "$(value 'contains([`CREATING`, `ACTIVE`], TableDescription.TableStatus)' create-table --table-name Music \
	--attribute-definitions AttributeName=Artist,AttributeType=S AttributeName=Song,AttributeType=S AttributeName=Genre,AttributeType=S \
	--key-schema AttributeName=Artist,KeyType=HASH AttributeName=Song,KeyType=RANGE \
	--global-secondary-indexes 'IndexName=ByGenre,KeySchema=[{AttributeName=Genre,KeyType=HASH}],Projection={ProjectionType=ALL}' \
	--billing-mode PAY_PER_REQUEST)" true
db wait table-exists --table-name Music
equal keys "$(value 'Table.KeySchema[].AttributeName' describe-table --table-name Music)" '["Artist","Song"]'
equal index "$(value 'Table.GlobalSecondaryIndexes[].IndexName' describe-table --table-name Music)" '["ByGenre"]'
fails 'ResourceInUseException' create-table --table-name Music --attribute-definitions AttributeName=pk,AttributeType=S \
	--key-schema AttributeName=pk,KeyType=HASH --billing-mode PAY_PER_REQUEST
fails 'ResourceNotFoundException' describe-table --table-name None

for name in page-1 page-2 page-3; do
	db create-table --table-name $name --attribute-definitions AttributeName=pk,AttributeType=N \
		--key-schema AttributeName=pk,KeyType=HASH --provisioned-throughput ReadCapacityUnits=1,WriteCapacityUnits=1 >"$work/out"
done
equal tables "$(value 'TableNames[?starts_with(@, `page-`)]' list-tables --page-size 1)" '["page-1","page-2","page-3"]'
db list-tables --max-items 2 >"$work/page"
token=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["NextToken"])' <"$work/page")
equal 'the other tables' "$(value 'length(TableNames)' list-tables --starting-token "$token")" 2
for name in page-1 page-2 page-3; do
	db delete-table --table-name $name >"$work/out"
done

# Items
db put-item --table-name Music --item '{"Artist": {"S": "No One You Know"}, "Song": {"S": "Call Me Today"}, "Year": {"N": "1984"}, "Awards": {"L": [{"N": "1"}]}}'
key='{"Artist": {"S": "No One You Know"}, "Song": {"S": "Call Me Today"}}'
equal 'the year' "$(value 'Item.Year.N' get-item --table-name Music --key "$key" --consistent-read)" '"1984"'
equal 'no item' "$(db get-item --table-name Music --key '{"Artist": {"S": "x"}, "Song": {"S": "y"}}')" ''
equal 'the projection' "$(value 'Item' get-item --table-name Music --key "$key" --projection-expression 'Song')" '{"Song":{"S":"Call Me Today"}}'
equal 'the update' "$(value 'Attributes.[Plays.N, length(Awards.L)]' update-item --table-name Music --key "$key" \
	--update-expression 'SET #y = :y, Awards = list_append(Awards, :more) ADD Plays :n' \
	--expression-attribute-names '{"#y": "Year"}' \
	--expression-attribute-values '{":y": {"N": "1985"}, ":n": {"N": "3"}, ":more": {"L": [{"S": "new"}]}}' \
	--return-values ALL_NEW)" '["3",2]'
fails 'ConditionalCheckFailedException' put-item --table-name Music --item "$key" --condition-expression 'attribute_not_exists(Artist)'
equal 'the deleted item' "$(value 'Attributes.Plays.N' delete-item --table-name Music --key "$key" --return-values ALL_OLD)" '"3"'
equal 'capacity' "$(value 'ConsumedCapacity.TableName' get-item --table-name Music --key "$key" --return-consumed-capacity TOTAL)" '"Music"'

# Batches, from files as the guides have them
for batch in 0 1 2 3; do
	{
		printf '{"Music": ['
		for n in {0..9}; do
			[[ $n == 0 ]] || printf ','
			printf '{"PutRequest": {"Item": {"Artist": {"S": "artist"}, "Song": {"S": "song %d%d"}, "Genre": {"S": "genre %d"}}}}' $batch "$n" $((n % 2))
		done
		printf ']}'
	} >"$work/batch.json"
	equal 'unprocessed items' "$(value 'length(keys(UnprocessedItems))' batch-write-item --request-items "file://$work/batch.json")" 0
done
equal 'read in a batch' "$(value 'length(Responses.Music)' batch-get-item --request-items \
	'{"Music": {"Keys": [{"Artist": {"S": "artist"}, "Song": {"S": "song 00"}}, {"Artist": {"S": "artist"}, "Song": {"S": "song 39"}}, {"Artist": {"S": "artist"}, "Song": {"S": "song 99"}}]}}')" 2

# Queries, scans and their pages
values='{":a": {"S": "artist"}}'
equal 'a query' "$(value 'Items[].Song.S' query --table-name Music --key-condition-expression 'Artist = :a AND begins_with(Song, :s)' \
	--expression-attribute-values '{":a": {"S": "artist"}, ":s": {"S": "song 3"}}' --no-scan-index-forward --max-items 3)" \
	'["song 39","song 38","song 37"]'
db query --table-name Music --key-condition-expression 'Artist = :a' --expression-attribute-values "$values" --max-items 15 --page-size 4 >"$work/page"
token=$(python3 -c '
import json, sys
page = json.load(sys.stdin)
assert [i["Song"]["S"] for i in page["Items"]] == [f"song {n:02}" for n in range(15)], page
print(page["NextToken"])' <"$work/page")
equal 'the next page' "$(value 'Items[0].Song.S' query --table-name Music --key-condition-expression 'Artist = :a' \
	--expression-attribute-values "$values" --max-items 1 --starting-token "$token")" '"song 15"'
equal 'all pages' "$(value 'length(Items)' query --table-name Music --key-condition-expression 'Artist = :a' \
	--expression-attribute-values "$values" --page-size 7)" 40
equal 'an index' "$(value Count query --table-name Music --index-name ByGenre --key-condition-expression 'Genre = :g' \
	--expression-attribute-values '{":g": {"S": "genre 1"}}' --select COUNT)" 20
equal 'a scan' "$(value Count scan --table-name Music --filter-expression 'contains(Song, :s)' --expression-attribute-values '{":s": {"S": "9"}}')" 4
equal 'segments' "$(($(value Count scan --table-name Music --segment 0 --total-segments 2) + \
	$(value Count scan --table-name Music --segment 1 --total-segments 2)))" 40

# Transactions
cat >"$work/transaction.json" <<-'END'
	[
	  {"Put": {"TableName": "Music", "Item": {"Artist": {"S": "t"}, "Song": {"S": "1"}}}},
	  {"Update": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "2"}},
	              "UpdateExpression": "SET Plays = :p", "ExpressionAttributeValues": {":p": {"N": "7"}}}},
	  {"ConditionCheck": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "3"}}, "ConditionExpression": "attribute_not_exists(Artist)"}}
	]
END
for _ in 1 2; do # the token makes the second one a repetition
	db transact-write-items --transact-items "file://$work/transaction.json" --client-request-token cli-once
done
equal 'read in a transaction' "$(value 'Responses[].Item.Plays.N' transact-get-items --transact-items \
	'[{"Get": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "1"}}}}, {"Get": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "2"}}}}]')" '["7"]'
fails '[None, ConditionalCheckFailed]' transact-write-items --transact-items \
	'[{"Delete": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "1"}}}}, {"Delete": {"TableName": "Music", "Key": {"Artist": {"S": "t"}, "Song": {"S": "2"}}, "ConditionExpression": "Plays = :p", "ExpressionAttributeValues": {":p": {"N": "8"}}}}]'

# Errors: the service's, and those the CLI finds before it asks (252, or 255)
fails 'ValidationException' get-item --table-name Music --key '{"Artist": {"S": "x"}}'
fails 'The provided key element does not match the schema' get-item --table-name Music --key '{"Artist": {"N": "1"}, "Song": {"S": "y"}}'
fails 'ValidationException' put-item --table-name Music --item '{"Artist": {"S": "x"}, "Song": {"S": "y"}, "Number": {"N": "x"}}'
fails 'ResourceNotFoundException' scan --table-name None
status=0
db get-item --table-name Music >"$work/out" 2>&1 || status=$?
[[ $status == 252 || $status == 2 || $status == 255 ]] || { echo "a missing option: status $status" >&2; exit 1; }

# Changes of a table
db update-table --table-name Music --deletion-protection-enabled >"$work/out" 2>&1 && protected=yes || protected=no # 2.10 learned it
if [[ $protected == yes ]]; then
	fails 'ValidationException' delete-table --table-name Music
	db update-table --table-name Music --no-deletion-protection-enabled >"$work/out"
fi
equal 'the table class' "$(value 'TableDescription.TableName' update-table --table-name Music --table-class STANDARD_INFREQUENT_ACCESS)" '"Music"'
db delete-table --table-name Music >"$work/out"
db wait table-not-exists --table-name Music
fails 'ResourceNotFoundException' get-item --table-name Music --key "$key"
echo 'AWS CLI: ok'
