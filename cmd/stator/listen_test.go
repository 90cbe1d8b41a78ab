package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/statordb/stator/internal/option"
)

func TestServerSpeaksTLSWithACertificateThatItKeeps(t *testing.T) {
	data := t.TempDir()
	roots := x509.NewCertPool()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	for i := range 2 {
		r := start(t, []string{"--data", data})
		pem, err := os.ReadFile(filepath.Join(data, "tls", "certificate.pem"))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && !roots.AppendCertsFromPEM(pem) {
			t.Fatalf("no certificate: %s", pem)
		}
		for _, scheme := range []string{"http", "https"} {
			resp, err := (&http.Client{Transport: transport}).Get(scheme + "://" + r.addr + "/_localstack/health")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Errorf("%s: %s", scheme, resp.Status)
			}
		}
		r.signal(t, syscall.SIGTERM)
		if status := r.end(t); status != 0 || r.errOut.Len() > 0 {
			t.Errorf("status %d: %s", status, &r.errOut)
		}
	}

	// As the user's own, in one file.
	key, err := os.ReadFile(filepath.Join(data, "tls", "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(data, "tls", "certificate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	both := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(both, append(pem, key...), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, []string{"--memory"}, "CUSTOM_SSL_CERT_PATH="+both, "USE_SSL=1", "LOCALSTACK_HOST=localhost.localstack.cloud")
	_, port, _ := net.SplitHostPort(r.addr)
	for _, want := range []string{"Endpoint  https://" + r.addr, "AWS_ENDPOINT_URL=https://localhost.localstack.cloud:" + port + " "} {
		if !strings.Contains(r.banner, want) {
			t.Errorf("no %q in\n%s", want, r.banner)
		}
	}
	resp, err := (&http.Client{Transport: transport}).Get("https://" + r.addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	r.signal(t, syscall.SIGTERM)
	r.end(t)

	status, _, errOut := run(t, []string{"--memory", "--listen=127.0.0.1:0", "--tls-cert=/does/not/exist"})
	if want := "stator: certificate /does/not/exist: open /does/not/exist: no such file or directory\n"; status != 1 || errOut != want {
		t.Errorf("status %d: %s", status, errOut)
	}
}

func TestLogInJSONTellsWhereTheServerIs(t *testing.T) {
	r := start(t, []string{"--memory", "--log-format=json"})
	if !strings.HasPrefix(r.banner, "{") || !strings.Contains(r.banner, `"endpoints":["http://`+r.addr+`"]`) {
		t.Errorf("got %s", r.banner)
	}
	r.signal(t, syscall.SIGTERM)
	r.end(t)
}

func TestOneMorePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	opts := &option.Options{
		Listen:    []string{"127.0.0.1:0"},
		LocalPort: taken.Addr().(*net.TCPAddr).Port,
		Settings:  []option.Setting{{Name: "local-port", Source: option.FromDefault}},
	}
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	// A port that nobody asked for.
	listeners, err := listen(t.Context(), opts, log)
	if err != nil || len(listeners) != 1 || strings.Count(logged.String(), "\n") != 1 {
		t.Errorf("got %v, %v, %s", listeners, err, &logged)
	}
	closeAll(listeners)
	// One that somebody has asked for.
	opts.Settings = nil
	if listeners, err := listen(t.Context(), opts, log); err == nil {
		t.Errorf("got %v", listeners)
		closeAll(listeners)
	}
	taken.Close()
	listeners, err = listen(t.Context(), opts, log)
	if err != nil || len(listeners) != 2 {
		t.Errorf("got %v, %v", listeners, err)
	}
	closeAll(listeners)
	// One that is listened at already.
	opts.Listen = []string{taken.Addr().String()}
	if listeners, err = listen(t.Context(), opts, log); err != nil || len(listeners) != 1 {
		t.Errorf("got %v, %v", listeners, err)
	}
	closeAll(listeners)
}

func TestBothPortsHaveTheSameTables(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(addr)
	r := start(t, []string{"--memory"}, "DYNAMODB_LOCAL_PORT="+port)
	call := func(addr, operation, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+addr+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	call(r.addr, "CreateTable", `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`)
	if got := call(addr, "ListTables", "{}"); got != `{"TableNames":["tab"]}` {
		t.Errorf("got %s", got)
	}
	r.signal(t, syscall.SIGTERM)
	r.end(t)
}
