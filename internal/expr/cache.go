package expr

import (
	"strings"
	"sync"
)

// A Cache keeps what source texts were parsed to. Clients send the same few
// texts over and over; a client that does not can fill it, but not beyond its
// limits, and what is in use survives. It is for any number of goroutines.
//
// It has two generations. When the young one is full it becomes the old one,
// and what was old and has not been asked for since is gone.
type Cache[T any] struct {
	parse func(src string) (*T, error)

	mu         sync.RWMutex
	young, old map[string]*T
	size       int // bytes of source in young
}

// The limits of one generation. A tree takes up to some 30 times the room of
// its source text.
const (
	maxTrees  = 2048
	maxSource = 512 << 10
)

var (
	conditions  = NewCache(parseCondition)
	updates     = NewCache(parseUpdate)
	projections = NewCache(parseProjection)
)

// NewCache returns an empty cache of what parse returns, which must not
// change.
func NewCache[T any](parse func(src string) (*T, error)) *Cache[T] {
	return &Cache[T]{parse: parse}
}

// Get returns src parsed. Errors are not kept.
func (c *Cache[T]) Get(src string) (*T, error) {
	c.mu.RLock()
	t, ok := c.young[src]
	c.mu.RUnlock()
	if ok {
		return t, nil
	}
	return c.add(src)
}

// add puts what src is parsed to into the young generation.
func (c *Cache[T]) add(src string) (*T, error) {
	c.mu.RLock()
	t := c.old[src]
	c.mu.RUnlock()
	src = strings.Clone(src) // it may be part of a large request
	if t == nil {
		var err error
		if t, err = c.parse(src); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= maxTrees || c.size+len(src) > maxSource {
		c.young, c.old, c.size = map[string]*T{}, c.young, 0
	}
	if _, twice := c.young[src]; !twice {
		c.young[src] = t
		c.size += len(src)
	}
	return t, nil
}
