package expr

import (
	"strings"
	"sync"
)

// A cache keeps parsed trees by their source text. Clients send the same few
// texts over and over; a client that does not can fill it, but not beyond its
// limits, and what is in use survives.
//
// It has two generations. When the young one is full it becomes the old one,
// and what was old and has not been asked for since is gone.
type cache struct {
	parse func(src string) (*tree, error)

	mu         sync.RWMutex
	young, old map[string]*tree
	size       int // bytes of source in young
}

// The limits of one generation. A tree takes up to some 30 times the room of
// its source text.
const (
	maxTrees  = 2048
	maxSource = 512 << 10
)

var (
	conditions  = cache{parse: parseCondition}
	updates     = cache{parse: parseUpdate}
	projections = cache{parse: parseProjection}
)

// tree returns src parsed. Errors are not kept.
func (c *cache) tree(src string) (*tree, error) {
	c.mu.RLock()
	t, ok := c.young[src]
	c.mu.RUnlock()
	if ok {
		return t, nil
	}
	return c.add(src)
}

// add puts the tree of src into the young generation.
func (c *cache) add(src string) (*tree, error) {
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
		c.young, c.old, c.size = map[string]*tree{}, c.young, 0
	}
	if _, twice := c.young[src]; !twice {
		c.young[src] = t
		c.size += len(src)
	}
	return t, nil
}
