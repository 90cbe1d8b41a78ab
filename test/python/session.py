"""A session of boto3, its client and its resource API, with one server.

    python3 session.py http://127.0.0.1:4566

It ends with an AssertionError or an exception of boto3 when something is not
as on AWS. Runs with boto3 1.26 and later.
"""

import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
session = boto3.session.Session(
    aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
)
config = Config(retries={"max_attempts": 0}, connect_timeout=10, read_timeout=60)
client = session.client("dynamodb", endpoint_url=endpoint, config=config)
resource = session.resource("dynamodb", endpoint_url=endpoint, config=config)

WAIT = {"Delay": 1, "MaxAttempts": 60}


def equal(got, want, what="values"):
    assert got == want, f"{what}: got {got!r}, want {want!r}"


def fails(code, call, **arguments):
    """Checks that a call fails with a code, and returns the error."""
    try:
        answer = call(**arguments)
    except ClientError as e:
        equal(e.response["Error"]["Code"], code, str(e))
        equal(e.response["ResponseMetadata"]["HTTPStatusCode"], 400, "status")
        return e
    raise AssertionError(f"{code} expected, got {answer!r}")


def check_every_response():
    """Compares each response with its checksum from now on; returns the list
    that grows by each one's request id."""
    seen = []

    def checking(send):
        def sent(request):
            response = send(request)
            checksum = response.headers.get("x-amz-crc32")
            assert checksum is not None, "no x-amz-crc32"
            equal(int(checksum), zlib.crc32(response.content), "x-amz-crc32")
            seen.append(response.headers["x-amzn-requestid"])
            return response

        return sent

    for c in (client, resource.meta.client):  # the resource has its own
        http = c._endpoint.http_session
        http.send = checking(http.send)
    return seen


