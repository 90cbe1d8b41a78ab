resource "aws_dynamodb_table" "sessions" {
  name                        = "sessions"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user"
  range_key                   = "id"
  table_class                 = "STANDARD_INFREQUENT_ACCESS"
  deletion_protection_enabled = true
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "user"
    type = "S"
  }

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "country"
    type = "S"
  }

  attribute {
    name = "city"
    type = "S"
  }

  attribute {
    name = "began"
    type = "N"
  }

  global_secondary_index {
    name               = "by-city"
    projection_type    = "INCLUDE"
    non_key_attributes = ["device"]

    key_schema {
      attribute_name = "country"
      key_type       = "HASH"
    }

    key_schema {
      attribute_name = "city"
      key_type       = "HASH"
    }

    key_schema {
      attribute_name = "began"
      key_type       = "RANGE"
    }

    on_demand_throughput {
      max_read_request_units  = 40
      max_write_request_units = 100
    }
  }

  global_secondary_index {
    name            = "by-country"
    hash_key        = "country"
    projection_type = "KEYS_ONLY"
  }

  local_secondary_index {
    name            = "by-began"
    range_key       = "began"
    projection_type = "ALL"
  }

  on_demand_throughput {
    max_read_request_units  = 400
    max_write_request_units = 100
  }

  warm_throughput {
    read_units_per_second  = 13000
    write_units_per_second = 4500
  }

  ttl {
    attribute_name = "until"
    enabled        = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  replica {
    region_name = "eu-west-1"
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  replica {
    region_name = "ap-south-1"
    kms_key_arn = "arn:aws:kms:ap-south-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  tags = {
    "a" = "1"
    "b" = "2"
  }
}

resource "aws_dynamodb_resource_policy" "sessions" {
  resource_arn = aws_dynamodb_table.sessions.arn
  policy       = "{\"Statement\":[{\"Action\":[\"dynamodb:GetItem\",\"dynamodb:Query\"],\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}"
}
