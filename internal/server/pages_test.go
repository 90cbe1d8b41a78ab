package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// get asks s for a page without a network.
func get(s *Server, method, path string, headers ...string) (int, string) {
	r := httptest.NewRequest(method, path, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func call(s *Server, target string) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", target)
	s.ServeHTTP(httptest.NewRecorder(), r)
}

func TestPages(t *testing.T) {
	s, _ := newTestServer(nil)
	health := `200 {"services": {"dynamodb": "available", "dynamodbstreams": "available"}, "edition": "community", "version": "v1"}`
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/healthz", "200 ok"},
		{"GET", "/health", health},
		{"GET", "/_localstack/health", health},
		{"GET", "//_localstack//health", health},
		{"DELETE", "/_localstack/health", "405 method not allowed"},
		{"GET", "/_localstack/nothing", "404 404 page not found\n"},
		{"GET", "/_localstack/init", `200 {"completed":{"BOOT":true,"READY":true,"SHUTDOWN":false,"START":true},"scripts":[]}`},
		{"GET", "/_localstack/init/ready", `200 {"completed":true,"scripts":[]}`},
		{"GET", "/_localstack/init/never", "404 404 page not found\n"},
		{"GET", "/_localstack/plugins", "200 {}"},
		{"GET", "/_localstack/diagnose", "404 404 page not found\n"},
		{"GET", "/debug/pprof/", "404 " + unknownPage},
	} {
		status, body := get(s, test.method, test.path)
		if got := fmt.Sprint(status, " ", body); got != test.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", test.method, test.path, got, test.want)
		}
	}
}

func TestHealthTellsWhatWasUsed(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	call(s, "DynamoDB_20120810.PutItem")
	if _, body := get(s, "GET", "/_localstack/health"); !strings.Contains(body, `{"dynamodb": "running", "dynamodbstreams": "available"}`) {
		t.Errorf("got %s", body)
	}
	s = New(Config{Running: true})
	if _, body := get(s, "GET", "/_localstack/health"); !strings.Contains(body, `{"dynamodb": "running", "dynamodbstreams": "running"}`) {
		t.Errorf("got %s", body)
	}
}

func TestHealthActions(t *testing.T) {
	stopped := 0
	s := New(Config{Stop: func() { stopped++ }, Restart: func() { stopped += 10 }})
	for _, test := range []struct {
		body    string
		want    int
		stopped int
	}{
		{`{"action":"kill"}`, 200, 1},
		{`{"action":"restart"}`, 200, 11},
		{`{"action":"dance"}`, 200, 11},
		{`{}`, 200, 11},
		{``, 400, 11},
		{`null`, 400, 11},
		{`[]`, 400, 11},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("POST", "/_localstack/health", strings.NewReader(test.body)))
		if w.Code != test.want || stopped != test.stopped {
			t.Errorf("%s: got %d, stopped %d times", test.body, w.Code, stopped)
		}
	}
}

// What is put beside the health of services is shown, member by member.
func TestPutHealth(t *testing.T) {
	s, _ := newTestServer(nil)
	put := func(body string) string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("PUT", "/_localstack/health", strings.NewReader(body)))
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	for _, body := range []string{
		`{"features:initScripts":"initialized","b":[1,"x: y, \"z\""]}`, `{"features":{"more":{"x":null}}}`, `{"features:more:y":2,"version":"9","services:sqs":"off"}`,
	} {
		if got := put(body); got != `200 {"status":"OK"}` {
			t.Errorf("%s: %s", body, got)
		}
	}
	for body, want := range map[string]string{
		``: "400 invalid request", `[]`: "400 invalid request", `null`: "400 invalid request",
	} {
		if got := put(body); got != want {
			t.Errorf("%s: %s", body, got)
		}
	}
	want := `{"services": {"dynamodb": "available", "dynamodbstreams": "available", "sqs": "off"}, "b": [1, "x: y, \"z\""], ` +
		`"features": {"initScripts": "initialized", "more": {"x": null, "y": 2}}, "edition": "community", "version": "v1"}`
	if _, body := get(s, "GET", "/_localstack/health"); body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	for n := 0; ; n++ {
		if got := put(fmt.Sprintf(`{"%d":"%s"}`, n, strings.Repeat("x", 60_000))); got != `200 {"status":"OK"}` {
			if n < 10 || got != "413 too much has been put here" {
				t.Errorf("after %d: %s", n, got)
			}
			break
		}
	}
}

func TestRootIsAPageForPeople(t *testing.T) {
	s, _ := newTestServer(nil)
	status, body := get(s, "GET", "http://127.0.0.1:4566/", "Accept: text/html,application/xhtml+xml;q=0.9")
	if status != 200 || !strings.Contains(body, "http://127.0.0.1:4566") || !strings.Contains(body, "/_localstack/health") {
		t.Errorf("got %d %s", status, body)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "<script>"
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "<script>") {
		t.Error("the host is not escaped")
	}
}

