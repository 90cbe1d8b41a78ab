package option

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultHost = "127.0.0.1"
	defaultPort = "4566"
)

// parseListen reads a list of addresses to listen at. What is left out of one
// is filled from the default; one that another covers is dropped: 0.0.0.0
// covers all of IPv4 at its port, and [::] everything.
func parseListen(s string) ([]string, error) {
	var list []string
	for _, part := range splitList(s) {
		addr, err := parseAddress(part)
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

func parseAddress(s string) (string, error) {
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
	if !isPort(port) || strings.ContainsAny(host, " /[]") || (notIP != nil && strings.Contains(host, ":")) {
		return "", fmt.Errorf("%q is not HOST:PORT", s)
	}
	return net.JoinHostPort(host, port), nil
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
