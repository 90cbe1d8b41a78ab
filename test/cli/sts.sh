#!/usr/bin/env bash
# Whose key it is, and keys for other accounts: sts.sh http://127.0.0.1:4566
endpoint=$1
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

sts() { aws sts "$@" --endpoint-url "$endpoint" --output text; }

equal 'the default account' "$(AWS_ACCESS_KEY_ID=test sts get-caller-identity --query Account)" 000000000000
equal 'the account of a key' "$(AWS_ACCESS_KEY_ID=123456789012 sts get-caller-identity --query '[Account,UserId,Arn]')" \
	$'123456789012\t123456789012\tarn:aws:iam::123456789012:root'

# A role leads into its account, with the tables there.
read -r key secret token < <(sts assume-role --role-arn arn:aws:iam::210987654321:role/reader --role-session-name me \
	--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')
as_reader() { AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token "$@"; }
equal 'the assumed role' "$(as_reader sts get-caller-identity --query '[Account,Arn]')" \
	$'210987654321\tarn:aws:sts::210987654321:assumed-role/reader/me'
as_reader db create-table --table-name assumed --attribute-definitions AttributeName=pk,AttributeType=S \
	--key-schema AttributeName=pk,KeyType=HASH --billing-mode PAY_PER_REQUEST >"$work/out"
equal 'the table of the role' "$(as_reader value TableNames list-tables)" '["assumed"]'
equal 'the table of the account' "$(AWS_ACCESS_KEY_ID=210987654321 value Table.TableArn describe-table --table-name assumed)" \
	'"arn:aws:dynamodb:us-east-1:210987654321:table/assumed"'
as_reader db delete-table --table-name assumed >"$work/out"

read -r key secret token < <(AWS_ACCESS_KEY_ID=123456789012 sts get-session-token --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')
equal 'the account of a session' "$(as_reader sts get-caller-identity --query '[Account,Arn]')" $'123456789012\tarn:aws:iam::123456789012:root'

sts_fails() { # sts_fails TEXT COMMAND...
	local text=$1 status=0 out
	shift
	out=$(sts "$@" 2>&1) || status=$?
	[[ $status == 254 || $status == 255 ]] || { echo "$*: status $status: $out" >&2; exit 1; }
	[[ $out == *"$text"* ]] || { printf '%s:\n got  %s\n want %s\n' "$*" "$out" "$text" >&2; exit 1; }
}
sts_fails '(ValidationError) when calling the AssumeRole operation: arn:aws:iam::1:role/x12345 is invalid' \
	assume-role --role-arn arn:aws:iam::1:role/x12345 --role-session-name me
sts_fails '(InvalidAction) when calling the GetAccessKeyInfo operation' get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE
