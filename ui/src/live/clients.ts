import { defaultPlace, type Place } from "../server";

// A Client is how a program of some language gets to the server: a whole one, which
// lists the tables, so that it can be tried as it is.
export interface Client {
  name: string;
  needs?: string; // what has to be there
  text: string;
}

// keyOf returns the access key with which requests are of an account.
export function keyOf(account: string): string {
  return account === defaultPlace.account ? "test" : account;
}

// clientsOf returns clients of an account in a region. All three are free of
// characters that mean something in these languages: check them before.
export function clientsOf(url: string, { account, region }: Place): Client[] {
  const key = keyOf(account);
  return [
    {
      name: "Variables",
      needs: "All SDKs and the AWS CLI read these.",
      text: `export AWS_ENDPOINT_URL=${url}
export AWS_ACCESS_KEY_ID=${key}
export AWS_SECRET_ACCESS_KEY=test
export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    },
    {
      name: "AWS CLI",
      text: `AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=test aws dynamodb list-tables --endpoint-url ${url} --region ${region}`,
    },
    {
      name: "Python",
      needs: "pip install boto3",
      text: `import boto3

dynamodb = boto3.client(
    "dynamodb",
    endpoint_url="${url}",
    region_name="${region}",
    aws_access_key_id="${key}",
    aws_secret_access_key="test",
)
for page in dynamodb.get_paginator("list_tables").paginate():
    for name in page["TableNames"]:
        print(name)`,
    },
    {
      name: "JavaScript",
      needs: "npm install @aws-sdk/client-dynamodb",
      text: `import { DynamoDBClient, paginateListTables } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({
  endpoint: "${url}",
  region: "${region}",
  credentials: { accessKeyId: "${key}", secretAccessKey: "test" },
});
for await (const { TableNames } of paginateListTables({ client }, {})) {
  for (const name of TableNames ?? []) console.log(name);
}`,
    },
    {
      name: "Go",
      needs: "go get github.com/aws/aws-sdk-go-v2/service/dynamodb github.com/aws/aws-sdk-go-v2/credentials",
      text: `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func main() {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String("${url}"),
		Region:       "${region}",
		Credentials:  credentials.NewStaticCredentialsProvider("${key}", "test", ""),
	})
	pages := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range page.TableNames {
			fmt.Println(name)
		}
	}
}`,
    },
    {
      name: "Java",
      needs: "software.amazon.awssdk:dynamodb, version 2",
      text: `import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

public class Tables {
    public static void main(String[] args) {
        try (DynamoDbClient client = DynamoDbClient.builder()
                .endpointOverride(URI.create("${url}"))
                .region(Region.of("${region}"))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("${key}", "test")))
                .build()) {
            client.listTablesPaginator().tableNames().forEach(System.out::println);
        }
    }
}`,
    },
    {
      name: ".NET",
      needs: "dotnet add package AWSSDK.DynamoDBv2. The tests of stator do not run this one.",
      text: `using Amazon.DynamoDBv2;

var client = new AmazonDynamoDBClient("${key}", "test", new AmazonDynamoDBConfig
{
    ServiceURL = "${url}",
    AuthenticationRegion = "${region}",
});
foreach (var name in (await client.ListTablesAsync()).TableNames ?? [])
{
    Console.WriteLine(name);
}`,
    },
    {
      name: "Rust",
      needs: "cargo add aws-config aws-sdk-dynamodb && cargo add tokio --features full. The tests of stator do not run this one.",
      text: `use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::{config::Credentials, Client, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url("${url}")
        .region(Region::new("${region}"))
        .credentials_provider(Credentials::new("${key}", "test", None, None, "static"))
        .load()
        .await;
    for name in Client::new(&config).list_tables().send().await?.table_names() {
        println!("{name}");
    }
    Ok(())
}`,
    },
    {
      name: "Terraform",
      needs: "The tests of stator do not run this one.",
      text: `provider "aws" {
  region                      = "${region}"
  access_key                  = "${key}"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    dynamodb = "${url}"
  }
}`,
    },
  ];
}

// problemOf says what is wrong with an account or a region.
export function problemOf({ account, region }: Place): string | undefined {
  if (!/^\d{12}$/.test(account)) return "An account has 12 digits.";
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) return "A region is called like us-east-1.";
  return undefined;
}
