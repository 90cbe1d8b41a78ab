// Package attr holds attribute values: the ten types, their canonical encoding,
// numbers, sizes, equality and order, and the encoding of keys.
//
// A value stays encoded from the moment a request is read until a response is
// written. The encoding is canonical: map entries and set members are sorted
// and numbers are in DynamoDB's plain decimal form, so two values are equal
// exactly when their bytes are. Reading one attribute of an item passes over
// the others without decoding them.
package attr
