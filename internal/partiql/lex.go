package partiql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tokenKind is the kind of a token.
type tokenKind byte

const (
	tokenEnd     tokenKind = iota
	tokenName              // pk
	tokenKeyword           // SELECT
	tokenQuoted            // "pk"
	tokenString            // 'x'
	tokenNumber
	tokenParameter // ?
	tokenSign
)

// A token is a part of a statement. Its text is that of a keyword in lower
// case, and what a name or string means without its quotes.
type token struct {
	kind   tokenKind
	text   string
	source string // as it is written
	line   int    // from 1
	column int    // of its first character, from 1
}

// at returns where t stands, as the service says it.
func (t token) at() string {
	return " at " + strconv.Itoa(t.line) + ":" + strconv.Itoa(t.column) + ":" + strconv.Itoa(utf8.RuneCountInString(t.source))
}

func (t token) is(sign string) bool { return t.kind == tokenSign && t.text == sign }

func (t token) keyword(word string) bool { return t.kind == tokenKeyword && t.text == word }

// word reports whether t is written as word, be it a keyword or not.
func (t token) word(word string) bool {
	return (t.kind == tokenKeyword || t.kind == tokenName) && strings.EqualFold(t.text, word)
}

// malformed returns what is said of a statement that is none. Why is not
// always told.
func malformed(why string) error {
	return &Error{"Statement wasn't well formed, can't be processed: " + why}
}

// A lexer cuts a statement into tokens.
type lexer struct {
	src          string
	pos          int
	line, column int // of pos
	tokens       []token
}

// lex returns the tokens of src, the last of which is tokenEnd.
func lex(src string) ([]token, error) {
	if !utf8.ValidString(src) {
		return nil, malformed("")
	}
	l := &lexer{src: src, line: 1, column: 1}
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.pos == len(src) {
			l.tokens = append(l.tokens, token{kind: tokenEnd, line: l.line, column: l.column})
			return l.tokens, nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

// pass moves over the next n bytes.
func (l *lexer) pass(n int) string {
	s := l.src[l.pos : l.pos+n]
	for _, r := range s {
		l.column++
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		}
	}
	l.pos += n
	return s
}

// space passes over white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r):
			l.pass(size)
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.pass(end)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return malformed("")
			}
			l.pass(end + 4)
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next() error {
	rest := l.src[l.pos:]
	switch c := rest[0]; {
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
			n++
		}
		l.word(n)
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]) && !l.afterName():
		return l.number(rest)
	case c == '\'' || c == '"':
		return l.quoted(rest)
	default:
		return l.sign(rest)
	}
	return nil
}

// afterName reports whether a dot here leads on in a path.
func (l *lexer) afterName() bool {
	if len(l.tokens) == 0 {
		return false
	}
	last := l.tokens[len(l.tokens)-1]
	return last.kind == tokenName || last.kind == tokenQuoted || last.is("]")
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= utf8.RuneSelf
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (l *lexer) add(kind tokenKind, text string, n int) {
	t := token{kind: kind, text: text, line: l.line, column: l.column}
	t.source = l.pass(n)
	l.tokens = append(l.tokens, t)
}

func (l *lexer) word(n int) {
	text := l.src[l.pos : l.pos+n]
	if lower := strings.ToLower(text); keywords[lower] {
		l.add(tokenKeyword, lower, n)
		return
	}
	l.add(tokenName, text, n)
}

// number reads a number without a sign. Its exponent and its scale must be
// those of a number of Java.
func (l *lexer) number(rest string) error {
	n := span(rest, 0)
	if n < len(rest) && rest[n] == '.' {
		n = span(rest, n+1)
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		m := n + 1
		if m < len(rest) && (rest[m] == '+' || rest[m] == '-') {
			m++
		}
		if end := span(rest, m); end > m {
			n = end
		}
	}
	if n < len(rest) && isLetter(rest[n]) || !isJavaNumber(rest[:n]) {
		return malformed("")
	}
	l.add(tokenNumber, rest[:n], n)
	return nil
}

func span(s string, from int) int {
	for from < len(s) && isDigit(s[from]) {
		from++
	}
	return from
}

// isJavaNumber reports whether the exponent and the scale of a number fit 32
// bits.
func isJavaNumber(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(s), "e")
	if !ok {
		return true
	}
	exp, err := strconv.ParseInt(exponent, 10, 32)
	if err != nil {
		return false
	}
	_, frac, _ := strings.Cut(mantissa, ".")
	return int64(len(frac))-exp < 1<<31
}

// quoted reads a string or a quoted name, in which a quote is written twice.
func (l *lexer) quoted(rest string) error {
	quote := rest[:1]
	end := 1
	for {
		i := strings.Index(rest[end:], quote)
		if i < 0 {
			return malformed("")
		}
		end += i + 1
		if !strings.HasPrefix(rest[end:], quote) {
			break
		}
		end++
	}
	text := strings.ReplaceAll(rest[1:end-1], quote+quote, quote)
	if quote == "'" {
		l.add(tokenString, text, end)
	} else {
		l.add(tokenQuoted, text, end)
	}
	return nil
}

func (l *lexer) sign(rest string) error {
	if rest[0] == '?' {
		l.add(tokenParameter, "?", 1)
		return nil
	}
	for _, s := range []string{"<<", ">>", "<>", "!=", "<=", ">=", "||"} {
		if strings.HasPrefix(rest, s) {
			l.add(tokenSign, s, 2)
			return nil
		}
	}
	if !strings.Contains("=<>()[]{},.:;*+-/%", rest[:1]) {
		return malformed("")
	}
	l.add(tokenSign, rest[:1], 1)
	return nil
}

// keywords cannot be names unless they are quoted: the words of SQL-92 and
// those that PartiQL adds.
var keywords = func() map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(`
absolute action add all allocate alter and any are as asc assertion at authorization avg bag begin between bit
bit_length blob bool boolean both by can_cast can_lossless_cast cascade cascaded case cast catalog char char_length
character character_length check clob close coalesce collate collation column commit connect connection constraint
constraints continue convert corresponding count create cross current current_date current_time current_timestamp
current_user cursor date deallocate dec decimal declare default deferrable deferred delete desc describe descriptor
diagnostics disconnect distinct domain double drop else end end-exec escape except exception exec execute exists
external extract false fetch first float for foreign found from full get global go goto grant group having identity
immediate in index indicator initially inner input insensitive insert int integer intersect interval into is isolation
join key language last leading left let level like limit list local lower match max min missing module names national
natural nchar next no not null nullif numeric octet_length of on only open option or order outer output overlaps pad
partial pivot position precision prepare preserve primary prior privileges procedure public read real references
relative remove restrict revoke right rollback rows schema scroll section select session session_user set sexp size
smallint some space sql sqlcode sqlerror sqlstate string struct substring sum symbol system_user table temporary then
time timestamp to transaction translate translation trim true tuple undrop union unique unknown unpivot update upper
usage user using value values varchar varying view when whenever where with work write zone`) {
		all[word] = true
	}
	return all
}()
