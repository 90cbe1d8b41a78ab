package certificate

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestOwnCertificateIsTrustedUnderItsNames(t *testing.T) {
	cert, err := Make(Names, now)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	for _, name := range []string{"localhost", "localhost.localstack.cloud", "dynamodb.localhost.localstack.cloud", "127.0.0.1", "::1"} {
		if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: "example.com", Roots: roots, CurrentTime: now}); err == nil {
		t.Error("it is for example.com, too")
	}
}

func TestOwnCertificateIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	keep := func(names []string, now time.Time) []byte {
		t.Helper()
		cert, err := Keep(dir, names, now)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.Raw
	}
	first := keep(Names, now)
	if !slices.Equal(keep(Names, now.Add(700*24*time.Hour)), first) {
		t.Error("another one was made while the first was good")
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	more := keep(append(slices.Clone(Names), "db.example.com"), now)
	if slices.Equal(more, first) {
		t.Error("one with too few names was good enough")
	}
	if !slices.Equal(keep(Names, now), more) {
		t.Error("one with more names was not good enough")
	}
	if slices.Equal(keep(Names, now.Add(800*24*time.Hour)), more) {
		t.Error("one that expires soon was good enough")
	}

	// What a crash or a disk left.
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(keep(Names, now), more) {
		t.Error("one without its key was good enough")
	}
}

func TestCertificateThatCannotBeKeptIsGood(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cert, err := Keep(file, Names, now)
	if err == nil || cert.Leaf == nil {
		t.Errorf("got %v, %v", cert.Leaf, err)
	}
}

func TestReadCertificate(t *testing.T) {
	dir := t.TempDir()
	if _, err := Keep(dir, Names, now); err != nil {
		t.Fatal(err)
	}
	both := filepath.Join(dir, "both.pem")
	var text []byte
	for _, name := range []string{certFile, keyFile} {
		part, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	if err := os.WriteFile(both, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if cert, err := Read(both, ""); err != nil || cert.Leaf == nil {
		t.Error(err)
	}
	if _, err := Read(File(dir), filepath.Join(dir, keyFile)); err != nil {
		t.Error(err)
	}
	if _, err := Read(File(dir), ""); err == nil {
		t.Error("a certificate without a key was read")
	}
}
