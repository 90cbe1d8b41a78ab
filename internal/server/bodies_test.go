package server

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// Of two long requests one waits until the other is answered; short ones pass.
func TestLongBodiesWaitForRoom(t *testing.T) {
	long := `"` + strings.Repeat("x", maxBody*3/4) + `"`
	begun, end := make(chan int, 3), make(chan struct{})
	service := fakeService(func(ctx context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
		begun <- len(call.Body)
		if len(call.Body) > 100 {
			<-end
		}
		return append(dst, "{}"...), nil
	})
	s := New(Config{Service: service, Bodies: 1})
	addr := listen(t, s)
	answers := make(chan string, 2)
	for range 2 {
		go func() {
			_, body := post(t, addr, strings.NewReader(long))
			answers <- body
		}()
	}
	if n := <-begun; n != len(long) {
		t.Fatalf("%d bytes", n)
	}
	if _, body := post(t, addr, strings.NewReader(`""`)); body != "{}" {
		t.Errorf("a short request: %s", body)
	}
	<-begun
	if len(begun) != 0 {
		t.Error("both long requests are in memory")
	}
	for range 2 {
		end <- struct{}{}
		if body := <-answers; body != "{}" {
			t.Errorf("a long request: %s", body)
		}
	}
}

// Slow clients take their time, and nothing from others: fast ones among a
// thousand of them are answered at once.
func TestFastClientsAmongSlowOnes(t *testing.T) {
	inBubble(t, func() *Server { s, _ := newTestServer(answer("{}")); return s }, func(t *testing.T, _ *Server, l *pipeListener) {
		const slow = 1000
		request := "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 1000000\r\n\r\n{"
		var dribblers sync.WaitGroup
		defer dribblers.Wait()
		for i := range slow {
			c := l.dial()
			defer c.Close()
			dribblers.Go(func() { dribble(c, request[:len(request)-i%len(request)]) })
		}
		synctest.Wait()
		for range 50 {
			begin := time.Now()
			c := l.dial()
			sendRequest(t, c, "{}")
			buf := make([]byte, 15)
			if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "HTTP/1.1 200 OK" {
				t.Fatalf("%q, %v", buf, err)
			}
			if took := time.Since(begin); took > 0 {
				t.Errorf("a fast client waited for %v", took)
			}
			c.Close()
		}
	})
}

// dribble sends a byte a second until the server has had enough.
func dribble(c net.Conn, text string) {
	for i := range text {
		if _, err := c.Write([]byte{text[i]}); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}
