<?php

// A stand-in for the AWS SDK for PHP, which cannot be installed from the registries that
// the tests use. It is not that SDK: it has of the client of DynamoDB what the code in the
// Resource Browser uses, and does with it what version 3 of the SDK does. Parameters are
// checked against the model of the API, blobs are strings of bytes, an empty map is a map,
// and answers are results to be read like arrays. It is stricter in one thing: the SDK
// leaves out parameters that it does not know, this one refuses them. It does not sign.

namespace Aws {
    class Result implements \ArrayAccess, \IteratorAggregate
    {
        public function __construct(private array $data) {}

        public function offsetExists(mixed $name): bool
        {
            return isset($this->data[$name]);
        }

        public function offsetGet(mixed $name): mixed
        {
            return $this->data[$name] ?? null;
        }

        public function offsetSet(mixed $name, mixed $value): void
        {
            $this->data[$name] = $value;
        }

        public function offsetUnset(mixed $name): void
        {
            unset($this->data[$name]);
        }

        public function getIterator(): \Iterator
        {
            return new \ArrayIterator($this->data);
        }
    }
}

namespace Aws\DynamoDb\Exception {
    class DynamoDbException extends \RuntimeException {}
}

namespace Aws\DynamoDb {
    use Aws\DynamoDb\Exception\DynamoDbException;
    use Aws\Result;

    class DynamoDbClient
    {
        private array $model;

        public function __construct(private array $args)
        {
            foreach (['region', 'version'] as $name) {
                if (!isset($args[$name])) {
                    throw new \InvalidArgumentException("Missing required client configuration options: $name");
                }
            }
            $unknown = array_diff(array_keys($args), ['endpoint', 'region', 'version', 'credentials']);
            if ($unknown) {
                throw new \InvalidArgumentException('not known to the stand-in: ' . implode(', ', $unknown));
            }
            $this->model = json_decode(file_get_contents(__DIR__ . '/../../../../internal/api/model/dynamodb.json'), true);
        }

        public function __call(string $name, array $args): Result
        {
            $operation = $this->model['operations'][ucfirst($name)] ?? null;
            if ($operation === null || $name !== lcfirst($name)) {
                throw new \InvalidArgumentException("Operation not found: $name");
            }
            $input = $this->checked($args[0] ?? [], $operation['input'], ['input']);
            $key = $this->args['credentials']['key'];
            $context = stream_context_create(['http' => [
                'method' => 'POST',
                'ignore_errors' => true,
                'header' => [
                    'Content-Type: application/x-amz-json-1.0',
                    'X-Amz-Target: ' . $this->model['target'] . '.' . ucfirst($name),
                    "Authorization: AWS4-HMAC-SHA256 Credential=$key/20260101/{$this->args['region']}/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
                ],
                'content' => json_encode($input, JSON_THROW_ON_ERROR),
            ]]);
            $answer = file_get_contents($this->args['endpoint'], false, $context);
            if (!str_contains($http_response_header[0], ' 200 ')) {
                throw new DynamoDbException("Error executing \"$name\": $answer");
            }
            return new Result(self::decoded(json_decode($answer, true, 512, JSON_THROW_ON_ERROR)));
        }

        public function getPaginator(string $name, array $args = []): \Generator
        {
            if (!in_array($name, ['Query', 'Scan'])) {
                throw new \UnexpectedValueException("There is no $name paginator defined for the dynamodb service.");
            }
            do {
                $page = $this->__call(lcfirst($name), [$args]);
                yield $page;
                $args['ExclusiveStartKey'] = $page['LastEvaluatedKey'];
            } while ($page['LastEvaluatedKey']);
        }

        public function waitUntil(string $name, array $args = []): void
        {
            if ($name !== 'TableExists') {
                throw new \UnexpectedValueException("The stand-in does not wait for $name.");
            }
            while ($this->describeTable($args)['Table']['TableStatus'] !== 'ACTIVE') {
                usleep(20_000);
            }
        }

        // checked returns a value as it is sent.
        private function checked(mixed $value, array|string $shape, array $path): mixed
        {
            $refuse = fn (string $what) => throw new \InvalidArgumentException('[' . implode('][', $path) . "] $what. Found " . get_debug_type($value));
            if (is_string($shape)) {
                $shape = $this->model['shapes'][$shape] ?? match ($shape) {
                    'value' => ['type' => 'structure', 'members' => array_map(
                        fn ($name, $type) => ['name' => $name, 'type' => $type],
                        ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'],
                        ['string', 'string', 'blob', ['type' => 'list', 'of' => 'string'], ['type' => 'list', 'of' => 'string'], ['type' => 'list', 'of' => 'blob'], 'item', ['type' => 'list', 'of' => 'value'], 'boolean', 'boolean'],
                    )],
                    'item' => ['type' => 'map', 'of' => 'value'],
                    default => ['type' => $shape],
                };
            }
            switch ($shape['type']) {
                case 'structure':
                    is_array($value) && (!$value || !array_is_list($value)) || $refuse('must be an associative array');
                    $members = array_column($shape['members'], null, 'name');
                    foreach ($shape['members'] as $member) {
                        if (($member['required'] ?? false) && !isset($member['unless']) && !isset($value[$member['name']])) {
                            $refuse("{$member['name']} is missing and is a required parameter");
                        }
                    }
                    foreach ($value as $name => $v) {
                        isset($members[$name]) || $refuse("$name is not known");
                        if ($v === null) {
                            unset($value[$name]);
                        } else {
                            $value[$name] = $this->checked($v, $members[$name]['type'], [...$path, $name]);
                        }
                    }
                    return (object) $value;
                case 'map':
                    is_array($value) && (!$value || !array_is_list($value)) || $refuse('must be an associative array');
                    foreach ($value as $name => $v) {
                        $value[$name] = $this->checked($v, $shape['of'], [...$path, $name]);
                    }
                    return (object) $value;
                case 'list':
                    is_array($value) && array_is_list($value) || $refuse('must be an array');
                    return array_map(fn ($v) => $this->checked($v, $shape['of'], [...$path, '?']), $value);
                case 'string':
                    is_string($value) || is_int($value) || is_float($value) || $refuse('must be a string');
                    return (string) $value;
                case 'blob':
                    is_string($value) || $refuse('must be a string of bytes');
                    return base64_encode($value);
                case 'boolean':
                    is_bool($value) || $refuse('must be a boolean');
                    return $value;
                case 'integer':
                case 'long':
                    is_int($value) || $refuse('must be an integer');
                    return $value;
                default:
                    return $value;
            }
        }

        // decoded returns an answer with blobs, which only attribute values have.
        private static function decoded(array $answer): array
        {
            foreach ($answer as $name => $v) {
                $answer[$name] = match (true) {
                    $name === 'B' && is_string($v) => base64_decode($v),
                    $name === 'BS' && is_array($v) && array_is_list($v) && is_string($v[0] ?? null) => array_map(base64_decode(...), $v),
                    is_array($v) => self::decoded($v),
                    default => $v,
                };
            }
            return $answer;
        }
    }
}
