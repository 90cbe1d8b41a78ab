"""A read that is explained to boto3: python explain.py http://127.0.0.1:4566
"""
import base64
import json
import sys

import boto3

session = boto3.session.Session(
    aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
)
client = session.client("dynamodb", endpoint_url=sys.argv[1])
client.meta.events.register(
    "before-call.dynamodb", lambda params, **_: params["headers"].update({"x-srv-explain": "1"})
)
made = client.create_table(
    TableName="notes",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    BillingMode="PAY_PER_REQUEST",
)
assert "x-srv-explain" not in made["ResponseMetadata"]["HTTPHeaders"], made
answer = client.get_item(TableName="notes", Key={"id": {"S": "a"}})
explained = json.loads(base64.b64decode(answer["ResponseMetadata"]["HTTPHeaders"]["x-srv-explain"]))
assert (explained["operation"], explained["keyCondition"]) == ("GetItem", "id = 'a'"), explained
