import type { Wanted } from "./wanted";

// samples are tables that the tests have in all languages.
export const samples: Record<string, Wanted> = {
  simple: {
    definition: {
      TableName: "music",
      KeySchema: [{ AttributeName: "artist", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "artist", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    },
  },
  provisioned: {
    definition: {
      TableName: "2026.orders-eu",
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "order", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "customer", AttributeType: "S" },
        { AttributeName: "order", AttributeType: "N" },
        { AttributeName: "status", AttributeType: "S" },
        { AttributeName: "digest", AttributeType: "B" },
      ],
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 3 },
      WarmThroughput: { ReadUnitsPerSecond: 15000, WriteUnitsPerSecond: 5000 },
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-status",
          KeySchema: [{ AttributeName: "status", KeyType: "HASH" }],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["total", "it's ${odd}"] },
          ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "by-digest",
          KeySchema: [
            { AttributeName: "customer", KeyType: "HASH" },
            { AttributeName: "digest", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      TableClass: "STANDARD_INFREQUENT_ACCESS",
      SSESpecification: { Enabled: true, SSEType: "KMS" },
      DeletionProtectionEnabled: true,
      Tags: [
        { Key: "team", Value: "shop: \"north\"" },
        { Key: "yes", Value: "null" },
      ],
    },
    timeToLive: "until",
  },
  multi: {
    definition: {
      TableName: "matches",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "tournament", AttributeType: "S" },
        { AttributeName: "region", AttributeType: "S" },
        { AttributeName: "round", AttributeType: "S" },
        { AttributeName: "bracket", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 },
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-round",
          KeySchema: [
            { AttributeName: "tournament", KeyType: "HASH" },
            { AttributeName: "region", KeyType: "HASH" },
            { AttributeName: "round", KeyType: "RANGE" },
            { AttributeName: "bracket", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
          OnDemandThroughput: { MaxReadRequestUnits: 20 },
          WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 4500 },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" },
      ResourcePolicy: '{"Statement":[{"Action":"dynamodb:GetItem","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}',
    },
  },
  replicated: {
    definition: {
      TableName: "users",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "mail", AttributeType: "S" },
      ],
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-mail",
          KeySchema: [{ AttributeName: "mail", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
          ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      SSESpecification: { Enabled: true, SSEType: "KMS" },
      Tags: [{ Key: "team", Value: "accounts" }],
    },
    timeToLive: "until",
    replicas: [{ region: "eu-west-1" }, { region: "ap-south-1", class: "STANDARD_INFREQUENT_ACCESS" }],
  },
  everywhere: {
    definition: {
      TableName: "sessions",
      KeySchema: [
        { AttributeName: "user", KeyType: "HASH" },
        { AttributeName: "id", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "user", AttributeType: "S" },
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "country", AttributeType: "S" },
        { AttributeName: "city", AttributeType: "S" },
        { AttributeName: "began", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      OnDemandThroughput: { MaxReadRequestUnits: 400, MaxWriteRequestUnits: 100 },
      WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 4500 },
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-city",
          KeySchema: [
            { AttributeName: "country", KeyType: "HASH" },
            { AttributeName: "city", KeyType: "HASH" },
            { AttributeName: "began", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["device"] },
          OnDemandThroughput: { MaxReadRequestUnits: 40, MaxWriteRequestUnits: 100 },
        },
        {
          IndexName: "by-country",
          KeySchema: [{ AttributeName: "country", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "by-began",
          KeySchema: [
            { AttributeName: "user", KeyType: "HASH" },
            { AttributeName: "began", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      TableClass: "STANDARD_INFREQUENT_ACCESS",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
      DeletionProtectionEnabled: true,
      ResourcePolicy: '{"Statement":[{"Action":["dynamodb:GetItem","dynamodb:Query"],"Effect":"Allow","Principal":{"AWS":"111122223333"},"Resource":"*"}],"Version":"2012-10-17"}',
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    },
    timeToLive: "until",
    replicas: [
      { region: "eu-west-1", class: "STANDARD", key: "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
      { region: "ap-south-1", key: "arn:aws:kms:ap-south-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
    ],
  },
  strong: {
    definition: {
      TableName: "ledger",
      KeySchema: [{ AttributeName: "account", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "account", AttributeType: "N" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
    replicas: [{ region: "us-east-2" }],
    strong: { witness: "us-west-2" },
  },
  // Names that mean something in one language or another.
  odd: {
    definition: {
      TableName: "Odd_names-2.x",
      KeySchema: [
        { AttributeName: "${id}", KeyType: "HASH" },
        { AttributeName: "%{ if x } \"quoted\" 'too'\\\n\tline", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "${id}", AttributeType: "S" },
        { AttributeName: "%{ if x } \"quoted\" 'too'\\\n\tline", AttributeType: "B" },
        { AttributeName: "$${x}%%{y}", AttributeType: "N" },
        { AttributeName: "ünï 😀\b\f\u0001\u007f\u2028", AttributeType: "S" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      GlobalSecondaryIndexes: [
        {
          IndexName: "by.odd_name",
          KeySchema: [
            { AttributeName: "$${x}%%{y}", KeyType: "HASH" },
            { AttributeName: "ünï 😀\b\f\u0001\u007f\u2028", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["$", "${", "%{", "$$$", "\\b", "\\${a}", "{{resolve:ssm:a}}", "a.b[0]", "__proto__", "yes", "1", "#", ":"] },
        },
      ],
      SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" },
      ResourcePolicy: '{"Statement":[{"Action":"dynamodb:*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"${aws:username}"}},"Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}',
      Tags: [
        { Key: "${key}", Value: "%{ value }" },
        { Key: "a \"b\" = {c}", Value: "" },
      ],
    },
    timeToLive: "${until}",
  },
};
