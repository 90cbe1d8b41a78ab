resource "aws_dynamodb_table" "odd_names_2_x" {
  name         = "Odd_names-2.x"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "$${id}"
  range_key    = "%%{ if x } \"quoted\" 'too'\\\n\tline"

  attribute {
    name = "$${id}"
    type = "S"
  }

  attribute {
    name = "%%{ if x } \"quoted\" 'too'\\\n\tline"
    type = "B"
  }

  attribute {
    name = "$$${x}%%%{y}"
    type = "N"
  }

  attribute {
    name = "ünï 😀\u0008\u000c\u0001 "
    type = "S"
  }

  global_secondary_index {
    name               = "by.odd_name"
    hash_key           = "$$${x}%%%{y}"
    range_key          = "ünï 😀\u0008\u000c\u0001 "
    projection_type    = "INCLUDE"
    non_key_attributes = ["$", "$${", "%%{", "$$$", "\\b", "\\$${a}", "{{resolve:ssm:a}}", "a.b[0]", "__proto__", "yes", "1", "#", ":"]
  }

  ttl {
    attribute_name = "$${until}"
    enabled        = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  tags = {
    "$${key}"       = "%%{ value }"
    "a \"b\" = {c}" = ""
  }
}

resource "aws_dynamodb_resource_policy" "odd_names_2_x" {
  resource_arn = aws_dynamodb_table.odd_names_2_x.arn
  policy       = "{\"Statement\":[{\"Action\":\"dynamodb:*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/team\":\"$${aws:username}\"}},\"Effect\":\"Allow\",\"Principal\":\"*\",\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}"
}
