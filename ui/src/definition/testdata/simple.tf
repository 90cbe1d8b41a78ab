resource "aws_dynamodb_table" "music" {
  name         = "music"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "artist"

  attribute {
    name = "artist"
    type = "S"
  }
}
