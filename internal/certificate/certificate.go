// Package certificate has the certificate that the server shows to clients which
// speak TLS: one that it is given, or else one that it makes for itself and
// keeps, so that a client which was told to trust it need not be told again.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Names are the names that a certificate of our own is for: those of this
// machine, and LocalStack's, which are names of this machine, too.
var Names = []string{"localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud", "127.0.0.1", "::1"}

// lifetime is the longest that systems of Apple accept; one that has less than
// renewal left is made anew.
const (
	lifetime = 825 * 24 * time.Hour
	renewal  = 30 * 24 * time.Hour
)

// Read returns the certificate in a PEM file. Its key is in keyFile, or, if that
// is "", in the same file.
func Read(file, keyFile string) (tls.Certificate, error) {
	if keyFile == "" {
		keyFile = file
	}
	cert, err := tls.LoadX509KeyPair(file, keyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %s: %w", file, err)
	}
	return cert, nil
}

// The files of a certificate of our own.
const (
	certFile = "certificate.pem"
	keyFile  = "key.pem"
)

// Keep returns the certificate that is kept in dir, if it is for all of the names
// and will be for a while, or one that it makes and keeps there. If it cannot be
// kept, the certificate is good all the same, and the error says why.
func Keep(dir string, names []string, now time.Time) (tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, certFile), filepath.Join(dir, keyFile))
	if err == nil && good(cert.Leaf, names, now) {
		return cert, nil
	}
	certPEM, keyPEM, err := create(names, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	if cert, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		return tls.Certificate{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cert, fmt.Errorf("keep the certificate: %w", err)
	}
	// A crash between the two leaves a pair that does not fit, and so is made
	// anew.
	if err := errors.Join(write(dir, keyFile, keyPEM, 0o600), write(dir, certFile, certPEM, 0o644)); err != nil {
		return cert, fmt.Errorf("keep the certificate: %w", err)
	}
	return cert, nil
}

// Make returns a certificate that is kept nowhere.
func Make(names []string, now time.Time) (tls.Certificate, error) {
	certPEM, keyPEM, err := create(names, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// File returns where in dir the certificate is, for clients that are to trust it.
func File(dir string) string { return filepath.Join(dir, certFile) }

func good(leaf *x509.Certificate, names []string, now time.Time) bool {
	if now.Before(leaf.NotBefore) || now.Add(renewal).After(leaf.NotAfter) {
		return false
	}
	have := map[string]bool{}
	for _, name := range leaf.DNSNames {
		have[name] = true
	}
	for _, ip := range leaf.IPAddresses {
		have[ip.String()] = true
	}
	for _, name := range names {
		if !have[name] {
			return false
		}
	}
	return true
}

func create(names []string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Organization: []string{"stator"}, CommonName: names[0]},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		// Some clients trust nothing else than an authority.
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	return certPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), nil
}

// write replaces a file as a whole.
func write(dir, name string, data []byte, mode os.FileMode) error {
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file+".new", data, mode); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
