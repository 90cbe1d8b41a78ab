package option

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	defaultPort = "4566"
	// localPort is where clients of DynamoDB Local look for it.
	localPort = "8000"
)

// containerMarks are files that there are in containers only.
var containerMarks = []string{"/.dockerenv", "/run/.containerenv"}

// defaultHost returns the addresses of this machine that clients are expected
// to call: those of a container are called from outside.
func defaultHost() string {
	for _, file := range containerMarks {
		if _, err := os.Stat(file); err == nil {
			return "0.0.0.0"
		}
	}
	return "127.0.0.1"
}

// findListen returns the default.
func findListen(*Options, func(string) string) (string, error) {
	return net.JoinHostPort(defaultHost(), defaultPort), nil
}

// findLocalPort returns DynamoDB Local's port where nobody has said where to
// listen.
func findLocalPort(o *Options, _ func(string) string) (string, error) {
	if o.ByDefault("listen") {
		return localPort, nil
	}
	return "0", nil
}

// parseListen reads a list of addresses to listen at. What is left out of one
// is filled from the default; one that another covers is dropped: 0.0.0.0
// covers all of IPv4 at its port, and [::] everything.
func parseListen(s, defaultHost string) ([]string, error) {
	var list []string
	for _, part := range splitList(s) {
		addr, err := parseAddress(part, defaultHost, defaultPort)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, addr) {
			list = append(list, addr)
		}
	}
	if list == nil {
		return nil, errors.New("names no address")
	}
	all := slices.Clone(list)
	return slices.DeleteFunc(list, func(addr string) bool { return covered(addr, all) }), nil
}

func parseAddress(s, defaultHost, defaultPort string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	switch {
	case err == nil:
	case isPort(s):
		host, port = "", s
	default: // a host alone, IPv6 with or without brackets
		host, port = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"), ""
	}
	if host == "" {
		host = defaultHost
	}
	if port == "" {
		port = defaultPort
	}
	_, notIP := netip.ParseAddr(host)
	if !isPort(port) || strings.ContainsFunc(host, notOfHost) || (notIP != nil && strings.Contains(host, ":")) {
		return "", fmt.Errorf("%q is not HOST:PORT", s)
	}
	return net.JoinHostPort(host, port), nil
}

// notOfHost reports whether no host has r in its name.
func notOfHost(r rune) bool {
	return strings.ContainsRune("/[]", r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// covered reports whether listening at one of the others includes addr.
func covered(addr string, others []string) bool {
	host, port, _ := net.SplitHostPort(addr)
	if port == "0" {
		return false
	}
	if host != "::" && slices.Contains(others, "[::]:"+port) {
		return true
	}
	return host != "0.0.0.0" && !strings.Contains(host, ":") && slices.Contains(others, "0.0.0.0:"+port)
}

// setExternalHost reads the host, with or without a port, that clients know.
func setExternalHost(o *Options, s string) error {
	if s == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(o.Listen[0])
	if err != nil {
		return err
	}
	if o.ExternalHost, err = parseAddress(s, "", port); err == nil && strings.HasPrefix(o.ExternalHost, ":") {
		err = fmt.Errorf("%q names no host", s)
	}
	return err
}
