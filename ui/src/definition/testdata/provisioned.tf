resource "aws_dynamodb_table" "table_2026_orders_eu" {
  name                        = "2026.orders-eu"
  billing_mode                = "PROVISIONED"
  hash_key                    = "customer"
  range_key                   = "order"
  read_capacity               = 7
  write_capacity              = 3
  table_class                 = "STANDARD_INFREQUENT_ACCESS"
  deletion_protection_enabled = true

  attribute {
    name = "customer"
    type = "S"
  }

  attribute {
    name = "order"
    type = "N"
  }

  attribute {
    name = "status"
    type = "S"
  }

  attribute {
    name = "digest"
    type = "B"
  }

  global_secondary_index {
    name               = "by-status"
    hash_key           = "status"
    projection_type    = "INCLUDE"
    non_key_attributes = ["total", "it's $${odd}"]
    read_capacity      = 2
    write_capacity     = 3
  }

  local_secondary_index {
    name            = "by-digest"
    range_key       = "digest"
    projection_type = "KEYS_ONLY"
  }

  warm_throughput {
    read_units_per_second  = 15000
    write_units_per_second = 5000
  }

  ttl {
    attribute_name = "until"
    enabled        = true
  }

  server_side_encryption {
    enabled = true
  }

  tags = {
    "team" = "shop: \"north\""
    "yes"  = "null"
  }
}
