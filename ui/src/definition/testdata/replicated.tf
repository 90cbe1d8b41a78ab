resource "aws_dynamodb_table" "users" {
  name             = "users"
  billing_mode     = "PROVISIONED"
  hash_key         = "pk"
  read_capacity    = 5
  write_capacity   = 6
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "mail"
    type = "S"
  }

  global_secondary_index {
    name            = "by-mail"
    hash_key        = "mail"
    projection_type = "KEYS_ONLY"
    read_capacity   = 3
    write_capacity  = 4
  }

  ttl {
    attribute_name = "until"
    enabled        = true
  }

  server_side_encryption {
    enabled = true
  }

  replica {
    region_name = "eu-west-1"
  }

  replica {
    region_name = "ap-south-1"
  }

  tags = {
    "team" = "accounts"
  }
}