func TestInfo(t *testing.T) {
	s, _ := newTestServer(nil)
	status, body := get(s, "GET", "/_localstack/info")
	want := `^{"edition":"community","is_docker":(true|false),"is_license_activated":false,"machine_id":"stator",` +
		`"server_time_utc":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d","session_id":"\w+","system":"\w+/\w+","uptime":\d+,"version":"v1"}$`
	if status != 200 || !regexp.MustCompile(want).MatchString(body) {
		t.Errorf("got %d %s", status, body)
	}
}

func TestProfilesAreServedOnRequest(t *testing.T) {
	s := New(Config{Profiling: true})
	if status, body := get(s, "GET", "/debug/pprof/"); status != 200 || !strings.Contains(body, "goroutine") {
		t.Errorf("got %d %s", status, body)
	}
}

func TestMetrics(t *testing.T) {
	s := New(Config{
		Service: answer("{}"),
		Figures: func() map[string]float64 { return map[string]float64{"disk_bytes": 42} },
	})
	call(s, "DynamoDB_20120810.PutItem")
	call(s, "DynamoDB_20120810.PutItem")
	for i := range 10 {
		call(s, fmt.Sprint("DynamoDB_20120810.Attack", i))
	}
	s.conf.Service = fail(noGood)
	call(s, "DynamoDB_20120810.GetItem")
	s.conf.Service = fail(io.ErrUnexpectedEOF)
	call(s, "DynamoDB_20120810.GetItem")
	_, body := get(s, "GET", "/metrics")
	for _, want := range []string{
		`stator_requests_total{error="",operation="PutItem"} 2`,
		`stator_requests_total{error="ValidationException",operation="GetItem"} 1`,
		`stator_requests_total{error="InternalServerError",operation="GetItem"} 1`,
		`stator_requests_total{error="UnknownOperationException",operation="unknown"} 10`,
		`stator_request_duration_seconds_count{operation="PutItem"} 2`,
		`stator_request_bytes_total{operation="PutItem"} 4`,
		`stator_response_bytes_total{operation="PutItem"} 4`,
		`stator_requests_in_flight 0`,
		`stator_store_disk_bytes 42`,
		`go_goroutines `,
		`process_start_time_seconds `,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(body, "Attack") {
		t.Error("a client's word became a label")
	}
}

func TestForeignOriginsAreRefused(t *testing.T) {
	for _, test := range []struct {
		extra  []string
		origin string
		host   string
		want   bool
	}{
		{nil, "http://localhost:3000", "", true},
		{nil, "https://localhost", "", true},
		{nil, "http://app.localhost:8080", "", true},
		{nil, "http://127.0.0.1:5173", "", true},
		{nil, "http://127.8.8.8", "", true},
		{nil, "http://[::1]:5173", "", true},
		{nil, "file://", "", true},
		{nil, "https://app.localstack.cloud", "", false},
		{[]string{"https://app.localstack.cloud"}, "https://app.localstack.cloud", "", true},
		{nil, "https://dynamodb.localhost.localstack.cloud:4566", "", true},
		{nil, "https://localhost.localstack.cloud.example.com", "", false},
		{nil, "app://dynobase", "", true},
		{[]string{"null"}, "null", "", true},
		{nil, "https://localhost.localstack.cloud:4566", "", true},
		{nil, "http://192.168.1.5:4566", "192.168.1.5:4566", true},
		{nil, "http://192.168.1.5:80", "192.168.1.5:4566", false},
		{nil, "http://192.168.1.6:4566", "192.168.1.5:4566", false},
		{nil, "http://rebound.example:4566", "rebound.example:4566", false},
		{nil, "https://example.com", "", false},
		{nil, "https://localhost.example.com", "", false},
		{nil, "https://notlocalhost", "", false},
		{nil, "https://localhost@example.com", "", false},
		{nil, "null", "", false},
		{nil, "ftp://localhost", "", false},
		{nil, "https://app.localstack.cloud:8443", "", false},
		{[]string{"https://Example.com/"}, "https://example.com", "", true},
		{[]string{"https://example.com"}, "http://example.com", "", false},
		{[]string{"*"}, "null", "", true},
	} {
		if got := newOrigins(test.extra, "").allow(test.origin, test.host); got != test.want {
			t.Errorf("extra %v: %s at %s: %v", test.extra, test.origin, test.host, got)
		}
	}
}

// What pages of the own machine are answered is what AWS answers all, but for
// their origin where AWS says *. [1.22] [1.23]
func TestOriginsOnTheWire(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	send := func(method, origin string, headers ...string) (int, string, http.Header) {
		r := httptest.NewRequest(method, "/", strings.NewReader("{}"))
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String(), w.Header()
	}

	status, body, h := send("POST", "https://evil.example")
	if status != 403 || body != "" || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("foreign post: %d %s %v", status, body, h)
	}
	if status, body, h = send("OPTIONS", "https://evil.example"); status != 403 || body != "" {
		t.Errorf("foreign preflight: %d %s %v", status, body, h)
	}
	status, body, h = send("POST", "http://localhost:3000")
	if status != 200 || body != "{}" || h.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || h.Get("Vary") != "Origin" ||
		h.Get("Access-Control-Allow-Credentials") != "true" || h.Get("Access-Control-Expose-Headers") != "x-amzn-requestid,x-amz-crc32,x-srv-explain" {
		t.Errorf("own post: %d %s %v", status, body, h)
	}
	status, body, h = send("OPTIONS", "http://localhost:3000",
		"Access-Control-Request-Headers: content-type,x-amz-target", "Access-Control-Request-Method: POST",
		"Access-Control-Request-Private-Network: true")
	if status != 200 || body != "" || h.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || h.Get("Access-Control-Max-Age") != "172800" ||
		h.Get("Access-Control-Allow-Headers") != "content-type,x-amz-target" || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Errorf("preflight: %d %s %v", status, body, h)
	}
}

