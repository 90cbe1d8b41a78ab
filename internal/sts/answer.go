package sts

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"time"

	"github.com/statordb/stator/internal/awsjson"
)

const namespace = "https://sts.amazonaws.com/doc/" + Version + "/"

// An element is a part of an answer: other elements, or a text.
type element struct {
	name     string
	text     string
	number   bool      // the text is a number
	time     time.Time // the text is this time, which is a number in JSON
	children []element
}

func group(children ...element) element { return element{children: children} }

func (e element) called(name string) element { e.name = name; return e }

// render returns e as the whole of an answer.
func (e element) render(json bool) []byte {
	if json {
		return append(element{children: []element{e}}.appendJSON(nil), '\n')
	}
	var b bytes.Buffer
	b.WriteString("<" + e.name + ` xmlns="` + namespace + `">` + "\n")
	for _, child := range e.children {
		child.writeXML(&b, "  ")
	}
	b.WriteString("</" + e.name + ">\n")
	return b.Bytes()
}

func (e element) writeXML(b *bytes.Buffer, indent string) {
	b.WriteString(indent + "<" + e.name + ">")
	if e.children == nil {
		_ = xml.EscapeText(b, []byte(e.text)) // a buffer takes all
	} else {
		b.WriteByte('\n')
		for _, child := range e.children {
			child.writeXML(b, indent+"  ")
		}
		b.WriteString(indent)
	}
	b.WriteString("</" + e.name + ">\n")
}

func (e element) appendJSON(dst []byte) []byte {
	switch {
	case !e.time.IsZero():
		return strconv.AppendInt(dst, e.time.Unix(), 10)
	case e.number:
		return append(dst, e.text...)
	case e.children == nil:
		return awsjson.AppendString(dst, e.text)
	}
	dst = append(dst, '{')
	for i, child := range e.children {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(awsjson.AppendString(dst, child.name), ':')
		dst = child.appendJSON(dst)
	}
	return append(dst, '}')
}

// fail answers a request that is refused.
func fail(r *Request, e *refusal) (status int, body []byte) {
	answer := element{name: "ErrorResponse", children: []element{
		{name: "Error", children: []element{
			{name: "Type", text: "Sender"}, {name: "Code", text: e.code}, {name: "Message", text: e.message},
		}},
		{name: "RequestId", text: r.ID},
	}}
	if r.JSON {
		return 400, append(group(answer.children...).appendJSON(nil), '\n')
	}
	return 400, answer.render(false)
}
