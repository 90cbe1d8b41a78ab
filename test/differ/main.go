// Command differ sends the same generated requests, valid and broken, to stator
// and to other servers that speak DynamoDB's protocol, and tells where stator
// alone differs. None of the others is the truth; a difference is a question,
// which docs/compatibility.md answers where stator is right.
//
//	go run ./differ --stator http://127.0.0.1:4566 --peer one=http://127.0.0.1:8001 --peer two=http://127.0.0.1:8002 --for 1h
//
// It prints each kind of difference once, with the conversation that leads to
// it, and ends with status 1 if there was one that known.txt does not explain.
// Of a request with several faults it finds out whether all know them and only
// look for them in another order; such a kind is a pair of checks.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	d := differ{out: os.Stdout, found: map[string]int{}}
	var peers servers
	stator := flag.String("stator", "http://127.0.0.1:4566", "the `URL` of stator")
	flag.Var(&peers, "peer", "`NAME=URL` of another server; give two or more")
	last := flag.Duration("for", time.Minute, "how long to go on")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "where the conversations begin; each has the next number")
	flag.StringVar(&d.lead, "lead", "", "also tell where stator differs from the peer with this `NAME`, whatever the others say")
	flag.BoolVar(&d.whole, "whole", false, "show the whole conversation that leads to a difference, not only its last request")
	flag.Parse()
	if len(peers) == 0 || d.lead != "" && !slices.ContainsFunc(peers, func(s server) bool { return s.name == d.lead }) {
		fmt.Fprintln(os.Stderr, "differ: give at least one --peer, and --lead the name of one")
		os.Exit(2)
	}
	d.servers = append(servers{{"stator", *stator, map[string]string{}}}, peers...)
	var err error
	if d.known, err = readKnown(knownText); err != nil {
		fmt.Fprintln(os.Stderr, "differ:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *last)
	defer cancel()
	for ; ctx.Err() == nil; *seed++ {
		if err := d.converse(ctx, *seed); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "differ:", err)
			os.Exit(2)
		}
	}
	d.summary(*seed)
	if d.findings > 0 {
		os.Exit(1)
	}
}

// A server is one to which requests are sent.
type server struct {
	name, url string
	names     map[string]string // what it calls tables and streams
}

// servers are given as flags.
type servers []server

func (s *servers) String() string { return "" }

// Set implements flag.Value.
func (s *servers) Set(text string) error {
	name, url, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q is not NAME=URL", text)
	}
	*s = append(*s, server{name, url, map[string]string{}})
	return nil
}

// A conversation has so many requests after its tables are made.
const length = 40

// converse has one conversation, which the seed alone decides. It ends early
// when the servers do not hold the same items any more.
func (d *differ) converse(ctx context.Context, seed uint64) error {
	g := newGenerator(rand.New(rand.NewPCG(seed, 0)), fmt.Sprintf("differ-%d-", seed))
	var said []request
	defer func() {
		for _, s := range d.servers {
			clear(s.names)
		}
		for _, t := range g.tables { // whatever else happens, leave nothing behind
			_, _ = d.ask(context.WithoutCancel(ctx), request{op: "DeleteTable", body: object{"TableName": t.name}})
		}
	}()
	say := func(r request) (same bool, err error) {
		said = append(said, r)
		answers, err := d.ask(ctx, r)
		if err != nil {
			return false, err
		}
		d.requests++
		same, err = d.compare(ctx, seed, said, answers)
		return same || r.reads(), err
	}
	for _, t := range g.tables {
		if same, err := say(request{op: "CreateTable", body: t.create()}); err != nil || !same {
			return err
		}
	}
	for range length {
		if same, err := say(g.request()); err != nil || !same {
			return err
		}
	}
	for _, t := range g.tables { // what has come of it all
		for _, r := range []request{{"Scan", object{"TableName": t.name}}, {records, t.name}} {
			if _, err := say(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// records asks for all that a table's stream has.
const records = "records"