// No answer tells that pages of all origins may read it.
func TestOriginIsNeverAStar(t *testing.T) {
	s := New(Config{Service: answer("{}"), CORS: CORS{Origins: []string{"*"}}})
	for _, method := range []string{"POST", "OPTIONS", "GET"} {
		r := httptest.NewRequest(method, "/", strings.NewReader("{}"))
		r.Header.Set("Origin", "https://example.com")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "https://example.com" {
			t.Errorf("%s: got %q", method, got)
		}
	}
}

func TestHeadersForWebPagesCanBeLeftOut(t *testing.T) {
	send := func(cors CORS, method string) *httptest.ResponseRecorder {
		s := New(Config{Service: answer("{}"), CORS: cors})
		r := httptest.NewRequest(method, "/", strings.NewReader("{}"))
		r.Header.Set("Origin", "http://localhost:3000")
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for _, method := range []string{"POST", "OPTIONS"} {
		w := send(CORS{NoHeaders: true}, method)
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control-") || name == "Vary" || w.Code != 200 {
				t.Errorf("%s: %d %v", method, w.Code, w.Header())
			}
		}
	}
	if w := send(CORS{NoPreflight: true}, "OPTIONS"); w.Code != 404 || w.Header().Get("Access-Control-Max-Age") != "" {
		t.Errorf("a preflight: %d %v", w.Code, w.Header())
	}
	if got := send(CORS{Expose: []string{"x-mine"}}, "POST").Header().Get("Access-Control-Expose-Headers"); got != "x-amzn-requestid,x-amz-crc32,x-srv-explain,x-mine" {
		t.Errorf("exposed: %s", got)
	}
}

// A name of a stranger that leads to this machine does not show his pages what
// is here.
func TestStrangersNamesAreRefused(t *testing.T) {
	s := New(Config{Service: answer("{}"), ExternalHost: "db.example.com:4566", CORS: CORS{Origins: []string{"https://tool.example.com"}}})
	s.Handle("/_admin/clock", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, 200, "") }))
	for _, test := range []struct {
		host, path, language string
		want                 int
	}{
		{"evil.example:4566", "/_admin/clock", "de", 403},
		{"evil.example", "/_admin/clock", "*", 403},
		{"evil.example:4566", "//_admin/clock", "de", 403},
		{"evil.example:4566", "/_admin/clock", "", 200}, // no browser
		{"evil.example:4566", "/_localstack/health", "de", 200},
		{"localhost:4566", "/_admin/clock", "de", 200},
		{"127.0.0.1:4566", "/_admin/clock", "de", 200},
		{"[::1]:4566", "/_admin/clock", "de", 200},
		{"192.168.1.5:4566", "/_admin/clock", "de", 200},
		{"stator:4566", "/_admin/clock", "de", 200},
		{"DB.example.com:4566", "/_admin/clock", "de", 200},
		{"tool.example.com", "/_admin/clock", "de", 200},
		{"localhost.localstack.cloud:4566", "/_admin/clock", "de", 200},
	} {
		r := httptest.NewRequest("GET", "http://"+test.host+test.path, nil)
		if test.language != "" {
			r.Header.Set("Accept-Language", test.language)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s%s, language %q: %d", test.host, test.path, test.language, w.Code)
		}
	}
}

func TestServicesThatAreNotServed(t *testing.T) {
	s := New(Config{Service: answer("{}"), Services: []string{"dynamodb"}, Header: true})
	send := func(target string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", target)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	if w := send("DynamoDB_20120810.PutItem"); w.Code != 200 || w.Header().Get("x-localstack") != "true" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	want := `{"__type":"InternalFailure","message":"Service 'dynamodbstreams' is not enabled. Please check your 'SERVICES' configuration variable."}`
	if w := send("DynamoDBStreams_20120810.ListStreams"); w.Code != 501 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/_localstack/health", nil))
	if !strings.Contains(w.Body.String(), `"dynamodb": "running", "dynamodbstreams": "disabled"`) {
		t.Errorf("got %s", w.Body)
	}
}
