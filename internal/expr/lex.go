package expr

import (
	"strings"
	"unicode/utf8"
)

// A tokenKind is the kind of a token, and of an operator in a tree.
type tokenKind byte

const (
	tokenEOF     tokenKind = iota
	tokenUnknown           // a character with no meaning in expressions
	tokenName              // pk
	tokenNameRef           // #pk
	tokenValueRef
	tokenNumber // of an element of a list
	tokenEqual
	tokenNotEqual
	tokenLess
	tokenLessEqual
	tokenGreater
	tokenGreaterEqual
	tokenPlus
	tokenMinus
	tokenComma
	tokenDot
	tokenOpen
	tokenClose
	tokenOpenIndex
	tokenCloseIndex
	tokenAnd
	tokenOr
	tokenNot
	tokenBetween
	tokenIn
	tokenSet
	tokenRemove
	tokenAdd
	tokenDelete
)

var tokenWords = [...]string{
	tokenEqual: "=", tokenNotEqual: "<>", tokenLess: "<", tokenLessEqual: "<=",
	tokenGreater: ">", tokenGreaterEqual: ">=", tokenPlus: "+", tokenMinus: "-",
	tokenAnd: "AND", tokenOr: "OR", tokenNot: "NOT", tokenBetween: "BETWEEN", tokenIn: "IN",
	tokenSet: "SET", tokenRemove: "REMOVE", tokenAdd: "ADD", tokenDelete: "DELETE",
}

// String returns an operator or keyword as it is written.
func (k tokenKind) String() string { return tokenWords[k] }

// isComparison reports whether k is one of the six comparators.
func (k tokenKind) isComparison() bool { return tokenEqual <= k && k <= tokenGreaterEqual }

// isSection reports whether k begins a section of an update expression.
func (k tokenKind) isSection() bool { return tokenSet <= k && k <= tokenDelete }

// A token is a part of a source text.
type token struct {
	kind     tokenKind
	pos, end int
}

// A lexer cuts a source text into tokens.
type lexer struct {
	src string
	pos int
}

// next returns the next token; after the last one it is tokenEOF for ever.
func (l *lexer) next() token {
	for l.pos < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.pos]) >= 0 {
		l.pos++
	}
	start := l.pos
	kind := l.scan()
	return token{kind, start, l.pos}
}

// scan passes over one token.
func (l *lexer) scan() tokenKind {
	if l.pos == len(l.src) {
		return tokenEOF
	}
	c := l.src[l.pos]
	switch {
	case isLetter(c):
		return l.word()
	case c == '0': // so 00 is two numbers, which no rule allows
		l.pos++
		return tokenNumber
	case isDigit(c):
		l.skip(isDigit)
		return tokenNumber
	case c == '#' || c == ':':
		return l.placeholder(c)
	}
	return l.sign()
}

// word passes over a name or a keyword; a keyword is one in any case.
func (l *lexer) word() tokenKind {
	start := l.pos
	l.skip(isWordByte)
	word := l.src[start:l.pos]
	for k := tokenAnd; k <= tokenDelete; k++ {
		if strings.EqualFold(word, tokenWords[k]) {
			return k
		}
	}
	return tokenName
}

// placeholder passes over #name or :value. The sign alone means nothing.
func (l *lexer) placeholder(sign byte) tokenKind {
	l.pos++
	start := l.pos
	l.skip(isWordByte)
	switch {
	case l.pos == start:
		return tokenUnknown
	case sign == '#':
		return tokenNameRef
	default:
		return tokenValueRef
	}
}

var signs = map[byte]tokenKind{
	'=': tokenEqual, '<': tokenLess, '>': tokenGreater, '+': tokenPlus, '-': tokenMinus,
	',': tokenComma, '.': tokenDot, '(': tokenOpen, ')': tokenClose,
	'[': tokenOpenIndex, ']': tokenCloseIndex,
}

// sign passes over punctuation, or over a character that is not understood.
func (l *lexer) sign() tokenKind {
	rest := l.src[l.pos:]
	switch {
	case strings.HasPrefix(rest, "<>"):
		l.pos += 2
		return tokenNotEqual
	case strings.HasPrefix(rest, "<="):
		l.pos += 2
		return tokenLessEqual
	case strings.HasPrefix(rest, ">="):
		l.pos += 2
		return tokenGreaterEqual
	}
	kind, ok := signs[rest[0]]
	if !ok {
		_, width := utf8.DecodeRuneInString(rest)
		l.pos += width
		return tokenUnknown
	}
	l.pos++
	return kind
}

func (l *lexer) skip(belongs func(byte) bool) {
	for l.pos < len(l.src) && belongs(l.src[l.pos]) {
		l.pos++
	}
}

func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }
