data "aws_kms_key" "matches" {
  key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
}

resource "aws_dynamodb_table" "matches" {
  name             = "matches"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "tournament"
    type = "S"
  }

  attribute {
    name = "region"
    type = "S"
  }

  attribute {
    name = "round"
    type = "S"
  }

  attribute {
    name = "bracket"
    type = "N"
  }

  global_secondary_index {
    name            = "by-round"
    projection_type = "ALL"

    key_schema {
      attribute_name = "tournament"
      key_type       = "HASH"
    }

    key_schema {
      attribute_name = "region"
      key_type       = "HASH"
    }

    key_schema {
      attribute_name = "round"
      key_type       = "RANGE"
    }

    key_schema {
      attribute_name = "bracket"
      key_type       = "RANGE"
    }

    on_demand_throughput {
      max_read_request_units = 20
    }

    warm_throughput {
      read_units_per_second  = 13000
      write_units_per_second = 4500
    }
  }

  on_demand_throughput {
    max_read_request_units  = 100
    max_write_request_units = 50
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = data.aws_kms_key.matches.arn
  }
}

resource "aws_dynamodb_resource_policy" "matches" {
  resource_arn = aws_dynamodb_table.matches.arn
  policy       = "{\"Statement\":[{\"Action\":\"dynamodb:GetItem\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}"
}
