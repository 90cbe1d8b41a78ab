package main

import (
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"time"

	"github.com/statordb/stator/internal/certificate"
	"github.com/statordb/stator/internal/option"
)

// tlsConfig returns how clients are talked to that speak TLS. The certificate is
// the one that opts name, or one of our own, which is kept with the data.
func tlsConfig(opts *option.Options, log *slog.Logger) (*tls.Config, error) {
	cert, err := serverCertificate(opts, log)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

func serverCertificate(opts *option.Options, log *slog.Logger) (tls.Certificate, error) {
	if opts.TLSCert != "" {
		return certificate.Read(opts.TLSCert, opts.TLSKey)
	}
	names := slices.Clone(certificate.Names)
	if host, _, err := net.SplitHostPort(opts.ExternalHost); err == nil && !slices.Contains(names, host) {
		names = append(names, host)
	}
	now := time.Now() // not the service's: clients have clocks of their own
	if opts.Memory || opts.Store != "" {
		return certificate.Make(names, now)
	}
	cert, err := certificate.Keep(filepath.Join(opts.Data, "tls"), names, now)
	if err != nil && cert.Leaf != nil {
		log.Warn("clients that trust the server's certificate must trust another one when it starts again", "error", err)
		err = nil
	}
	return cert, err
}