def tables():
    definition = dict(
        TableName="music",
        AttributeDefinitions=[
            {"AttributeName": "artist", "AttributeType": "S"},
            {"AttributeName": "song", "AttributeType": "S"},
            {"AttributeName": "genre", "AttributeType": "S"},
            {"AttributeName": "year", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "artist", "KeyType": "HASH"},
            {"AttributeName": "song", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-genre",
                "KeySchema": [
                    {"AttributeName": "genre", "KeyType": "HASH"},
                    {"AttributeName": "year", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-year",
                "KeySchema": [
                    {"AttributeName": "artist", "KeyType": "HASH"},
                    {"AttributeName": "year", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    made = client.create_table(**definition)["TableDescription"]
    assert made["TableStatus"] in ("CREATING", "ACTIVE"), made["TableStatus"]
    client.get_waiter("table_exists").wait(TableName="music", WaiterConfig=WAIT)
    e = fails("ResourceInUseException", client.create_table, **definition)
    assert isinstance(e, client.exceptions.ResourceInUseException), type(e)

    table = client.describe_table(TableName="music")["Table"]
    equal(table["TableStatus"], "ACTIVE")
    equal(table["ProvisionedThroughput"]["ReadCapacityUnits"], 5)
    equal([i["IndexName"] for i in table["GlobalSecondaryIndexes"]], ["by-genre"])
    equal([i["IndexName"] for i in table["LocalSecondaryIndexes"]], ["by-year"])
    equal(table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"], 5)
    assert table["CreationDateTime"].year >= 2024, table["CreationDateTime"]

    described = resource.Table("music")
    equal(described.table_status, "ACTIVE")
    equal(described.item_count, 0)
    equal([k["AttributeName"] for k in described.key_schema], ["artist", "song"])

    for n in range(5):
        resource.create_table(
            TableName=f"page-{n}",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        ).wait_until_exists()
    pages = list(client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) >= 3 and all(len(p["TableNames"]) <= 2 for p in pages), pages
    names = [name for p in pages for name in p["TableNames"]]
    assert {f"page-{n}" for n in range(5)} | {"music"} <= set(names), names
    equal(names, sorted(names), "order of tables")
    assert "page-3" in [t.name for t in resource.tables.all()]
    for n in range(5):
        client.delete_table(TableName=f"page-{n}")
        client.get_waiter("table_not_exists").wait(TableName=f"page-{n}", WaiterConfig=WAIT)
    e = fails("ResourceNotFoundException", client.describe_table, TableName="page-0")
    assert isinstance(e, client.exceptions.ResourceNotFoundException), type(e)
    assert "page-0" in e.response["Error"]["Message"], e

    client.update_table(
        TableName="music", ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 6}
    )
    client.get_waiter("table_exists").wait(TableName="music", WaiterConfig=WAIT)
    table = client.describe_table(TableName="music")["Table"]
    equal(table["ProvisionedThroughput"]["ReadCapacityUnits"], 7)

    assert client.describe_limits()["TableMaxReadCapacityUnits"] > 0
    assert client.describe_endpoints()["Endpoints"][0]["Address"]


def items():
    table = resource.Table("music")
    song = {
        "artist": "No One You Know",
        "song": "Call Me Today",
        "genre": "country",
        "year": Decimal("1984"),
        "price": Decimal("12.345678901234567890123456789012345678"),
        "live": False,
        "label": None,
        "cover": Binary(b"\x00\x01\xff"),
        "tags": {"old", "slow"},
        "lengths": {Decimal("3.5"), Decimal("-1")},
        "blobs": {Binary(b"a"), Binary(b"b")},
        "credits": {"band": ["Ann", {"name": "Bob", "plays": ["bass", "drums"]}], "empty": {}, "none": []},
        "empty": "",
    }
    answer = table.put_item(Item=song, ReturnConsumedCapacity="TOTAL")
    equal(answer["ConsumedCapacity"]["TableName"], "music")
    assert answer["ConsumedCapacity"]["CapacityUnits"] >= 1, answer
    key = {"artist": "No One You Know", "song": "Call Me Today"}
    equal(table.get_item(Key=key, ConsistentRead=True)["Item"], song, "the item")
    assert "Item" not in table.get_item(Key={"artist": "x", "song": "y"})

    # The same by the client, with serializers.
    serialize, deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize
    wire = {name: serialize(value) for name, value in key.items()}
    got = client.get_item(TableName="music", Key=wire)["Item"]
    equal({name: deserialize(value) for name, value in got.items()}, song, "the wire's item")
    got = client.get_item(
        TableName="music",
        Key=wire,
        ProjectionExpression="credits.band[1].#n, #y",
        ExpressionAttributeNames={"#n": "name", "#y": "year"},
    )["Item"]
    equal(got, {"credits": {"M": {"band": {"L": [{"M": {"name": {"S": "Bob"}}}]}}}, "year": {"N": "1984"}})

    answer = table.update_item(
        Key=key,
        UpdateExpression="SET price = :p, credits.band[0] = :z, plays = if_not_exists(plays, :none) + :one "
        "REMOVE live ADD lengths :l DELETE tags :t",
        ExpressionAttributeValues={
            ":p": Decimal("1.5"), ":z": "Zoe", ":none": 0, ":one": 1, ":l": {Decimal(4)}, ":t": {"slow"},
        },
        ReturnValues="ALL_NEW",
    )
    want = dict(song, price=Decimal("1.5"), plays=1, tags={"old"}, lengths=song["lengths"] | {Decimal(4)})
    want["credits"] = {"band": ["Zoe"] + song["credits"]["band"][1:], "empty": {}, "none": []}
    del want["live"]
    equal(answer["Attributes"], want, "ALL_NEW")

    e = fails(
        "ConditionalCheckFailedException",
        table.put_item,
        Item=key,
        ConditionExpression=Attr("artist").not_exists() | Attr("year").lt(1900),
    )
    equal(e.response["Error"]["Message"], "The conditional request failed")
    e = fails(
        "ConditionalCheckFailedException",
        client.delete_item,
        TableName="music",
        Key=wire,
        ConditionExpression="plays > :n",
        ExpressionAttributeValues={":n": {"N": "5"}},
        **({"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if knows_old_on_failure() else {}),
    )
    if knows_old_on_failure():
        equal(e.response["Item"]["plays"], {"N": "1"})
    answer = table.delete_item(Key=key, ConditionExpression=Attr("plays").eq(1), ReturnValues="ALL_OLD")
    equal(answer["Attributes"], want, "ALL_OLD")

    # Legacy parameters do what expressions do.
    client.put_item(TableName="music", Item=wire, Expected={"artist": {"Exists": False}})
    fails("ConditionalCheckFailedException", client.put_item, TableName="music", Item=wire, Expected={"artist": {"Exists": False}})
    answer = client.update_item(
        TableName="music",
        Key=wire,
        AttributeUpdates={"plays": {"Action": "ADD", "Value": {"N": "2"}}, "genre": {"Value": {"S": "folk"}}},
        ReturnValues="UPDATED_NEW",
    )
    equal(answer["Attributes"], {"plays": {"N": "2"}, "genre": {"S": "folk"}})
    got = client.get_item(TableName="music", Key=wire, AttributesToGet=["plays"])
    equal(got["Item"], {"plays": {"N": "2"}})
    client.delete_item(TableName="music", Key=wire)


def knows_old_on_failure():
    shape = client.meta.service_model.operation_model("DeleteItem").input_shape
    return "ReturnValuesOnConditionCheckFailure" in shape.members


def queries():
    table = resource.Table("music")
    genres = ["rock", "jazz", "folk"]
    with table.batch_writer(overwrite_by_pkeys=["artist", "song"]) as batch:
        for n in range(120):
            batch.put_item(
                Item={
                    "artist": f"artist {n % 4}", "song": f"song {n:03}", "genre": genres[n % 3], "year": 1900 + n,
                    "note": "x" * 200,
                }
            )
        batch.put_item(Item={"artist": "artist 0", "song": "song 000", "genre": "jazz", "year": 1900})  # again
        batch.delete_item(Key={"artist": "artist 3", "song": "song 119"})

    answer = table.query(KeyConditionExpression=Key("artist").eq("artist 1"))
    equal(answer["Count"], 30)
    equal([i["song"] for i in answer["Items"]], [f"song {n:03}" for n in range(1, 120, 4)])
    answer = table.query(
        KeyConditionExpression=Key("artist").eq("artist 2") & Key("song").between("song 010", "song 030"),
        ScanIndexForward=False,
        FilterExpression=Attr("genre").is_in(["rock", "folk"]) & ~Attr("year").eq(1918),
        ProjectionExpression="song, #y",
        ExpressionAttributeNames={"#y": "year"},
    )
    equal(
        answer["Items"],
        [{"song": f"song {n:03}", "year": 1900 + n} for n in (30, 26, 14)],
        "filtered, backwards",
    )
    equal(answer["ScannedCount"], 6)

    # Pages by hand and by a paginator see the same.
    got, start = [], {}
    while True:
        page = table.query(KeyConditionExpression=Key("artist").eq("artist 1"), Limit=7, **start)
        got += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    equal(len(got), 30)
    pages = client.get_paginator("query").paginate(
        TableName="music",
        KeyConditionExpression="artist = :a",
        ExpressionAttributeValues={":a": {"S": "artist 1"}},
        PaginationConfig={"PageSize": 7},
    )
    whole = pages.build_full_result()
    equal(whole["Count"], 30)
    equal([i["song"]["S"] for i in whole["Items"]], [i["song"] for i in got])

    answer = table.query(
        IndexName="by-genre", KeyConditionExpression=Key("genre").eq("jazz") & Key("year").gte(2000), Limit=3
    )
    equal([int(i["year"]) for i in answer["Items"]], [2000, 2003, 2006])
    equal(set(answer["LastEvaluatedKey"]), {"artist", "song", "genre", "year"})
    answer = table.query(
        IndexName="by-year", KeyConditionExpression=Key("artist").eq("artist 0") & Key("year").lt(1910), ConsistentRead=True
    )
    equal([set(i) for i in answer["Items"]], [{"artist", "song", "year"}] * 3, "keys only")
    equal(table.query(KeyConditionExpression=Key("artist").eq("artist 1"), Select="COUNT")["Count"], 30)
    answer = client.query(
        TableName="music",
        KeyConditions={"artist": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "artist 1"}]}},
        QueryFilter={"year": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "2010"}]}},
    )
    equal((answer["Count"], answer["ScannedCount"]), (2, 30), "legacy query")

    pages = client.get_paginator("scan").paginate(TableName="music", PaginationConfig={"PageSize": 25})
    equal(sum(p["Count"] for p in pages), 119)

    def segment(n):
        pages = client.get_paginator("scan").paginate(TableName="music", Segment=n, TotalSegments=3)
        return [i["song"]["S"] for p in pages for i in p["Items"]]

    with ThreadPoolExecutor(3) as pool:
        songs = sum(pool.map(segment, range(3)), [])
    equal(sorted(songs), [f"song {n:03}" for n in range(119)], "segments")
    equal(table.scan(FilterExpression=Attr("note").size().gt(100) & Attr("song").begins_with("song 0"))["Count"], 99)
    equal(table.scan(FilterExpression=Attr("song").contains("11"))["Count"], 10)
    table.reload()
    equal(table.item_count, 119, "item count")


def batches():
    answer = client.batch_get_item(
        RequestItems={
            "music": {
                "Keys": [{"artist": {"S": f"artist {n % 4}"}, "song": {"S": f"song {n:03}"}} for n in range(95, 125)],
                "ProjectionExpression": "song",
            }
        },
        ReturnConsumedCapacity="TOTAL",
    )
    equal(sorted(i["song"]["S"] for i in answer["Responses"]["music"]), [f"song {n:03}" for n in range(95, 119)])
    equal(answer["UnprocessedKeys"], {})
    equal(answer["ConsumedCapacity"][0]["TableName"], "music")
    key = {"artist": "artist 1", "song": "song 001"}
    got = resource.batch_get_item(RequestItems={"music": {"Keys": [key]}})["Responses"]["music"]
    equal(got[0]["year"], 1901)

    put = {"PutRequest": {"Item": {"artist": {"S": "a"}, "song": {"S": "b"}}}}
    fails("ValidationException", client.batch_write_item, RequestItems={"music": [put] * 2})
    fails("ValidationException", client.batch_get_item, RequestItems={"music": {"Keys": [put["PutRequest"]["Item"]] * 2}})
    fails("ResourceNotFoundException", client.batch_write_item, RequestItems={"none": [put]})


def transactions():
    def song(n):
        return {"artist": {"S": "transactions"}, "song": {"S": n}}

    client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "music", "Item": dict(song("1"), plays={"N": "1"})}},
            {
                "Update": {
                    "TableName": "music", "Key": song("2"), "UpdateExpression": "SET plays = :p",
                    "ExpressionAttributeValues": {":p": {"N": "2"}},
                }
            },
            {"ConditionCheck": {"TableName": "music", "Key": song("3"), "ConditionExpression": "attribute_not_exists(artist)"}},
            {"Delete": {"TableName": "music", "Key": song("4")}},
        ]
    )
    got = client.transact_get_items(
        TransactItems=[{"Get": {"TableName": "music", "Key": song(n)}} for n in ("1", "2", "3")]
    )["Responses"]
    equal([r.get("Item", {}).get("plays") for r in got], [{"N": "1"}, {"N": "2"}, None])

    e = fails(
        "TransactionCanceledException",
        client.transact_write_items,
        TransactItems=[
            {"Delete": {"TableName": "music", "Key": song("1")}},
            {
                "Put": {
                    "TableName": "music", "Item": song("2"), "ConditionExpression": "attribute_not_exists(artist)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
        ],
    )
    assert isinstance(e, client.exceptions.TransactionCanceledException), type(e)
    none, failed = e.response["CancellationReasons"]
    equal(none, {"Code": "None"})
    equal(failed["Code"], "ConditionalCheckFailed")
    equal(failed["Message"], "The conditional request failed")
    equal(failed["Item"]["plays"], {"N": "2"})
    assert "[None, ConditionalCheckFailed]" in e.response["Error"]["Message"], e
    assert "Item" in client.get_item(TableName="music", Key=song("1")), "a cancelled transaction deleted an item"

    once = dict(
        ClientRequestToken="boto3-once",
        TransactItems=[
            {
                "Update": {
                    "TableName": "music", "Key": song("1"), "UpdateExpression": "ADD plays :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            }
        ],
    )
    client.transact_write_items(**once)
    client.transact_write_items(**once)
    equal(client.get_item(TableName="music", Key=song("1"))["Item"]["plays"], {"N": "2"}, "plays, added once")
    once["TransactItems"][0]["Update"]["ExpressionAttributeValues"] = {":one": {"N": "5"}}
    fails("IdempotentParameterMismatchException", client.transact_write_items, **once)


def errors():
    table = resource.Table("music")
    fails("ResourceNotFoundException", resource.Table("none").get_item, Key={"artist": "a", "song": "b"})
    e = fails("ValidationException", table.get_item, Key={"artist": "a"})
    equal(e.response["Error"]["Message"], "The provided key element does not match the schema")
    fails("ValidationException", table.put_item, Item={"artist": "a", "song": ""})
    fails("ValidationException", table.query, KeyConditionExpression=Key("song").eq("a"))
    fails("ValidationException", table.scan, FilterExpression="year = :y", ExpressionAttributeValues={":y": 1})
    fails("ValidationException", table.scan, Segment=3, TotalSegments=3)
    e = fails("ValidationException", table.update_item, Key={"artist": "a", "song": "b"}, UpdateExpression="SET a.b = :v", ExpressionAttributeValues={":v": 1})
    assert "document path" in e.response["Error"]["Message"], e


def cleanup():
    table = resource.Table("music")
    table.delete()
    table.wait_until_not_exists()


checked = check_every_response()
for part in (tables, items, queries, batches, transactions, errors, cleanup):
    part()
    print(f"{part.__name__}: ok")
assert len(checked) > 50, "responses were not checked"
assert len(set(checked)) == len(checked), "request ids repeat"
print(f"boto3 {boto3.__version__}: {len(checked)} responses")
